//! What one run found, and how two runs differ.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

pub(super) struct Outcome {
    /// The suite's own word: its exit code.
    pub(super) passed: bool,
    /// What had to be run for that word to count.
    pub(super) scored: Vec<String>,
    pub(super) scenarios: Vec<Scenario>,
    /// Where everything is that the run left behind.
    pub(super) folder: PathBuf,
}

pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) is_scored: bool,
    pub(super) checks: Vec<Check>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Check {
    id: String,
    name: String,
    status: Status,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Failure,
    /// A note of the suite for its reader.
    Info,
    Skipped,
    Success,
    Warning,
}

/// Not compared, and scored nowhere: whether a client could come back for an answer. A gate takes
/// up by itself what its server broke off, so that the client never has to.
const UNCOMPARED: &str = "server-sse-disconnect-resume";

impl Outcome {
    pub(super) fn count(&self, status: Status) -> usize {
        let checks = self.scenarios.iter().flat_map(|scenario| &scenario.checks);
        checks.filter(|check| check.status == status).count()
    }

    pub(super) fn problems(&self) -> impl Iterator<Item = String> {
        let refused = (!self.passed).then(|| {
            format!("the suite does not pass; what it says is in {}", self.folder.display())
        });
        let missing = self.scored.iter().filter(|name| {
            !self.scenarios.iter().any(|scenario| scenario.name == **name && scenario.has_run())
        });
        let missing = missing.map(|name| format!("scenario `{name}` was not run"));
        let nothing = self.scored.is_empty().then(|| "no scenario is scored".to_owned());
        refused.into_iter().chain(nothing).chain(missing)
    }

    pub(super) fn json(&self) -> Value {
        let scenarios: Vec<Value> = self.scenarios.iter().map(Scenario::json).collect();
        json!({
            "passed": self.passed,
            "checks_passed": self.count(Status::Success),
            "checks_failed": self.count(Status::Failure),
            "scenarios": scenarios,
        })
    }
}

impl Scenario {
    fn has_run(&self) -> bool {
        self.judged().next().is_some()
    }

    /// Notes are no checks: how many there are depends on how the bytes came in.
    fn judged(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.status != Status::Info)
    }

    fn json(&self) -> Value {
        let checks: Vec<String> = self.judged().map(ToString::to_string).collect();
        json!({"name": self.name, "scored": self.is_scored, "checks": checks})
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.id, self.name, self.status)
    }
}

/// A line for each scenario that the two runs do not agree on.
pub(super) fn differences(direct: &Outcome, gated: &Outcome) -> Vec<String> {
    let mut names: Vec<&str> =
        direct.scenarios.iter().chain(&gated.scenarios).map(|s| s.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| difference(name, direct, gated)).collect()
}

fn difference(name: &str, direct: &Outcome, gated: &Outcome) -> Option<String> {
    let checks = |outcome: &Outcome| {
        let scenario = outcome.scenarios.iter().find(|scenario| scenario.name == name)?;
        let compared = scenario.judged().filter(|check| check.id != UNCOMPARED);
        Some(compared.map(ToString::to_string).collect::<Vec<_>>())
    };
    let (direct, gated) = (checks(direct), checks(gated));
    if direct == gated {
        return None;
    }
    let (direct, gated) = (direct.unwrap_or_default(), gated.unwrap_or_default());
    let only = |these: &[String], those: &[String]| {
        let only: Vec<&str> =
            these.iter().filter(|check| !those.contains(check)).map(String::as_str).collect();
        if only.is_empty() { "nothing".to_owned() } else { only.join(", ") }
    };
    Some(format!(
        "`{name}` differs: only directly {}; only through the gate {}",
        only(&direct, &gated),
        only(&gated, &direct)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(scenarios: &[(&str, &[Status])]) -> Outcome {
        let scenario = |(name, statuses): &(&str, &[Status])| Scenario {
            name: (*name).to_owned(),
            is_scored: true,
            checks: statuses
                .iter()
                .map(|&status| Check { id: "id".into(), name: "Name".into(), status })
                .collect(),
        };
        Outcome {
            passed: true,
            scored: vec!["ping".to_owned()],
            scenarios: scenarios.iter().map(scenario).collect(),
            folder: PathBuf::new(),
        }
    }

    const PASSES: &[Status] = &[Status::Success];

    #[test]
    fn a_check_that_fails_only_through_the_gate_is_a_difference() {
        let direct = outcome(&[("ping", &[Status::Success, Status::Success])]);
        let gated = outcome(&[("ping", &[Status::Success, Status::Failure])]);
        let [difference] = differences(&direct, &gated).try_into().unwrap();
        assert_eq!(
            difference,
            "`ping` differs: only directly nothing; only through the gate id Name Failure"
        );
    }

    #[test]
    fn a_check_or_a_scenario_that_is_missing_is_a_difference() {
        let direct = outcome(&[("ping", &[Status::Success, Status::Success])]);
        assert_eq!(differences(&direct, &outcome(&[("ping", PASSES)])).len(), 1);
        assert_eq!(differences(&direct, &outcome(&[])).len(), 1);
        assert_eq!(differences(&outcome(&[]), &direct).len(), 1);
    }

    #[test]
    fn notes_do_not_differ() {
        let direct = outcome(&[("ping", &[Status::Info, Status::Success])]);
        assert_eq!(differences(&direct, &outcome(&[("ping", PASSES)])), Vec::<String>::new());
    }

    #[test]
    fn what_was_not_run_did_not_pass() {
        assert_eq!(outcome(&[("ping", PASSES)]).problems().count(), 0);
        assert_eq!(outcome(&[("ping", &[Status::Info])]).problems().count(), 1);
        assert_eq!(outcome(&[("other", PASSES)]).problems().count(), 1);
        let nothing = Outcome { scored: Vec::new(), ..outcome(&[("ping", PASSES)]) };
        assert_eq!(nothing.problems().count(), 1);
        let refused = Outcome { passed: false, ..outcome(&[("ping", PASSES)]) };
        assert_eq!(refused.problems().count(), 1);
    }
}
