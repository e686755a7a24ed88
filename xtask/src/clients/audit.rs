//! The audit log beside what was done: every decision once, every call closed.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::client::Client;
use super::place::Place;
use super::scenario::{Expected, Step};
use crate::{Result, command};

/// How many records there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    denied: usize,
    limited: usize,
    opened: usize,
    answered: usize,
}

/// What is wrong with the log, once the gate has ended. Where calls take several rounds, each
/// is one of its own, so that there may be more than steps.
pub(super) fn problems(
    place: &Place,
    state: &Path,
    client: &Client,
    steps: &[Step],
) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let verified = Command::new(place.binary("toolgate"))
        .args(["audit", "verify", "--state"])
        .arg(state)
        .output()?;
    if !verified.status.success() {
        let said = String::from_utf8_lossy(&verified.stderr).trim().to_owned();
        problems.push(format!("audit verify: {}: {said}", verified.status));
    }
    let (found, wanted) = (read(place, state)?, wanted(client, steps));
    let rounds = found.opened.saturating_sub(wanted.opened);
    let has_rounds = steps.iter().any(|step| matches!(step.expected, Expected::Progress { .. }));
    let wanted = if has_rounds {
        Counts { opened: wanted.opened + rounds, answered: wanted.answered + rounds, ..wanted }
    } else {
        wanted
    };
    if found != wanted {
        problems.push(format!("the audit log has {found:?}, not {wanted:?}"));
    }
    Ok(problems)
}

fn read(place: &Place, state: &Path) -> Result<Counts> {
    let mut export = Command::new(place.binary("toolgate"));
    export.args(["audit", "export", "--jsonl", "--state"]).arg(state);
    let text = command::output(&mut export)?;
    let mut counts = Counts::default();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let record: Value = serde_json::from_slice(line)?;
        match (record["kind"].as_str(), record["effect"].as_str()) {
            (Some("denied"), Some("deny")) => counts.denied += 1,
            (Some("denied"), Some("limit")) => counts.limited += 1,
            (Some("opened"), _) => counts.opened += 1,
            (Some("closed"), _) if record["outcome"] == "answered" => counts.answered += 1,
            _ => {}
        }
    }
    Ok(counts)
}

fn wanted(client: &Client, steps: &[Step]) -> Counts {
    let mut counts = Counts::default();
    for step in steps {
        let allowed = match step.expected {
            Expected::Allowed(_) | Expected::Progress { .. } => 1,
            Expected::Together { allowed, .. } => allowed,
            _ => 0,
        };
        counts.opened += allowed;
        counts.answered += allowed;
        match step.expected {
            Expected::Denied => counts.denied += 1,
            // The Inspector looks into the list and does not call what is not there.
            Expected::Unknown => counts.denied += usize::from(!client.connects_per_step),
            Expected::Limited => counts.limited += 1,
            Expected::Together { limited, .. } => counts.limited += limited,
            Expected::Allowed(_)
            | Expected::Listed { .. }
            | Expected::Pending
            | Expected::Pong
            | Expected::Progress { .. } => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::client::CLIENTS;
    use super::super::scenario::Policy;
    use super::super::server::EVERYTHING;
    use super::*;

    #[test]
    fn every_step_has_its_records() {
        let counts = |policy: Policy| wanted(&CLIENTS[0], &policy.steps(&CLIENTS[0], &EVERYTHING));
        let gateway = Counts { denied: 5, limited: 6, opened: 10, answered: 10 };
        assert_eq!(counts(Policy::Gateway), gateway);
        let hidden = Counts { denied: 5, limited: 2, opened: 2, answered: 2 };
        assert_eq!(counts(Policy::HiddenYaml), hidden);
    }
}
