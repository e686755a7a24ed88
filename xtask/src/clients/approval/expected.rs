//! What must come of a case: for the client, for whoever was asked, at the sentinel.

use toolgate_testkit::Ledger;

use super::{Answer, Case, Kind};
use crate::clients::judge::step_problem;
use crate::clients::scenario::Expected;

/// Begins every question of the gate.
const QUESTION: &str = "A policy wants a person's approval for this one call.";

/// Everything that is wrong, a line each.
pub(super) fn problems(case: &Case, answers: &[Answer], ledger: &Ledger) -> Vec<String> {
    let mut problems: Vec<String> = steps(case.kind)
        .iter()
        .filter_map(|(step, expected)| step_of(step, *expected, answers))
        .collect();
    if let Some(broken) = answers.iter().find(|answer| answer.step() == "session") {
        problems.push(format!("the session broke: {}", broken.shown()));
    }
    let asked = answers.iter().filter(|answer| answer.step() == "asked");
    let asked = asked.filter(|answer| answer.asked().starts_with(QUESTION)).count();
    let (wanted, ran) = (questions(case.kind), ran(case));
    if asked != wanted {
        problems.push(format!("the client was asked {asked} times, not {wanted}"));
    }
    for (tool, count) in ran {
        let found = ledger.calls_of(tool).len();
        if found != count {
            problems.push(format!("`{tool}` reached the server {found} times, not {count}"));
        }
    }
    problems
}

fn step_of(step: &str, expected: Expected, answers: &[Answer]) -> Option<String> {
    let own: Vec<_> = answers.iter().filter(|answer| answer.step() == step).collect();
    let problem = match own.as_slice() {
        [answer] => {
            step_problem(expected, answer).map(|what| format!("{what}: {}", answer.shown()))
        }
        own => Some(format!("{} answers", own.len())),
    };
    problem.map(|problem| format!("step `{step}`: {problem}"))
}

fn steps(kind: Kind) -> &'static [(&'static str, Expected)] {
    const HELLO: Expected = Expected::Allowed("hello");
    match kind {
        Kind::Accepted => {
            &[("one", HELLO), ("two", HELLO), ("ask", Expected::Allowed(r#""sure":true"#))]
        }
        Kind::Declined => &[("one", Expected::Denied), ("two", Expected::Denied)],
        Kind::Held => &[("one", HELLO)],
        Kind::Pending => {
            &[("one", Expected::Pending), ("two", HELLO), ("three", Expected::Pending)]
        }
    }
}

/// How often the user at the client is asked. What was declined is not asked again.
fn questions(kind: Kind) -> usize {
    match kind {
        Kind::Accepted => 3,
        Kind::Declined => 1,
        Kind::Held | Kind::Pending => 0,
    }
}

/// Each yes lets one call pass; one whose server asks back takes two rounds in the modern era.
fn ran(case: &Case) -> [(&'static str, usize); 2] {
    let rounds = if case.is_modern() { 2 } else { 1 };
    match case.kind {
        Kind::Accepted => [("echo", 2), ("ask", rounds)],
        Kind::Declined => [("echo", 0), ("ask", 0)],
        Kind::Held | Kind::Pending => [("echo", 1), ("ask", 0)],
    }
}
