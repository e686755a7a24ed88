//! A gate, its files, and callers that keep what they heard.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use toolgate_store::Log;
use toolgate_testkit::{GUARD, Ledger, Pipe, Scratch, bin};

pub(crate) const TOOLGATE: &str = env!("CARGO_BIN_EXE_toolgate");

/// How many rounds: `short`, unless `TOOLGATE_FAULTS_<name>` says otherwise.
pub(crate) fn rounds(name: &str, short: usize) -> usize {
    let name = format!("TOOLGATE_FAULTS_{name}");
    match std::env::var(&name) {
        Ok(given) => given.parse().unwrap_or_else(|_| panic!("`{name}` is not a number")),
        Err(_) => short,
    }
}

/// A policy, a state directory and a ledger that any number of gates may share.
pub(crate) struct Rig {
    pub(crate) scratch: Scratch,
}

impl Rig {
    pub(crate) fn new(policy: &str) -> Rig {
        let scratch = Scratch::new();
        scratch.policy(policy);
        Rig { scratch }
    }

    /// Any command of toolgate, with no settings from outside.
    pub(crate) fn toolgate(&self, command: &str) -> Command {
        let mut started = Command::new(TOOLGATE);
        started.arg(command).current_dir(self.scratch.path());
        started.env_remove("TOOLGATE_STATE").env("HOME", self.scratch.path());
        started
    }

    /// A gate in front of a sentinel with these flags.
    pub(crate) fn gate(&self, sentinel: &[&str]) -> Command {
        self.gate_on(self.scratch.state(), sentinel)
    }

    pub(crate) fn gate_on(&self, state: PathBuf, sentinel: &[&str]) -> Command {
        let mut command = self.toolgate("run");
        command.arg("--policy").arg(self.scratch.at("policy.yaml"));
        command.arg("--state").arg(state);
        command.arg("--").arg(bin("sentinel")).arg("--ledger").arg(self.scratch.ledger());
        command.args(sentinel);
        command
    }

    pub(crate) fn start(&self, sentinel: &[&str]) -> Pipe {
        Pipe::spawn(self.gate(sentinel))
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.scratch.ledger())
    }

    pub(crate) fn log(&self) -> Log {
        Log::open(&self.scratch.state()).unwrap()
    }

    /// The processes of this rig, by what their command lines name.
    pub(crate) fn processes(&self) -> Vec<(u32, String)> {
        let place = self.scratch.path().to_str().unwrap().to_owned();
        let folders = fs::read_dir("/proc").unwrap().flatten();
        let ids = folders.filter_map(|folder| folder.file_name().to_str()?.parse::<u32>().ok());
        ids.filter_map(|id| Some((id, command_line(id)?)))
            .filter(|(_, line)| line.contains(&place))
            .collect()
    }

    /// Waits until no process of this rig is left.
    pub(crate) async fn gone(&self) {
        until("the processes to end", || self.processes().is_empty()).await;
    }

    /// Waits until the log has so many entries that pass a test.
    pub(crate) async fn logged(&self, count: usize, test: impl Fn(&toolgate_store::Kind) -> bool) {
        let there = || {
            let Ok(log) = Log::open(&self.scratch.state()) else { return false };
            log.entries(1).flatten().filter(|entry| test(&entry.kind)).count() >= count
        };
        until("the log", there).await;
    }
}

/// Of a zombie it is empty.
fn command_line(id: u32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// Waits for what must come; whoever waits in vain has found a fault.
pub(crate) async fn until(what: &str, mut test: impl FnMut() -> bool) {
    let waiting = async {
        while !test() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(GUARD, waiting).await.is_ok(), "waited {GUARD:?} for {what}");
}

/// What a caller heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Allowed,
    /// By the gate, with this code.
    Denied(String),
    /// With a JSON-RPC error.
    Failed(i64),
    /// The gate ended first.
    Nothing,
}

impl Told {
    pub(crate) fn of(answer: Option<&Value>) -> Told {
        let Some(answer) = answer else { return Told::Nothing };
        let decision = &answer["result"]["_meta"]["dev.toolgate/decision"];
        match (decision["code"].as_str(), answer["error"]["code"].as_i64()) {
            (Some(code), _) => Told::Denied(code.to_owned()),
            (None, Some(code)) => Told::Failed(code),
            (None, None) => {
                assert!(answer["result"].is_object(), "{answer}");
                Told::Allowed
            }
        }
    }

    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Told::Denied(_))
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        matches!(self, Told::Denied(heard) if heard == code)
    }
}

/// What each call heard, by its nonce.
#[derive(Default)]
pub(crate) struct Heard(Mutex<BTreeMap<String, Told>>);

impl Heard {
    /// One call with this nonce.
    pub(crate) async fn call(&self, pipe: &Pipe, tool: &str, nonce: &str) -> Told {
        self.padded(pipe, tool, nonce, 0).await
    }

    /// As [`Heard::call`], with so many more bytes.
    pub(crate) async fn padded(&self, pipe: &Pipe, tool: &str, nonce: &str, pad: usize) -> Told {
        let arguments = json!({"nonce": nonce, "message": "x".repeat(pad)});
        let params = json!({"name": tool, "arguments": arguments});
        let told = Told::of(pipe.try_request("tools/call", params).await.as_ref());
        self.map().insert(nonce.to_owned(), told.clone());
        told
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Told> {
        self.map().clone()
    }

    fn map(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
