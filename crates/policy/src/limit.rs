//! Limits as obligations: what a call must spend, and the bounds it must stay within.

use std::fmt;
use std::num::NonZeroU64;

use crate::amount::Amount;

/// What one call owes one counter. All charges of a call are spent, or none. A charge without a
/// bound is only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub counter: CounterKey,
    pub amount: Amount,
    pub bounds: Vec<Bound>,
}

/// No window of this length may hold more than `max`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub window: Window,
    pub max: Amount,
    /// JSON pointer of the limit in the document.
    pub pointer: String,
    /// What the author wants the agent to hear.
    pub on_deny: Option<String>,
    pub refund: Refund,
}

/// Which counter: scope, who or what it is kept for, name and unit, as one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey(pub String);

impl fmt::Display for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
