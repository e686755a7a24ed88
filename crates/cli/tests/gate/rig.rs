//! `toolgate run` in front of a server, and a client before it, in every combination.

mod client;
mod serving;
mod wire;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use toolgate_testkit::{Daemon, GUARD, Ledger, Pipe, Scratch, Web, bin};

pub(crate) use client::{BACKS, Back, Client, Era, Front, Way, settle, shake, ways};
pub(crate) use serving::Serving;
pub(crate) use wire::{
    answer, assert_denied, assert_error, call_text, decision, denial, hello, modern_headers, text,
};

pub(crate) const TOOLGATE: &str = env!("CARGO_BIN_EXE_toolgate");

/// Every harmless tool of the sentinel, and no other.
pub(crate) const GUARDED: &str = "\
version: \"1\"
default: deny
tools: {add: {}, ask: {}, big: {}, crash: {}, echo: {}, evil_meta: {}, fail: {}, nonce: {},
        nothing: {}, progress: {}, redefine: {}, region: {}, rpc_error: {}, silent: {}, slow: {},
        structured: {}, twice: {}}
";

/// Everything but the processes: a policy, a state directory, a ledger.
pub(crate) struct Rig {
    pub(crate) scratch: Scratch,
    sentinel_flags: Vec<String>,
    gate_flags: Vec<OsString>,
    env: Vec<(String, OsString)>,
}

impl Rig {
    pub(crate) fn new(policy: &str) -> Rig {
        let scratch = Scratch::new();
        scratch.policy(policy);
        let ledger = format!("--ledger={}", scratch.ledger().display());
        Rig { scratch, sentinel_flags: vec![ledger], gate_flags: Vec::new(), env: Vec::new() }
    }

    pub(crate) fn sentinel(mut self, flags: &[&str]) -> Rig {
        self.sentinel_flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    pub(crate) fn gate(mut self, flags: &[&str]) -> Rig {
        self.gate_flags.extend(flags.iter().map(OsString::from));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Rig {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.scratch.ledger())
    }

    /// `toolgate run` with everything but the server.
    pub(crate) fn run(&self) -> Command {
        let mut command = self.toolgate("run");
        command.arg("--policy").arg(self.scratch.at("policy.yaml"));
        command.arg("--state").arg(self.scratch.state()).args(&self.gate_flags);
        command
    }

    /// Any command of toolgate, with no settings from outside.
    pub(crate) fn toolgate(&self, command: &str) -> Command {
        let mut started = Command::new(TOOLGATE);
        started.arg(command).current_dir(self.scratch.path());
        started.env_remove("TOOLGATE_STATE").env("HOME", self.scratch.path());
        started.envs(self.env.iter().map(|(name, value)| (name, value)));
        started
    }

    /// In front of a sentinel of its own.
    pub(crate) fn before_child(&self) -> Command {
        self.before(&bin("sentinel"), &self.sentinel_flags)
    }

    pub(crate) fn before(&self, program: &Path, args: &[String]) -> Command {
        let mut command = self.run();
        command.arg("--").arg(program).args(args);
        command
    }

    pub(crate) fn before_url(&self, url: &str) -> Command {
        let mut command = self.run();
        command.args(["--url", url]);
        command
    }

    /// A sentinel over HTTP with the flags and the ledger of this rig.
    pub(crate) async fn upstream(&self) -> Daemon {
        let flags: Vec<&str> = self.sentinel_flags.iter().map(String::as_str).collect();
        Daemon::sentinel(&flags).await
    }

    /// A client on standard input and output, behind it a child.
    pub(crate) fn pipe(&self) -> Pipe {
        Pipe::spawn(self.before_child())
    }

    /// A listener, behind it children.
    pub(crate) async fn door(&self) -> Door {
        Door::open(self.before_child()).await
    }

    /// A client on standard input and output, and the server behind the gate if it is no child.
    pub(crate) async fn pipe_before(&self, back: Back) -> (Pipe, Option<Daemon>) {
        let (command, upstream) = self.before_back(back).await;
        (Pipe::spawn(command), upstream)
    }

    /// The same with these capabilities.
    pub(crate) async fn pipe_with(
        &self,
        back: Back,
        capabilities: Value,
    ) -> (Pipe, Option<Daemon>) {
        let (command, upstream) = self.before_back(back).await;
        (Pipe::spawn_with(command, capabilities), upstream)
    }

    /// A listener, and the server behind it if it is no child.
    pub(crate) async fn door_before(&self, back: Back) -> (Door, Option<Daemon>) {
        let (command, upstream) = self.before_back(back).await;
        (Door::open(command).await, upstream)
    }

    async fn before_back(&self, back: Back) -> (Command, Option<Daemon>) {
        if back == Back::Child {
            return (self.before_child(), None);
        }
        let upstream = self.upstream().await;
        let command = match back {
            Back::Child | Back::Url => self.before_url(&upstream.url),
            Back::Sse => self.before_sse(&upstream.url),
        };
        (command, Some(upstream))
    }

    /// In front of the same server by its older transport.
    pub(crate) fn before_sse(&self, url: &str) -> Command {
        let mut command = self.before_url(&url.replace("/mcp", "/sse"));
        command.args(["--transport", "sse"]);
        command
    }

    /// The naive gate in front of the same sentinel.
    pub(crate) fn naive(&self, flags: &[&str]) -> Pipe {
        let mut command = Command::new(bin("naive-proxy"));
        command.args(flags).arg("--").arg(bin("sentinel")).args(&self.sentinel_flags);
        Pipe::spawn(command)
    }

    /// The naive gate on HTTP, and the sentinel behind it.
    pub(crate) async fn naive_http(&self, flags: &[&str]) -> (Daemon, Daemon) {
        let upstream = self.upstream().await;
        let mut command = Command::new(bin("naive-proxy"));
        command.args(["--http", "127.0.0.1:0", "--upstream", &upstream.url]).args(flags);
        (Daemon::start(command).await, upstream)
    }

    /// The entries of the audit log, oldest first.
    pub(crate) fn log(&self) -> Vec<Value> {
        let mut command = self.toolgate("audit");
        command.args(["export", "--jsonl", "--state"]).arg(self.scratch.state());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A gate that listens for HTTP clients.
pub(crate) struct Door {
    pub(crate) daemon: Daemon,
    pub(crate) token: String,
}

impl Door {
    /// Starts a gate that [`Rig::run`] began, on a free port.
    pub(crate) async fn open(command: Command) -> Door {
        let daemon = Daemon::start(with_listener(&command)).await;
        let token = tokio::time::timeout(GUARD, token(&daemon)).await.unwrap();
        Door { daemon, token }
    }

    /// A client that has the token.
    pub(crate) fn web(&self) -> Web {
        let bearer = format!("Bearer {}", self.token);
        self.stranger().with_header("authorization", &bearer)
    }

    /// A client without a token.
    pub(crate) fn stranger(&self) -> Web {
        Web::new(&self.daemon.url)
    }

    /// `127.0.0.1:1234`
    pub(crate) fn address(&self) -> &str {
        let rest = self.daemon.url.strip_prefix("http://").unwrap();
        rest.split('/').next().unwrap()
    }
}

/// Options go before `--`.
fn with_listener(command: &Command) -> Command {
    let mut listening = Command::new(command.get_program());
    let args: Vec<_> = command.get_args().collect();
    let (head, tail) = args.split_at(1);
    listening.args(head).args(["--listen", "127.0.0.1:0"]).args(tail);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => listening.env(name, value),
            None => listening.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        listening.current_dir(folder);
    }
    listening
}

/// The token is told in the line behind the address.
async fn token(daemon: &Daemon) -> String {
    loop {
        let said = daemon.stderr();
        let line = said.lines().find_map(|line| line.split_once("token: "));
        if let Some(token) = line.and_then(|(_, rest)| rest.split(' ').next()) {
            return token.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
