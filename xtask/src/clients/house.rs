//! The gateway, set up as an operator sets it up: a config file, a policy, a grant.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::place::Place;
use super::process::Running;
use crate::{Result, command};

/// `toolgate serve`, and a token for all of its servers.
pub(crate) struct House {
    url: String,
    pub(crate) token: String,
    running: Running,
}

/// Much longer than a gateway takes to end.
const END_LIMIT: Duration = Duration::from_secs(20);

impl House {
    /// Servers are what stands under `servers` of the config file; one policy is for all.
    pub(crate) fn open(
        place: &Place,
        folder: &Path,
        servers: &Map<String, Value>,
        policy: &Path,
    ) -> Result<Self> {
        Self::telling(place, folder, (servers, json!({})), policy)
    }

    /// The same, with what stands under `telemetry`.
    pub(crate) fn telling(
        place: &Place,
        folder: &Path,
        (servers, telemetry): (&Map<String, Value>, Value),
        policy: &Path,
    ) -> Result<Self> {
        let (config, state) = (folder.join("toolgate.yaml"), folder.join("state"));
        // Every reader of YAML takes JSON.
        let settings = json!({"listen": "127.0.0.1:0", "servers": servers, "telemetry": telemetry});
        fs::write(&config, settings.to_string())?;
        let toolgate = || Command::new(place.binary("toolgate"));
        let mut serve = toolgate();
        serve.arg("serve").arg("--config").arg(&config).arg("--state").arg(&state);
        let mut running = Running::announced(&mut serve, folder)?;
        let url = running.url()?;
        let mut grant = toolgate();
        grant.args(["grant", "add", "visitor", "--json", "--policy"]).arg(policy);
        grant.arg("--state").arg(&state);
        for server in servers.keys() {
            grant.args(["--server", server]);
        }
        let told: Value = serde_json::from_slice(&command::output(&mut grant)?)?;
        let token = told["token"].as_str().ok_or("`grant add` gave no token")?.to_owned();
        Ok(Self { url, token, running })
    }

    pub(crate) fn url_of(&self, server: &str) -> String {
        format!("{}/mcp/{server}", self.url)
    }

    pub(crate) fn url_of_all(&self) -> String {
        format!("{}/mcp", self.url)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn close(self) -> Result {
        self.running.end(END_LIMIT)
    }
}
