//! The gateway, set up as an operator sets it up: a config file, a policy, a grant.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::real::{Data, POLICY, REAL};
use crate::clients::place::Place;
use crate::clients::process::Running;
use crate::{Result, command};

/// `toolgate serve`, and a token for all of its servers.
pub(super) struct House {
    url: String,
    pub(super) token: String,
    running: Running,
}

/// Much longer than a gateway takes to end.
const END_LIMIT: Duration = Duration::from_secs(20);

impl House {
    pub(super) fn open(place: &Place, data: &Data, folder: &Path) -> Result<Self> {
        let (config, policy) = (folder.join("toolgate.yaml"), folder.join("policy.yaml"));
        let state = folder.join("state");
        fs::write(&config, settings(place, data).to_string())?;
        fs::write(&policy, POLICY)?;
        let toolgate = || Command::new(place.binary("toolgate"));
        let mut serve = toolgate();
        serve.arg("serve").arg("--config").arg(&config).arg("--state").arg(&state);
        let mut running = Running::announced(&mut serve, folder)?;
        let url = running.url()?;
        let mut grant = toolgate();
        grant.args(["grant", "add", "visitor", "--json", "--policy"]).arg(&policy);
        grant.arg("--state").arg(&state);
        for server in REAL {
            grant.args(["--server", server.name]);
        }
        let told: Value = serde_json::from_slice(&command::output(&mut grant)?)?;
        let token = told["token"].as_str().ok_or("`grant add` gave no token")?.to_owned();
        Ok(Self { url, token, running })
    }

    pub(super) fn url_of(&self, server: &str) -> String {
        format!("{}/mcp/{server}", self.url)
    }

    pub(super) fn close(self) -> Result {
        self.running.end(END_LIMIT)
    }
}

/// Every YAML reader takes JSON.
fn settings(place: &Place, data: &Data) -> Value {
    let mut servers = Map::new();
    for server in REAL {
        let words = server.words(place, data);
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        servers.insert(server.name.to_owned(), json!({"command": words}));
    }
    json!({"listen": "127.0.0.1:0", "servers": servers})
}
