//! One question with all that is known of it.

use toolgate_policy::Caller;

use super::Way;

/// A question that was put to people, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: String,
    pub state: State,
    pub caller: Caller,
    /// What the client calls itself: a label, never an identity.
    pub client: Option<String>,
    pub method: String,
    pub tool: Option<String>,
    /// Of the policies that want it.
    pub revision: String,
    /// Of the whole arguments, keyed; nothing if there are none.
    pub digest: Option<String>,
    /// Of the tool's definition.
    pub fingerprint: Option<[u8; 32]>,
    pub rules: Vec<Rule>,
    /// The author's words.
    pub words: Option<String>,
    /// Who may answer; anybody who approves at all if empty.
    pub approvers: Vec<String>,
    /// Where the secret is found whose holder may answer too.
    pub signed_by: Option<String>,
    pub in_client: bool,
    /// Canonical JSON text. Nothing once it is no longer needed: it is kept for the question, not
    /// for history.
    pub arguments: Option<String>,
    /// Of the whole text: what is longer than [`Self::arguments`] was cut.
    pub arguments_bytes: u64,
    /// The entry of the log that asks.
    pub decision_id: String,
    pub asked_ms: u64,
    /// When people were last to be told; an equal call later may move it.
    pub told_ms: u64,
    /// By the wall clock as it is now.
    pub expires_ms: u64,
    /// 0 once it has expired.
    pub left_ms: u64,
    pub given: Option<Given>,
    /// The decision that let the call through.
    pub used: Option<String>,
}

/// One rule that wants a person's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// JSON pointer into the policy.
    pub pointer: String,
    /// Which policy that is, where several decide: 0 is the outermost.
    pub layer: usize,
}

/// How it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub yes: bool,
    pub issuer: String,
    pub subject: String,
    pub way: Way,
    pub reason: Option<String>,
    pub answered_ms: u64,
}

/// How a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Yes, and the call has not come since.
    Approved,
    Denied,
    /// Nobody answered in time, or the call did not come in time.
    Expired,
    Pending,
    /// The call was let through.
    Used,
    /// Whoever asked does not wait for it any more.
    Withdrawn,
}

impl Approval {
    /// Whether less than all arguments can be shown.
    pub fn is_cut(&self) -> bool {
        let shown = self.arguments.as_ref().map_or(0, String::len);
        u64::try_from(shown).is_ok_and(|shown| shown < self.arguments_bytes)
    }
}

impl State {
    const ALL: [Self; 6] =
        [Self::Approved, Self::Denied, Self::Expired, Self::Pending, Self::Used, Self::Withdrawn];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Pending => "pending",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Given {
    /// As people and the log name whoever answered.
    pub fn name(&self) -> String {
        format!("{}:{}", self.issuer, self.subject)
    }
}
