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
        let config = json!({"listen": "127.0.0.1:0", "durability": "normal", "servers": servers});
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

    /// A client of one server.
    pub(crate) fn web(&self, server: &str, token: &str) -> Web {
        let url = format!("{}/mcp/{server}", self.gateway.url);
        Web::new(url).with_header("authorization", &format!("Bearer {token}"))
    }
}
