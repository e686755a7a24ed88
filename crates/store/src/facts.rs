//! What a caller tells the log, and what it hears.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use toolgate_policy::{Bound, Caller, Charge, Shadow};

use crate::approval::{Binding, Owed, Standing};
use crate::chain::DecisionId;
use crate::directory::Freeze;
use crate::encode::Closing;

/// Who called what: the same for every kind of decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub caller: Arc<Caller>,
    /// What the client calls itself. A label, never an identity.
    pub client: Option<String>,
    /// Id of the trace that the call is part of, as W3C Trace Context writes it. A label too.
    pub trace: Option<String>,
    pub method: String,
    /// What the method is about: a tool's or a prompt's name, a resource's URI.
    pub tool: Option<String>,
    pub arguments: Option<Arguments>,
    /// Of the policies in force.
    pub revision: Arc<str>,
    /// The directory that the call was decided by; nothing if it was by none. Not recorded.
    pub directory: Option<u64>,
    /// The approval that let the call pass, or that it waits for.
    pub approval: Option<String>,
}

/// A call's arguments as the log keeps them: by default only their digest and names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Keyed, of the canonical form: equal arguments have equal digests in one directory.
    pub digest: String,
    /// Names at the top level, sorted.
    pub keys: Vec<String>,
    /// JSON text; only where the policy wants it kept.
    pub raw: Option<Bytes>,
}

/// A call that is allowed once it is recorded and its limits hold.
#[derive(Clone, Debug)]
pub struct Intent {
    pub facts: Facts,
    pub charges: Vec<Charge>,
    /// A person's yes that is used up with it; nothing for a call that needs none.
    pub approval: Option<Owed>,
    /// What rules in shadow would have made of it: recorded with it, and without consequence.
    pub shadow: Option<Box<Shadow>>,
}

#[must_use]
#[derive(Debug)]
pub enum Admission {
    Admitted(Opened),
    Frozen(Frozen),
    Refused(Refused),
    /// The directory has changed: nothing was spent or recorded, and the call is to be decided
    /// again.
    Stale,
    /// There is no yes to use: nothing was spent or recorded.
    Unapproved(Standing),
}

/// An admitted call: spent and recorded, to be closed once its outcome is known.
#[must_use]
#[derive(Debug)]
pub struct Opened {
    pub(crate) id: DecisionId,
    pub(crate) time_ns: u64,
    pub(crate) caller: Arc<Caller>,
    pub(crate) spent: Arc<[Charge]>,
    /// The approval that was used up.
    pub(crate) approval: Option<Arc<str>>,
    /// What it is bound to next.
    pub(crate) next: OnceLock<Binding>,
    pub(crate) closed: AtomicBool,
}

/// A call that a freeze does not let pass. Nothing was spent; the denial is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    pub freeze: Freeze,
    pub decision_id: String,
    /// When to ask again: somebody may have thawed it by then.
    pub retry_after_ms: u64,
}

/// A call that some limit does not let pass. Nothing was spent; the refusal is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// `limit`; `counters_full` or `history_short` where the store cannot tell.
    pub code: &'static str,
    /// The bound that does not hold.
    pub bound: Option<Box<Bound>>,
    /// When the call would pass if nothing else is spent until then; nothing if never.
    pub retry_after_ms: Option<u64>,
    pub decision_id: String,
}

/// Why a call was not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub effect: Effect,
    /// Stable name of the reason.
    pub code: String,
    /// JSON pointer into the policy; empty where no rule stands behind it.
    pub pointer: String,
    /// Which policy that is, where several decide: 0 is the outermost.
    pub layer: usize,
    pub retry_after_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Deny,
    Limit,
    Pending,
}

/// How an admitted call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    /// Given up by the client after it was sent.
    Cancelled,
    /// The upstream went away before it answered.
    Disconnected,
    /// Answered; the text of the result gives orders, and it passed as it came.
    Flagged,
    /// Nothing reached the upstream.
    NotSent,
    /// Answered with a JSON-RPC error.
    ProtocolError,
    /// Answered; what gave orders was taken out of the result.
    Stripped,
    TimedOut,
    /// Answered with `isError`.
    ToolError,
    /// Answered; the result gives orders and was kept from the client.
    Withheld,
}

impl Frozen {
    pub const CODE: &str = "frozen";
    /// Nobody knows how long a freeze lasts: often enough not to be left behind, seldom enough
    /// not to fill the log.
    pub const RETRY_MS: u64 = 60_000;
}

impl Opened {
    /// `counts` says whether what limits in shadow would have counted was counted.
    pub(crate) fn new(id: DecisionId, time_ns: u64, intent: Intent, counts: bool) -> Self {
        let shadow = intent.shadow.filter(|_| counts).map(|shadow| shadow.charges);
        let (caller, mut charges) = (intent.facts.caller, intent.charges);
        charges.extend(shadow.unwrap_or_default());
        let spent = charges.into();
        Self {
            id,
            time_ns,
            caller,
            spent,
            approval: None,
            next: OnceLock::new(),
            closed: AtomicBool::new(false),
        }
    }

    pub(crate) fn with_approval(self, id: Option<String>) -> Self {
        Self { approval: id.map(Into::into), ..self }
    }

    /// Nothing if the call was closed before: a refund must not be given twice.
    pub(crate) fn closing(
        &self,
        outcome: Outcome,
        duration_us: u64,
        refund: bool,
    ) -> Option<Closing> {
        self.closing_with(outcome, Arc::default(), duration_us, refund)
    }

    /// The same, with what was found in the result.
    pub(crate) fn closing_with(
        &self,
        outcome: Outcome,
        findings: Arc<[&'static str]>,
        duration_us: u64,
        refund: bool,
    ) -> Option<Closing> {
        if self.closed.swap(true, Ordering::Relaxed) {
            return None;
        }
        let refund = if refund { self.spent.clone() } else { Arc::default() };
        let next = self.next.get().copied();
        let not_sent = outcome == Outcome::NotSent;
        let is_whole = not_sent || next.is_some();
        Some(Closing {
            opened: self.id.seq(),
            opened_ns: self.time_ns,
            caller: Arc::clone(&self.caller),
            outcome,
            findings,
            duration_us,
            refund,
            approval: self.approval.clone().filter(|_| is_whole),
            next: next.filter(|_| !not_sent),
        })
    }

    pub fn decision_id(&self) -> String {
        self.id.to_string()
    }

    /// The server wants another round before it answers: once this is closed, the yes that was
    /// used counts for that round, and for no other call. Its time stays as it is.
    pub fn go_on(&self, next: Binding) {
        let _ = self.next.set(next);
    }

    /// The approval that was used up.
    pub fn approval(&self) -> Option<&str> {
        self.approval.as_deref()
    }
}

impl Effect {
    const ALL: [Self; 3] = [Self::Deny, Self::Limit, Self::Pending];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Limit => "limit",
            Self::Pending => "pending",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == text)
    }
}

impl Outcome {
    const ALL: [Self; 10] = [
        Self::Answered,
        Self::Cancelled,
        Self::Disconnected,
        Self::Flagged,
        Self::NotSent,
        Self::ProtocolError,
        Self::Stripped,
        Self::TimedOut,
        Self::ToolError,
        Self::Withheld,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Cancelled => "cancelled",
            Self::Disconnected => "disconnected",
            Self::Flagged => "flagged",
            Self::NotSent => "not_sent",
            Self::ProtocolError => "protocol_error",
            Self::Stripped => "stripped",
            Self::TimedOut => "timed_out",
            Self::ToolError => "tool_error",
            Self::Withheld => "withheld",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}
