//! One entry of the log, as a reader sees it.

use bytes::Bytes;
use toolgate_policy::{Amount, Caller, Counter, Scope, Window};

use crate::approval::{Verdict, Way};
use crate::chain::{ChainId, DecisionId, Hash, hex};
use crate::facts::{Effect, Facts, Outcome};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub chain: ChainId,
    pub seq: u64,
    pub hash: Hash,
    /// The time that limits go by.
    pub time_ns: u64,
    /// The wall clock's time, since the Unix epoch.
    pub wall_ms: u64,
    pub kind: Kind,
    /// The very bytes that are hashed.
    pub(crate) body: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Answered(Answered),
    Changed(Changed),
    Closed(Closed),
    Denied(Denied),
    Note(Note),
    Opened(Opening),
}

/// A call was let through: written before its first byte went upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub facts: Facts,
    pub spent: Vec<Spent>,
    /// What rules in shadow would have made of it; nothing where they had nothing to say.
    pub shadow: Option<Would>,
}

/// What would have become of a call, had the rules in shadow been enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Would {
    /// Nothing if it would have been let through all the same.
    pub effect: Option<Effect>,
    /// Stable name of the reason, as a real denial has it; empty where nothing stops the call.
    pub code: String,
    pub pointer: String,
    /// Which policy that is in, where several decided: 0 is the outermost.
    pub layer: usize,
    /// What limits in shadow counted; what they had no room for, where that is the reason.
    pub spent: Vec<Spent>,
}

/// What became of an opened call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Sequence number of the opened entry.
    pub opened: u64,
    pub outcome: Outcome,
    /// The ids of what was found in the result.
    pub findings: Vec<String>,
    pub duration_us: u64,
    /// What was given back, at the time when it was spent.
    pub refund: Vec<(Counter, Amount)>,
}

/// A call was not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub facts: Facts,
    pub effect: Effect,
    pub code: String,
    pub pointer: String,
    /// Which policy that is in, where several decided: 0 is the outermost.
    pub layer: usize,
    pub retry_after_ms: Option<u64>,
    /// What the call would have spent, where a limit refused it.
    pub wanted: Vec<Spent>,
}

/// A question to people ended before the call came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub approval: String,
    pub verdict: Verdict,
    /// Who answered, as `issuer:subject`, and how; nothing if nobody did.
    pub by: Option<(String, Way)>,
    pub reason: Option<String>,
    /// The decision that the question was about.
    pub asked: String,
    pub caller: Caller,
    pub method: String,
    pub tool: Option<String>,
}

/// Somebody changed the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub code: String,
    /// What was changed: the name of a server, a policy or a grant.
    pub subject: String,
    pub text: String,
    /// Who did it.
    pub by: String,
}

/// Something about the log itself, or what its writer wanted remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub code: String,
    pub text: String,
}

/// One charge: what was taken from a counter, and how each of its bounds stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    pub counter: Counter,
    pub amount: Amount,
    pub bounds: Vec<Level>,
}

/// How full a window was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    pub scope: Scope,
    pub window: Window,
    pub max: Amount,
    pub pointer: String,
    pub layer: usize,
    pub before: Amount,
    /// Nothing if the call was refused.
    pub after: Option<Amount>,
}

impl Closed {
    /// Nothing reached the server, so that nothing is counted.
    pub fn is_unsent(&self) -> bool {
        self.outcome == Outcome::NotSent
    }
}

impl Entry {
    pub fn decision_id(&self) -> DecisionId {
        self.chain.decision(self.seq)
    }

    /// Whether this is how the call ended that entry `opened` let through.
    pub(crate) fn closes(&self, opened: u64) -> bool {
        matches!(&self.kind, Kind::Closed(closed) if closed.opened == opened)
    }

    /// One line of JSON: the body as it was hashed, with three members before its own. Cutting
    /// these out again gives back the hashed bytes.
    pub fn to_json(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let (id, hash) = (self.decision_id(), hex(&self.hash));
        let rest = body.strip_prefix('{').unwrap_or(&body);
        format!(r#"{{"seq":{},"id":"{id}","hash":"{hash}",{rest}"#, self.seq)
    }
}
