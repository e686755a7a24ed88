//! What a person reads: the tests that fail, and the rules that none asks.

use std::fmt::Write as _;

use toolgate_policy::cases::{Came, Covered, Expected, Trial};
use toolgate_policy::document::{self, Examined};

use super::Tested;
use crate::exit::Failure;
use crate::output::{self, visible};

pub(super) fn tell(all: &[Tested], coverage: bool, untested: usize) -> Result<(), Failure> {
    let mut out = String::new();
    for tested in all {
        match &tested.examined {
            None => refused(tested),
            Some(examined) => {
                out.extend(
                    examined.trials.iter().filter(|t| !t.passed()).map(|t| failure(examined, t)),
                );
                out.push_str(&summary(tested, examined));
                if coverage {
                    out.push_str(&uncovered(tested, examined));
                }
            }
        }
    }
    if all.len() > 1 || untested > 0 {
        out.push_str(&total(all, untested));
    }
    output::print(&out)
}

fn refused(tested: &Tested) {
    let findings = document::render(&tested.remarks, &tested.text, output::colour());
    output::tell(findings.trim_end());
    let (name, count) = (&tested.name, tested.errors());
    output::tell(&format!("toolgate: {name}: {}, so no test is run", counted(count, "error")));
}

fn failure(examined: &Examined, trial: &Trial) -> String {
    let line = examined.line_at(trial.span.start);
    let name = trial.name.as_deref().unwrap_or("a test without a name");
    let name = visible(name);
    let mut out = format!("FAILED {name} (line {line})\n");
    let mut row = |what: &str, value: &str| {
        let rest = value.replace('\n', "\n            ");
        let _ = writeln!(out, "  {what:<8}  {rest}");
    };
    row("call", &visible(&trial.call));
    row("expected", &visible(&expected(&trial.expected)));
    row("came", &visible(&came(&trial.came)));
    if !trial.came.says.is_empty() {
        row("says", &visible(&trial.came.says));
    }
    if let Some(by) = decided(examined, trial) {
        row("rule", &by);
    }
    if trial.expected.owes.is_some() {
        row("owes", &visible(&trial.came.owes.join("\n")));
    }
    out.push('\n');
    out
}

/// The rule that decided, with its line.
fn decided(examined: &Examined, trial: &Trial) -> Option<String> {
    let came = &trial.came;
    if came.pointer.is_empty() {
        return None;
    }
    if came.layer != trial.layer {
        return Some(format!("{} of the policy above, layer {}", came.pointer, came.layer));
    }
    let line = examined.line(&came.pointer).map(|line| format!("line {line}, "));
    let name = examined.rule_name(&came.pointer).map(|name| format!(" `{}`", visible(name)));
    Some(format!(
        "{}{}{}",
        line.unwrap_or_default(),
        visible(&came.pointer),
        name.unwrap_or_default()
    ))
}

fn expected(expected: &Expected) -> String {
    let mut all = vec![expected.effect.to_string()];
    all.extend(expected.code.as_ref().map(|code| format!("code {code}")));
    all.extend(expected.rule.as_ref().map(|rule| format!("rule {}", rule.named)));
    all.extend(expected.layer.map(|layer| format!("layer {layer}")));
    all.extend(expected.retry_after_s.map(|seconds| format!("retry after {seconds} s")));
    all.extend(expected.says.as_ref().map(|says| format!("says `{says}`")));
    all.extend(expected.owes.as_ref().map(|owes| format!("owes `{}`", owes.join("; "))));
    all.join(", ")
}

fn came(came: &Came) -> String {
    let mut all = vec![came.effect.to_string()];
    all.extend(came.code.map(|code| format!("code {code}")));
    let retry_s = came.retry_after_ms.map(|ms| ms.div_ceil(1000));
    all.extend(retry_s.map(|seconds| format!("retry after {seconds} s")));
    all.join(", ")
}

fn summary(tested: &Tested, examined: &Examined) -> String {
    let (passed, failed) = (tested.passed(), tested.failed());
    let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    let rules = match examined.coverage.rules.len() {
        0 => String::new(),
        _ => format!("; {} % of its rules decide a test", examined.coverage.percent()),
    };
    format!("{}: {passed} passed{failed}{rules}\n", visible(&tested.name))
}

fn uncovered(tested: &Tested, examined: &Examined) -> String {
    let coverage = &examined.coverage;
    let (covered, all) = (coverage.covered(), coverage.rules.len());
    let mut out =
        format!("{}: {covered} of {} covered\n", visible(&tested.name), counted(all, "rule"));
    for rule in coverage.rules.iter().filter(|rule| !rule.is_covered()) {
        let line = examined.line(&rule.pointer).unwrap_or(1);
        let pointer = visible(&rule.pointer);
        let _ = writeln!(out, "  line {line:<4} {pointer}: {}", uncovered_why(rule));
    }
    out
}

fn uncovered_why(rule: &Covered) -> String {
    match rule.passed {
        0 => "no test gets there".to_owned(),
        passed => format!("lets {} pass, and decides none", counted(passed, "call")),
    }
}

fn total(all: &[Tested], untested: usize) -> String {
    let passed: usize = all.iter().map(Tested::passed).sum();
    let failed: usize = all.iter().map(Tested::failed).sum();
    let mut out = format!("{}: {passed} passed, {failed} failed", counted(all.len(), "policy"));
    let refused = all.iter().filter(|tested| tested.examined.is_none()).count();
    if refused > 0 {
        let _ = write!(out, "; {refused} with errors");
    }
    if untested > 0 {
        let _ = write!(out, "; {} without tests", counted(untested, "document"));
    }
    out.push('\n');
    out
}

fn counted(count: usize, word: &str) -> String {
    match (count, word) {
        (1, _) => format!("1 {word}"),
        (_, "policy") => format!("{count} policies"),
        _ => format!("{count} {word}s"),
    }
}
