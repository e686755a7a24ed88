//! `toolgate run` in front of a server, and a client before it, in every combination.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use toolgate_testkit::{
    Daemon, GUARD, LEGACY_VERSION, Ledger, MODERN_VERSION, Pipe, Scratch, Web, WebReply, bin,
    modern_params,
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
        (self.before_url(&upstream.url), Some(upstream))
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

/// Where the client is, where the server is, and which era they speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) front: Front,
    pub(crate) back: Back,
    pub(crate) era: Era,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Http,
    Stdio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    Child,
    Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

/// All eight.
pub(crate) fn ways() -> impl Iterator<Item = Way> {
    let fronts = [Front::Http, Front::Stdio].into_iter();
    let pairs = fronts.flat_map(|front| [Back::Child, Back::Url].map(|back| (front, back)));
    pairs.flat_map(|(front, back)| [Era::Legacy, Era::Modern].map(|era| Way { front, back, era }))
}

/// A client behind a gate, whatever the way.
pub(crate) struct Client {
    way: Way,
    end: End,
    /// Held: it ends with the test.
    _upstream: Option<Daemon>,
}

enum End {
    Http { web: Box<Web>, _door: Box<Door> },
    Stdio(Box<Pipe>),
}

impl Client {
    /// Starts everything, and shakes hands where the era has that.
    pub(crate) async fn start(rig: &Rig, way: Way) -> Client {
        let (command, upstream) = rig.before_back(way.back).await;
        let end = match way.front {
            Front::Http => {
                let door = Door::open(command).await;
                End::Http { web: Box::new(door.web()), _door: Box::new(door) }
            }
            Front::Stdio => End::Stdio(Box::new(Pipe::spawn(command))),
        };
        if way.era == Era::Legacy {
            match &end {
                End::Http { web, .. } => web.open().await,
                End::Stdio(pipe) => pipe.open().await,
            };
        }
        Client { way, end, _upstream: upstream }
    }

    /// The whole answer to a request.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Value {
        match (&self.end, self.way.era) {
            (End::Http { web, .. }, Era::Legacy) => web.request(method, params).await,
            (End::Http { web, .. }, Era::Modern) => web.modern_request(method, params).await,
            (End::Stdio(pipe), Era::Legacy) => pipe.request(method, params).await,
            (End::Stdio(pipe), Era::Modern) => pipe.modern_request(method, params).await,
        }
    }

    /// The whole answer to a call.
    pub(crate) async fn call(&self, name: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": name, "arguments": arguments})).await
    }

    /// The names that `tools/list` shows, on all its pages.
    pub(crate) async fn list(&self) -> Vec<String> {
        let (mut names, mut params) = (Vec::new(), json!({}));
        loop {
            let answer = self.request("tools/list", params).await;
            let tools = answer["result"]["tools"].as_array();
            let tools = tools.unwrap_or_else(|| panic!("{answer}"));
            names.extend(tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()));
            let Some(cursor) = answer["result"]["nextCursor"].as_str() else { return names };
            params = json!({"cursor": cursor});
        }
    }

    /// What the server says next beside answers.
    pub(crate) async fn next_message(&self) -> Value {
        match &self.end {
            End::Http { web, .. } => web.next_message().await,
            End::Stdio(pipe) => pipe.next_message().await.unwrap().json,
        }
    }

    /// Sends what has no answer.
    pub(crate) async fn tell(&self, message: &str) {
        match &self.end {
            End::Http { web, .. } => {
                let reply = web.post(message.to_owned(), &[]).await;
                assert_eq!(reply.status, 202, "{message}");
            }
            End::Stdio(pipe) => pipe.send_line(message).await.unwrap(),
        }
    }

    /// The whole answer to a call whose arguments are any text; nothing stands there where empty.
    pub(crate) async fn call_text(&self, id: &str, name: &str, arguments: &str) -> Value {
        let text = call_text(self.way.era, id, name, arguments);
        self.exchange(id, name, &text).await
    }

    /// The answer to any text that calls this tool under this id.
    pub(crate) async fn exchange(&self, id: &str, name: &str, text: &str) -> Value {
        let id = serde_json::from_str(id).unwrap();
        match &self.end {
            End::Http { web, .. } => {
                let modern = modern_headers("tools/call", name);
                let extra: &[_] = if self.way.era == Era::Modern { &modern } else { &[] };
                answer(web.post(text.to_owned(), extra).await, &id).await
            }
            End::Stdio(pipe) => pipe.exchange(&id, text).await.unwrap().json,
        }
    }
}

/// One `tools/call`, its arguments as they are given.
pub(crate) fn call_text(era: Era, id: &str, name: &str, arguments: &str) -> String {
    let arguments =
        if arguments.is_empty() { String::new() } else { format!(r#","arguments":{arguments}"#) };
    let meta = match era {
        Era::Legacy => String::new(),
        Era::Modern => {
            let params = modern_params(&Value::Null, &json!({}));
            format!(r#","_meta":{}"#, params["_meta"])
        }
    };
    let params = format!(r#"{{"name":"{name}"{arguments}{meta}}}"#);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
}

/// What a modern client sends beside a call.
pub(crate) fn modern_headers<'a>(method: &'a str, name: &'a str) -> [(&'a str, &'a str); 3] {
    [("mcp-protocol-version", MODERN_VERSION), ("mcp-method", method), ("mcp-name", name)]
}

/// The response with this id, by JSON or by events.
pub(crate) async fn answer(reply: WebReply, id: &Value) -> Value {
    if !reply.is_events() {
        return reply.json().await;
    }
    let mut events = reply.events();
    while let Some(event) = events.next().await {
        let message: Value = serde_json::from_str(&event.data).unwrap_or_default();
        if message["id"] == *id && message["method"].is_null() {
            return message;
        }
    }
    panic!("the stream ended without an answer to {id}");
}

/// The text of the first content block.
pub(crate) fn text(response: &Value) -> &str {
    response["result"]["content"][0]["text"].as_str().unwrap_or_default()
}

/// What the gate says of its decision; null where it let the call through.
pub(crate) fn decision(response: &Value) -> &Value {
    &response["result"]["_meta"]["dev.toolgate/decision"]
}

/// The code of a denial; empty where the call was let through.
pub(crate) fn denial(response: &Value) -> &str {
    decision(response)["code"].as_str().unwrap_or_default()
}

/// A denied call is a tool result that says so.
#[track_caller]
pub(crate) fn assert_denied(response: &Value, code: &str) {
    assert_eq!(denial(response), code, "{response}");
    assert_eq!(response["result"]["isError"], true, "{response}");
    assert!(text(response).starts_with("[POLICY DENIED] "), "{response}");
    assert!(response["result"].get("structuredContent").is_none(), "{response}");
}

#[track_caller]
pub(crate) fn assert_error(response: &Value, code: i64) {
    assert_eq!(response["error"]["code"], code, "{response}");
    assert!(response.get("result").is_none(), "{response}");
}

/// The text of an `initialize`.
pub(crate) fn hello() -> String {
    let params = json!({"protocolVersion": LEGACY_VERSION, "capabilities": {},
                        "clientInfo": {"name": "gate", "version": "1"}});
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string()
}

/// Everything sent before has been decided, and written if it was to be.
pub(crate) async fn settle(pipe: &Pipe) {
    let answer = pipe.call("nonce", json!({"nonce": "settled"})).await;
    assert_eq!(text(&answer), "settled");
}

/// A session whose handshake has reached the server to its last word.
pub(crate) async fn shake(web: &Web) {
    web.open().await;
    assert_eq!(web.request("ping", Value::Null).await["result"], json!({}));
}
