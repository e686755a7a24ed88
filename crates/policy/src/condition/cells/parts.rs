//! What the tests ask about: the literals, patterns and bounds in them.

use toolgate_json::Decimal;

use super::{Probe, quoted};
use crate::condition::host_in::Hosts;
use crate::condition::literal::Literal;
use crate::condition::operator::{Operator, Test};
use crate::condition::path_within::Roots;

/// The values that a test compares with as a whole.
pub(super) fn literals<'a>(probes: &[Probe<'a>]) -> Vec<&'a Literal> {
    let mut all = Vec::new();
    for probe in probes {
        match probe {
            Probe::Equals(literal) => all.push(*literal),
            Probe::Is(Operator(Test::Equal(literal) | Test::NotEqual(literal))) => {
                all.push(literal);
            }
            Probe::Is(Operator(Test::NoneOf(list) | Test::OneOf(list))) => all.extend(list),
            Probe::Is(_) => {}
        }
    }
    all
}

/// Numbers at which an answer may change, in order.
pub(super) fn points(probes: &[Probe<'_>]) -> Vec<Decimal> {
    let mut points: Vec<Decimal> = Vec::new();
    for literal in literals(probes) {
        if let Literal::Number(number) = literal {
            points.push(number.exact().clone());
        }
    }
    for probe in probes {
        if let Probe::Is(Operator(Test::Order(_, number))) = probe {
            points.push(number.exact().clone());
        }
    }
    points.sort();
    points.dedup();
    points
}

/// What is asked of texts beyond which text it is.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    /// Regular expressions.
    pub(super) patterns: Vec<String>,
    pub(super) lengths: Vec<(u64, Option<u64>)>,
    pub(super) folders: Vec<&'a Roots>,
    pub(super) hosts: Vec<&'a Hosts>,
    pub(super) is_public: bool,
    pub(super) is_sensitive: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn of(probes: &[Probe<'a>]) -> Self {
        let mut asked = Self::default();
        for probe in probes {
            let Probe::Is(Operator(test)) = probe else { continue };
            match test {
                Test::Contains(part) => asked.patterns.extend(contained(&part.literal)),
                Test::Host(hosts) => asked.hosts.push(hosts),
                Test::Length { min, max } => asked.lengths.push((*min, *max)),
                Test::Pattern(regex, _) | Test::Search(regex) => {
                    asked.patterns.push(regex.as_str().to_owned());
                }
                Test::Public(_) => asked.is_public = true,
                Test::Sensitive(_) => asked.is_sensitive = true,
                Test::Within(roots) => asked.folders.push(roots),
                Test::Any(_)
                | Test::Each(_)
                | Test::Equal(_)
                | Test::Exists(_)
                | Test::NoneOf(_)
                | Test::NotEqual(_)
                | Test::OneOf(_)
                | Test::Order(..) => {}
            }
        }
        asked
    }
}

/// The expression for a text that stands somewhere in another.
fn contained(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Text(text) => Some(regex::escape(text)),
        _ => None,
    }
}

/// The literal as JSON.
pub(super) fn json(literal: &Literal) -> String {
    match literal {
        Literal::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Literal::Object(members) => {
            let member = |(key, value): &(crate::fold::Key, Literal)| {
                format!("{}:{}", quoted(key.text()), json(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(","))
        }
        Literal::Text(text) => quoted(text),
        Literal::Bool(_) | Literal::Null | Literal::Number(_) => literal.to_string(),
    }
}
