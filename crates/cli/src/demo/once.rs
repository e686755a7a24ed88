//! `demo --once`: a scripted session over a real exchange, and what came of it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use toolgate_json::{Document, Value};

use super::POLICY;
use super::script::{Expected, STEPS, Step};
use super::table::table;
use crate::audit;
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::json::Object;
use crate::output;

/// What became of one step.
pub(super) struct Played {
    pub(super) step: &'static Step,
    pub(super) heard: Heard,
    /// Whether the call arrived at the shop.
    pub(super) arrived: bool,
}

/// What the client was told.
pub(super) struct Heard {
    pub(super) outcome: Outcome,
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Allow,
    /// With its code.
    Deny(String),
    Limit,
    Refuse,
    Unknown,
}

impl Played {
    pub(super) fn as_expected(&self) -> bool {
        let told = match (&self.heard.outcome, self.step.expected) {
            (Outcome::Allow, Expected::Allow)
            | (Outcome::Limit, Expected::Limit)
            | (Outcome::Refuse, Expected::Refuse)
            | (Outcome::Unknown, Expected::Unknown) => true,
            (Outcome::Deny(code), Expected::Deny(expected)) => code == expected,
            _ => false,
        };
        told && self.arrived == (self.step.expected == Expected::Allow)
    }
}

pub(crate) fn once() -> Result<ExitCode, Failure> {
    let unexpected = |text: String| Failure::new(Exit::Unexpected, format!("demo: {text}"));
    let place = tempfile::tempdir()
        .map_err(|e| unexpected(format!("cannot make a temporary directory: {e}")))?;
    output::print(&format!("The policy:\n\n{POLICY}\n"))?;
    let session = Session::new(place.path()).map_err(unexpected)?;
    let played = session.play().map_err(unexpected)?;
    output::print(&format!("{}\n\n", table(&played)))?;
    output::print(&format!("{}\n{}\n", summary(&played), session.verified()?))?;
    let expected = played.iter().all(Played::as_expected);
    Ok(if expected { Exit::Ok } else { Exit::Unexpected }.into())
}

/// One gate in front of one shop, in a directory of its own.
struct Session {
    policy: PathBuf,
    state: PathBuf,
    ledger: PathBuf,
}

impl Session {
    fn new(place: &Path) -> Result<Self, String> {
        let policy = place.join("policy.yaml");
        fs::write(&policy, POLICY).map_err(|e| format!("cannot write the policy: {e}"))?;
        Ok(Self { policy, state: place.join("state"), ledger: place.join("ledger") })
    }

    fn play(&self) -> Result<Vec<Played>, String> {
        let mut client = Client::start(self.gate()?)?;
        greet(&mut client)?;
        let mut played = Vec::with_capacity(STEPS.len());
        for step in &STEPS {
            let before = self.arrived();
            let params =
                Object::new().text("name", step.tool).raw("arguments", step.arguments).finish();
            let heard = hear(&client.ask("tools/call", &params)?);
            // The shop writes its ledger before it answers: what is not there now never came.
            played.push(Played { step, heard, arrived: self.arrived() > before });
        }
        let status = client.end()?;
        if status.success() { Ok(played) } else { Err(format!("the gate ended with {status}")) }
    }

    /// This very program, as it would stand in a client's configuration.
    fn gate(&self) -> Result<Command, String> {
        let toolgate = env::current_exe().map_err(|e| format!("cannot find myself: {e}"))?;
        let mut command = Command::new(&toolgate);
        command.arg("run").arg("--policy").arg(&self.policy);
        command.arg("--state").arg(&self.state).args(["--server", "demo-shop", "--"]);
        command.arg(&toolgate).arg("demo-shop").arg("--ledger").arg(&self.ledger);
        Ok(command)
    }

    /// Whether the audit log holds, and all of the calls.
    fn verified(&self) -> Result<String, Failure> {
        let log = audit::open(&self.state)?;
        let report = log.verify(None);
        let mut unclosed = log.unclosed(1)?;
        match audit::findings(&report)[..] {
            [] if unclosed.is_empty() => {
                Ok(format!("The audit log is intact: {} entries.", report.entries))
            }
            [] => {
                let id = unclosed.remove(0).decision_id();
                let text = format!("demo: the outcome of {id} is not in the audit log");
                Err(Failure::new(Exit::Unexpected, text))
            }
            ref found => Err(Failure::new(Exit::Tampered, found.join("; "))),
        }
    }

    /// How many calls the shop has seen.
    fn arrived(&self) -> usize {
        fs::read_to_string(&self.ledger).map_or(0, |ledger| ledger.lines().count())
    }
}

/// The handshake; and the hidden tool must not be in the list.
fn greet(client: &mut Client) -> Result<(), String> {
    let info = Object::new().text("name", "toolgate-demo").text("version", "1").finish();
    let params = Object::new()
        .text("protocolVersion", "2025-11-25")
        .raw("capabilities", "{}")
        .raw("clientInfo", info)
        .finish();
    client.ask("initialize", &params)?;
    client.notify("notifications/initialized")?;
    let listed = client.ask("tools/list", "{}")?;
    let tools = listed.root().get("result").and_then(|result| result.get("tools"));
    let names: Vec<_> =
        tools.into_iter().flat_map(Value::items).filter_map(|tool| tool.get("name")).collect();
    match names.iter().any(|name| name.is("delete_customer")) {
        _ if names.is_empty() => Err("the list of tools is empty".to_owned()),
        true => Err("the hidden tool is in the list of tools".to_owned()),
        false => Ok(()),
    }
}

fn hear(answer: &Document) -> Heard {
    let root = answer.root();
    if let Some(error) = root.get("error") {
        let text = error.get("message").and_then(Value::as_str).unwrap_or_default().into_owned();
        let unknown = text.starts_with("Unknown tool");
        let outcome = if unknown { Outcome::Unknown } else { Outcome::Refuse };
        return Heard { outcome, text };
    }
    let result = root.get("result");
    let text = result
        .and_then(|result| result.get("content")?.items().next()?.get("text")?.as_str())
        .unwrap_or_default()
        .into_owned();
    let decision = result.and_then(|result| result.get("_meta")?.get("dev.toolgate/decision"));
    let word = |key| Some(decision?.get(key)?.as_str()?.into_owned());
    let outcome = match (word("effect").as_deref(), word("code")) {
        (Some("limit"), _) => Outcome::Limit,
        (Some(_), Some(code)) => Outcome::Deny(code),
        _ => Outcome::Allow,
    };
    Heard { outcome, text }
}

fn summary(played: &[Played]) -> String {
    let arrived = played.iter().filter(|played| played.arrived).count();
    let odd = played.iter().filter(|played| !played.as_expected()).count();
    let end = match odd {
        0 => "all as the policy has it".to_owned(),
        _ => format!("{odd} NOT as the policy has it"),
    };
    format!("{} calls, {arrived} reached the shop: {end}.", played.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(step: &'static Step, outcome: Outcome, arrived: bool) -> Played {
        Played { step, heard: Heard { outcome, text: String::new() }, arrived }
    }

    /// What the agent was told is not enough: what counts is what arrived.
    #[test]
    fn a_denial_that_arrived_is_not_as_expected() {
        let step = STEPS.iter().find(|step| step.tool == "run_command").unwrap();
        let denied = || Outcome::Deny("default_deny".to_owned());
        assert!(played(step, denied(), false).as_expected());
        assert!(!played(step, denied(), true).as_expected());
        assert!(!played(step, Outcome::Deny("rule_deny".to_owned()), false).as_expected());
        assert!(!played(step, Outcome::Allow, true).as_expected());
        let allowed = STEPS.iter().find(|step| step.expected == Expected::Allow).unwrap();
        assert!(!played(allowed, Outcome::Allow, false).as_expected());
    }
}
