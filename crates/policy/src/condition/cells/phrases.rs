//! Which texts or lists are meant, in words.

use super::{Probe, What};
use crate::condition::Match;
use crate::condition::literal::Literal;
use crate::condition::operator::{Operator, Test};

/// Nothing: all texts.
pub(super) fn of_text(probes: &[Probe<'_>], answers: &[Match], is_other: bool) -> Option<String> {
    let asks = |test: &Test| match test {
        Test::Contains(part) => matches!(part.literal, Literal::Text(_)),
        Test::Host(_)
        | Test::Length { .. }
        | Test::Pattern(..)
        | Test::Public(_)
        | Test::Search(_)
        | Test::Sensitive(_)
        | Test::Within(_) => true,
        _ => false,
    };
    let said = said(probes, answers, asks);
    match (is_other, said) {
        (false, None) => None,
        (true, None) => Some("any other text".to_owned()),
        (false, Some(said)) => Some(format!("a text that {said}")),
        (true, Some(said)) => Some(format!("another text that {said}")),
    }
}

pub(super) fn of_list(probes: &[Probe<'_>], answers: &[Match]) -> Option<String> {
    let asks = |test: &Test| match test {
        Test::Any(_) | Test::Contains(_) | Test::Each(_) | Test::Length { .. } => true,
        Test::Equal(literal) | Test::NotEqual(literal) => matches!(literal, Literal::Array(_)),
        Test::NoneOf(list) | Test::OneOf(list) => {
            list.iter().any(|literal| matches!(literal, Literal::Array(_)))
        }
        _ => false,
    };
    said(probes, answers, asks).map(|said| format!("a list that {said}"))
}

fn said(probes: &[Probe<'_>], answers: &[Match], asks: impl Fn(&Test) -> bool) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    for (probe, answer) in probes.iter().zip(answers) {
        if let Probe::Is(operator) = probe
            && asks(&operator.0)
        {
            said.push(stated(operator, *answer));
        }
    }
    (!said.is_empty()).then(|| said.join(" and "))
}

/// `must match …` as a statement.
fn stated(operator: &Operator, answer: Match) -> String {
    let required = operator.required();
    let (is_negated, rest) = match required.strip_prefix("must not ") {
        Some(rest) => (true, rest),
        None => (false, required.strip_prefix("must ").unwrap_or(&required)),
    };
    let (verb, object) = rest.split_once(' ').unwrap_or((rest, ""));
    match (answer, is_negated) {
        (Match::Yes, false) | (Match::No, true) => match verb {
            "be" => format!("is {object}"),
            "have" => format!("has {object}"),
            "match" => format!("matches {object}"),
            _ => format!("{verb}s {object}"),
        },
        (Match::Yes, true) | (Match::No, false) if verb == "be" => format!("is not {object}"),
        (Match::Yes, true) | (Match::No, false) => format!("does not {rest}"),
        (Match::Unknown, _) => format!("cannot be told to {rest}"),
    }
}

impl What {
    /// All values that are of one type, in words.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "true or false",
            Self::List(_) => "any list",
            Self::Null => "null",
            Self::Number(_) | Self::Unclear => "any number",
            Self::Object(_) => "any object",
            Self::Quoted(_) | Self::Text(_) => "any text",
        }
    }
}
