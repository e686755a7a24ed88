//! One case of approvals: a client whose user says yes, or no, or that cannot ask anybody; the
//! gate; the sentinel, whose ledger says what was done.

mod approver;
mod expected;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Map, Value, json};
use toolgate_testkit::Ledger;

use super::answer::{self, Answer};
use super::client::{CLIENTS, Client};
use super::gate::{Gate, Upstream, words_of};
use super::house::House;
use super::place::{Place, sources};
use super::process::{tail, wait};
use super::server::{self, Eras};
use crate::Result;
use approver::Approver;
use expected::problems;

/// Much longer than any case takes.
const CASE_LIMIT: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub(super) struct Case {
    client: &'static Client,
    front: Front,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    /// `toolgate serve`, over HTTP.
    Serve,
    /// `toolgate run`, over standard input and output.
    Run,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The user at the client says yes.
    Accepted,
    /// The user at the client says no.
    Declined,
    /// The client cannot ask; somebody else says yes while the call is held.
    Held,
    /// The client cannot ask; somebody else says yes, and the call comes again.
    Pending,
}

/// Every client that has a conversation, each way.
pub(super) fn all() -> Vec<Case> {
    let kinds = [Kind::Accepted, Kind::Declined, Kind::Held, Kind::Pending];
    let fronts = [Front::Run, Front::Serve];
    let clients = CLIENTS.iter().filter(|client| !client.connects_per_step);
    let cases = clients.flat_map(|client| {
        let pairs = fronts.into_iter().flat_map(move |front| kinds.map(|kind| (front, kind)));
        pairs.map(move |(front, kind)| Case { client, front, kind })
    });
    cases.collect()
}

impl Kind {
    fn policy(self) -> PathBuf {
        let file = match self {
            Self::Accepted | Self::Declined => "asked.json",
            Self::Held => "held.json",
            Self::Pending => "pending.json",
        };
        sources().join("policies").join(file)
    }

    /// What the client does. `said` is the file by which it hears that somebody said yes.
    fn steps(self, said: &Path) -> Vec<Value> {
        let call = |step: &str, (tool, arguments): (&str, Value)| {
            let mut call = json!({"do": "call", "tool": tool, "arguments": arguments});
            call["step"] = json!(step);
            call
        };
        let echo = |step: &str| call(step, ("echo", json!({"message": "hello"})));
        match self {
            Self::Accepted => {
                let ask = call("ask", ("ask", json!({"kind": "elicitation"})));
                vec![echo("one"), echo("two"), ask]
            }
            Self::Declined => vec![echo("one"), echo("two")],
            Self::Held => vec![echo("one")],
            Self::Pending => {
                let wait = json!({"step": "wait", "do": "wait", "file": said});
                vec![echo("one"), wait, echo("two"), echo("three")]
            }
        }
    }
}

impl Case {
    pub(super) fn name(&self) -> String {
        let front = if self.front == Front::Run { "run" } else { "serve" };
        format!("approvals, {}, {front}, {:?}", self.client.name, self.kind).to_lowercase()
    }

    /// Whether its calls have rounds of the modern kind.
    fn is_modern(&self) -> bool {
        self.client.version_with(Eras::Both) == Some("2026-07-28")
    }
}

/// Runs the case; returns what is wrong.
pub(super) fn run(place: &Place, case: &Case) -> Vec<String> {
    match try_run(place, case) {
        Ok(problems) => problems,
        Err(error) => vec![error.to_string()],
    }
}

fn try_run(place: &Place, case: &Case) -> Result<Vec<String>> {
    let folder = place.work(&case.name())?;
    let (state, said) = (folder.join("state"), folder.join("said-yes"));
    let (mut plan, house) = target(place, case, &folder)?;
    plan["era"] = json!(case.client.era);
    plan["answers"] = json!(matches!(case.kind, Kind::Accepted | Kind::Declined));
    plan["elicitation"] = json!(if case.kind == Kind::Declined { "decline" } else { "accept" });
    plan["steps"] = json!(case.kind.steps(&said));
    let (mut child, answers, stderr) = start(place, case, (&folder, &plan))?;
    if matches!(case.kind, Kind::Held | Kind::Pending) {
        Approver { place, state: &state }.approve_one(&mut child, CASE_LIMIT)?;
        File::create(&said)?;
    }
    let ended = wait(&mut child, CASE_LIMIT);
    let answers: Vec<Answer> = answer::read(&answers)?;
    let mut problems = problems(case, &answers, &Ledger::new(folder.join("ledger")));
    if let Err(error) = ended {
        problems.push(format!("the client: {error}"));
    }
    if let Some(Err(error)) = house.map(House::close) {
        problems.push(format!("the gateway, asked to end: {error}"));
    }
    if !problems.is_empty() {
        problems.push(format!("stderr of the client: {}", tail(&stderr)));
        problems.push(format!("all of it is in {}", folder.display()));
    }
    Ok(problems)
}

fn start(
    place: &Place,
    case: &Case,
    (folder, plan): (&Path, &Value),
) -> Result<(Child, PathBuf, PathBuf)> {
    let plan_file = folder.join("plan.json");
    fs::write(&plan_file, plan.to_string())?;
    let (answers, stderr) = (folder.join("answers.jsonl"), folder.join("client.stderr"));
    let child = case
        .client
        .command(place)
        .arg(&plan_file)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&answers)?)
        .stderr(File::create(&stderr)?)
        .spawn()?;
    Ok((child, answers, stderr))
}

/// What the client connects to: the part of its plan that says so, and what must live meanwhile.
fn target(place: &Place, case: &Case, folder: &Path) -> Result<(Value, Option<House>)> {
    let mut sentinel = server::command(place, &server::SENTINEL, None);
    sentinel.arg("--ledger").arg(folder.join("ledger"));
    let (state, policy) = (folder.join("state"), case.kind.policy());
    if case.front == Front::Run {
        let upstream = Upstream::Command(&sentinel);
        let gate = Gate { place, policy: &policy, state: &state, upstream };
        return Ok((json!({"command": texts(&gate.words(false))}), None));
    }
    let server = json!({"command": texts(&words_of(&sentinel))});
    let servers = Map::from_iter([("sentinel".to_owned(), server)]);
    let house = House::open(place, folder, &servers, &policy)?;
    let plan = json!({"url": house.url_of("sentinel"), "token": house.token});
    Ok((plan, Some(house)))
}

fn texts(words: &[std::ffi::OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}
