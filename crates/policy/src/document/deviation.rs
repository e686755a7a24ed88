//! Where a rule means something else than in the product its notation comes from.

/// Each is told once per document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Deviation {
    /// `1` and `"1"` differ.
    Coercion,
    /// Windows slide, counters are kept per grant, failed calls count.
    Limits,
}

impl Deviation {
    /// What is told, and what can be done about it.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Coercion => (
                "values are compared as they stand: `1`, `\"1\"` and `true` all differ",
                "an argument of another type denies the call; see docs/policy.md",
            ),
            Self::Limits => (
                "limits hold in any span of their length, for each grant, and failed calls count",
                "`align`, `scope` and `refund` in `limits` say otherwise; see docs/policy.md",
            ),
        }
    }
}
