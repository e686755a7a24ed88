//! The five, scanned as a client's configuration has them: each has to come out at the first try.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::real::{Data, REAL};
use crate::clients::place::Place;
use crate::{Result, command};

/// Scans all five at once, in the fence that a scan has by itself.
pub(super) fn run(place: &Place, folder: &Path, data: &Data) -> Result {
    let entries = REAL.iter().map(|one| (one.name.to_owned(), one.client_entry(place, data)));
    let entries: Map<String, Value> = entries.collect();
    let config = folder.join("mcp.json");
    fs::write(&config, json!({"mcpServers": entries}).to_string())?;
    let mut scan = Command::new(place.binary("toolgate"));
    // Only so that a slow machine is not taken for a server that hangs.
    scan.args(["scan", "--json", "--timeout", "300", "--config"]).arg(&config);
    let told: Value = serde_json::from_slice(&command::output(&mut scan)?)?;
    for real in REAL {
        let servers = told["servers"].as_array().ok_or("the scan lists no servers")?;
        let server = servers.iter().find(|server| server["server"] == real.name);
        let tools = server.and_then(|server| server["tools"].as_array());
        let judged = |tool: &Value| tool["category"].is_string() && tool["score"].is_u64();
        match tools {
            Some(tools) if !tools.is_empty() && tools.iter().all(judged) => {}
            _ => return Err(format!("the scan of {} gave {server:?}", real.name).into()),
        }
    }
    println!("ok            scan: {} servers of one configuration", REAL.len());
    Ok(())
}
