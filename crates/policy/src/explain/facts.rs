//! What conditions found: which value stands where, and what follows from it.

use crate::call::Call;
use crate::condition::{Condition, Judgement, Match};
use crate::reason;
use crate::rule::{Check, Increment, Test};
use crate::words::cut;

/// Longer values are shortened.
const SHOWN_CHARS_MAX: usize = 200;

/// One condition on one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `args.amount`
    pub path: String,
    /// The argument as the agent knows it: without `args.`
    pub argument: String,
    /// What is asked: `must be at most 100`. Of a `deny_if`, what it takes not to be denied; of
    /// what a limit counts, nothing.
    pub must: Option<String>,
    /// What stands there, as JSON; nothing if nothing does.
    pub actual: Option<String>,
    /// What the condition, as it is written, says of that.
    pub truth: Truth,
    /// Why it cannot be said whether it holds.
    pub why: Option<String>,
}

/// What a condition says of a call. Doubt denies, whichever way the condition is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Nothing stands at the path.
    Absent,
    No,
    Unknown,
    Yes,
}

impl Truth {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

pub(super) fn of(check: &Check, call: &Call) -> Vec<Fact> {
    match &check.test {
        Test::Approve(ask) => {
            let conditions = ask.conditions.iter();
            conditions.map(|one| fact(one, call, one.operator.required())).collect()
        }
        Test::DenyIf(condition) => vec![fact(condition, call, condition.operator.forbidden())],
        Test::Limit(limit) => match &limit.increment {
            Increment::Argument(path) => vec![counted(path, call)],
            Increment::Fixed(_) => Vec::new(),
        },
        Test::Require(condition) => vec![fact(condition, call, condition.operator.required())],
        Test::Deny | Test::RequiredArgs | Test::Schema => Vec::new(),
    }
}

fn fact(condition: &Condition, call: &Call, must: String) -> Fact {
    let judgement = condition.judge(call.arguments());
    let (truth, actual) = match judgement {
        Judgement::Absent => (Truth::Absent, None),
        Judgement::Doubt(_) => (Truth::Unknown, None),
        Judgement::Match(Match::No, value) => (Truth::No, Some(value)),
        Judgement::Match(Match::Unknown, value) => (Truth::Unknown, Some(value)),
        Judgement::Match(Match::Yes, value) => (Truth::Yes, Some(value)),
        Judgement::Missing(holds) => (if holds { Truth::Yes } else { Truth::No }, None),
    };
    Fact {
        path: condition.path.as_str().to_owned(),
        argument: condition.path.argument().to_owned(),
        must: Some(must),
        actual: actual.map(|value| shown(value.raw())),
        truth,
        why: reason::doubt(condition, judgement),
    }
}

fn counted(path: &crate::path::Path, call: &Call) -> Fact {
    use crate::path::Lookup;
    let (truth, actual, why) = match path.find(call.arguments()) {
        Lookup::Absent => (Truth::Absent, None, None),
        Lookup::Doubt(doubt) => (Truth::Unknown, None, Some(reason::doubt_words(doubt))),
        Lookup::Found(value) => (Truth::Yes, Some(shown(value.raw())), None),
    };
    let (path, argument) = (path.as_str().to_owned(), path.argument().to_owned());
    Fact { path, argument, must: None, actual, truth, why }
}

fn shown(raw: &[u8]) -> String {
    cut(&String::from_utf8_lossy(raw), SHOWN_CHARS_MAX)
}
