//! Limits as obligations: what a call must spend, and the bounds it must stay within.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

use crate::amount::Amount;

/// What one call owes one counter. All charges of a call are spent, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub counter: Counter,
    pub amount: Amount,
    pub bounds: Vec<Bound>,
}

/// A counter as the document names it. It is kept under every [`Scope`] at once, whichever its
/// bounds have: a limit whose scope is edited later finds what was spent until then.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counter {
    pub name: Arc<str>,
    pub unit: Unit,
}

/// What a counter adds up. Calls and amounts of one name are two counters, and what limits in
/// shadow would have counted is two more: it never weighs on a limit that is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    Amount,
    Calls,
    ShadowAmount,
    ShadowCalls,
}

/// No window of this length may hold more than `max`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub scope: Scope,
    pub window: Window,
    pub max: Amount,
    /// JSON pointer of the limit in the document.
    pub pointer: Arc<str>,
    /// Which policy that document is, where several decide: 0 is the outermost.
    pub layer: usize,
    /// What the author wants the agent to hear.
    pub on_deny: Option<Arc<str>>,
    pub refund: Refund,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub length_s: NonZeroU64,
    pub align: Align,
}

/// Where windows begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    /// At whole multiples of the length since the Unix epoch, UTC: minutes, hours, days.
    Calendar,
    /// Everywhere: the bound holds in any span of this length.
    Sliding,
}

/// For whom a counter is kept. Each but `Global` is kept per server too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    Global,
    #[default]
    Grant,
    Principal,
    Server,
}

/// When a spent amount comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Refund {
    /// Only if nothing was sent upstream.
    #[default]
    NotSent,
    /// Also if the upstream answered with an error.
    OnError,
}

impl Unit {
    const ALL: [Self; 4] = [Self::Amount, Self::Calls, Self::ShadowAmount, Self::ShadowCalls];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Calls => "calls",
            Self::ShadowAmount => "shadow_amount",
            Self::ShadowCalls => "shadow_calls",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == text)
    }

    /// Whether it is what limits in shadow would have counted.
    pub fn is_shadow(self) -> bool {
        matches!(self, Self::ShadowAmount | Self::ShadowCalls)
    }

    fn in_shadow(self) -> Self {
        match self {
            Self::Amount | Self::ShadowAmount => Self::ShadowAmount,
            Self::Calls | Self::ShadowCalls => Self::ShadowCalls,
        }
    }
}

impl Counter {
    /// The counter of the same name that limits in shadow go by.
    pub(crate) fn in_shadow(&self) -> Self {
        Self { name: Arc::clone(&self.name), unit: self.unit.in_shadow() }
    }
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::Global, Self::Grant, Self::Principal, Self::Server];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Grant => "grant",
            Self::Principal => "principal",
            Self::Server => "server",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.unit.as_str())
    }
}
