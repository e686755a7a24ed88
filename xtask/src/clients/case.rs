//! One case: a client, a server, the gate between them, a policy.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::client::{CLIENTS, Client};
use super::gate::{Gate, Listening, Upstream, words_of};
use super::judge::judge;
use super::place::{Place, sources};
use super::process::{tail, wait};
use super::scenario::{Policy, Step};
use super::server::{self, EVERYTHING, EVERYTHING_BY_NPX, Server};
use super::{Servers, answer, audit};
use crate::Result;

/// Much longer than any case takes; a hanging client is a finding too.
const CASE_LIMIT: Duration = Duration::from_secs(90);

/// Much longer than a gate takes to end.
const END_LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Http,
    Stdio,
}

#[derive(Debug)]
pub(super) struct Case {
    client: &'static Client,
    front: Over,
    policy: Policy,
    back: Over,
    pub(super) server: &'static Server,
}

/// The servers of both eras, over both transports.
const DUAL: [&Server; 4] =
    [&server::PYTHON_2, &server::TYPESCRIPT_2, &server::RMCP, &server::SENTINEL];

/// The four ways the gate can stand, from the client to the server.
const SHAPES: [(Over, Over); 4] = [
    (Over::Stdio, Over::Stdio),
    (Over::Stdio, Over::Http),
    (Over::Http, Over::Stdio),
    (Over::Http, Over::Http),
];

/// Every client meets the two recommended policies on the reference server over both of its own
/// transports, and each shape of the gate on servers of both eras, in turn.
pub(super) fn all(direct: bool) -> Vec<Case> {
    if direct {
        return without_gate();
    }
    let mut cases = Vec::new();
    for (number, client) in CLIENTS.iter().enumerate() {
        let mut add = |policy, (front, back), server| {
            let case = Case { client, front, policy, back, server };
            if client.version_with(server.eras).is_some() {
                cases.push(case);
            }
        };
        if client.connects_per_step {
            // Slow: the gate and the server start anew for each step. The limit lives on.
            add(Policy::Gateway, SHAPES[0], &server::TYPESCRIPT_2);
            add(Policy::HiddenYaml, SHAPES[0], &EVERYTHING);
        } else {
            for shape in [SHAPES[0], SHAPES[2]] {
                add(Policy::Catalogue, shape, &EVERYTHING);
                add(Policy::Gateway, shape, &EVERYTHING);
            }
            for shape in SHAPES {
                add(Policy::Asks, shape, &server::SENTINEL);
            }
        }
        for (turn, &shape) in SHAPES.iter().enumerate() {
            add(Policy::HiddenYaml, shape, DUAL[(number + turn) % DUAL.len()]);
            add(Policy::HiddenJson, shape, DUAL[(number + turn + 1) % DUAL.len()]);
        }
        if number == 0 {
            add(Policy::Gateway, (Over::Http, Over::Stdio), &EVERYTHING_BY_NPX);
        }
    }
    // What takes longest goes first: nobody waits for it alone at the end.
    cases.sort_by_key(|case| !case.client.connects_per_step);
    cases
}

/// Every client with every server, to know that the suite itself is sound.
fn without_gate() -> Vec<Case> {
    let servers = [&EVERYTHING, &server::PYTHON_1, &server::TYPESCRIPT_1];
    let mut cases = Vec::new();
    for client in CLIENTS {
        let mut add = |front, server: &'static Server| {
            if client.version_with(server.eras).is_some() {
                cases.push(Case { client, front, policy: Policy::None, back: front, server });
            }
        };
        for server in servers {
            add(Over::Stdio, server);
        }
        for server in &DUAL[..3] {
            add(Over::Stdio, server);
            add(Over::Http, server);
        }
    }
    cases
}

impl Case {
    pub(super) fn name(&self) -> String {
        let over = |over| if over == Over::Http { "http" } else { "stdio" };
        format!(
            "{}, {} to {}, {}, {}",
            self.client.name,
            over(self.front),
            over(self.back),
            self.server.name,
            self.policy.file()
        )
    }

    pub(super) fn upstream_is_http(&self) -> bool {
        self.back == Over::Http
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = self.policy.steps(self.client, self.server);
        // Since 2026-07-28 there is no ping.
        let legacy = self.client.version_with(self.server.eras) == Some("2025-11-25");
        if legacy && !self.client.connects_per_step {
            steps.push(Step::ping());
        }
        steps
    }
}

/// Runs the case; returns what is wrong.
pub(super) fn run(place: &Place, servers: &Servers, case: &Case) -> Vec<String> {
    match try_run(place, servers, case) {
        Ok(problems) => problems,
        Err(error) => vec![error.to_string()],
    }
}

fn try_run(place: &Place, servers: &Servers, case: &Case) -> Result<Vec<String>> {
    let folder = place.work(&case.name())?;
    let steps = case.steps();
    let (mut plan, listening) = target(place, servers, case, &folder)?;
    plan["era"] = json!(case.client.era);
    plan["answers"] = json!(case.policy == Policy::Asks);
    plan["steps"] = steps.iter().map(Step::plan).collect();
    let plan_file = folder.join("plan.json");
    fs::write(&plan_file, plan.to_string())?;
    let (answers, stderr) = (folder.join("answers.jsonl"), folder.join("client.stderr"));
    let mut child = case
        .client
        .command(place)
        .arg(&plan_file)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(File::create(&answers)?)
        .stderr(File::create(&stderr)?)
        .spawn()?;
    let ended = wait(&mut child, CASE_LIMIT);
    let version = case.client.version_with(case.server.eras);
    let version = version.filter(|_| !case.client.connects_per_step);
    let mut problems = judge(&steps, version, &answer::read(&answers)?);
    if let Err(error) = ended {
        problems.push(format!("the client: {error}"));
    }
    if let Some(Err(error)) = listening.map(|listening| listening.running.end(END_LIMIT)) {
        problems.push(format!("the gate, asked to end: {error}"));
    }
    if case.policy != Policy::None {
        problems.extend(audit::problems(place, &folder.join("state"), case.client, &steps)?);
    }
    if !problems.is_empty() {
        problems.push(format!("stderr of the client: {}", tail(&stderr)));
        problems.push(format!("all of it is in {}", folder.display()));
    }
    Ok(problems)
}

/// What the client connects to: the part of its plan that says so, and what must live meanwhile.
fn target(
    place: &Place,
    servers: &Servers,
    case: &Case,
    folder: &Path,
) -> Result<(Value, Option<Listening>)> {
    let command = server::command(place, case.server, None);
    let url = servers.get(case.server.name).map(|served| served.url.as_str()).unwrap_or_default();
    if case.policy == Policy::None {
        return Ok((direct_target(case, &command, url), None));
    }
    let upstream = match case.back {
        Over::Http => Upstream::Url(url),
        Over::Stdio => Upstream::Command(&command),
    };
    let policy = sources().join("policies").join(case.policy.file());
    let gate = Gate { place, policy: &policy, state: &folder.join("state"), upstream };
    if case.front == Over::Stdio {
        return Ok((json!({"command": texts(&gate.words(false))}), None));
    }
    let listening = gate.listen(&folder.join("gate.stderr"))?;
    Ok((json!({"url": listening.url, "token": listening.token}), Some(listening)))
}

fn direct_target(case: &Case, command: &Command, url: &str) -> Value {
    match case.front {
        Over::Http => json!({"url": url}),
        Over::Stdio => json!({"command": texts(&words_of(command))}),
    }
}

fn texts(words: &[std::ffi::OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}
