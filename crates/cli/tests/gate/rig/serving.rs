//! `toolgate serve` with servers and grants, and the commands beside it.

use std::process::Output;

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Ledger, Web, bin};

use super::Rig;

/// A gateway that serves, and where its parts are.
pub(crate) struct Serving {
    pub(crate) rig: Rig,
    pub(crate) gateway: Daemon,
}

impl Serving {
    /// With these servers, as they stand in a config file.
    pub(crate) async fn start(rig: Rig, servers: Value) -> Serving {
        Serving::start_with(rig, json!({"servers": servers})).await
    }

    /// With these settings above the usual ones.
    pub(crate) async fn start_with(rig: Rig, settings: Value) -> Serving {
        let mut config = json!({"listen": "127.0.0.1:0", "durability": "normal"});
        for (name, value) in settings.as_object().unwrap() {
            config[name] = value.clone();
        }
        Self::with(rig, config).await
    }

    pub(crate) async fn with(rig: Rig, config: Value) -> Serving {
        rig.scratch.file("toolgate.yaml", config.to_string());
        let mut command = rig.toolgate("serve");
        command.arg("--config").arg(rig.scratch.at("toolgate.yaml"));
        command.arg("--state").arg(rig.scratch.state());
        let gateway = Daemon::start(command).await;
        Serving { rig, gateway }
    }

    /// A sentinel as a child, with a ledger called like the server.
    pub(crate) fn child(rig: &Rig, name: &str, flags: &[&str]) -> Value {
        let ledger = format!("--ledger={}", rig.scratch.at(name).display());
        let mut command = vec![bin("sentinel").display().to_string(), ledger];
        command.extend(flags.iter().map(|flag| (*flag).to_owned()));
        json!({"command": command})
    }

    pub(crate) fn ledger(&self, name: &str) -> Ledger {
        Ledger::new(self.rig.scratch.at(name))
    }

    /// A command on the same state.
    pub(crate) fn toolgate(&self, words: &[&str]) -> Output {
        let (first, rest) = words.split_first().unwrap();
        let mut command = self.rig.toolgate(first);
        command.args(rest).arg("--state").arg(self.rig.scratch.state()).output().unwrap()
    }

    /// The same, with its answer as JSON.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let output = self.toolgate(&[words, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Adds a grant under the policy in `policy.yaml`; gives its token.
    pub(crate) fn grant(&self, name: &str, servers: &[&str]) -> String {
        let mut words = vec!["grant", "add", name, "--policy", "policy.yaml"];
        words.extend(servers.iter().flat_map(|server| ["--server", *server]));
        self.json(&words)["token"].as_str().unwrap().to_owned()
    }

    /// What is at a path that needs no token.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let web = Web::new(format!("{}{path}", self.gateway.url));
        let reply = web.send(hyper::Method::GET, &[], "").await.unwrap();
        (reply.status, String::from_utf8(reply.bytes().await).unwrap())
    }

    /// The value of one line of `/metrics`.
    pub(crate) async fn metric(&self, sample: &str) -> Option<String> {
        let (_, text) = self.page("/metrics").await;
        let found = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        found.map(str::to_owned)
    }

    /// The signal as the operator sends it.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.gateway.pid().unwrap()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// A client of one server.
    pub(crate) fn web(&self, server: &str, token: &str) -> Web {
        let url = format!("{}/mcp/{server}", self.gateway.url);
        Web::new(url).with_header("authorization", &format!("Bearer {token}"))
    }
}
