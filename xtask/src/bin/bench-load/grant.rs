//! What `toolgate serve` has to know before it starts: a server, and a grant of it.

use std::process::{Command, Stdio};

use serde_json::Value;
use xtask::Result;

/// Its name at the gateway.
pub(crate) const SERVER: &str = "bench";

/// Registers the server in the state directory of `serve`, and gives the token of a grant.
pub(crate) fn prepare(serve: &[String], url: &str, policy: &str) -> Result<String> {
    let state = serve.iter().skip_while(|word| *word != "--state").nth(1);
    let state = state.ok_or("`--grant` wants a command with `--state DIR`")?;
    toolgate(&serve[0], &["server", "add", SERVER, "--url", url, "--state", state])?;
    let grant = ["grant", "add", "load", "--server", SERVER, "--policy", policy];
    let told = toolgate(&serve[0], &[&grant[..], &["--state", state, "--json"]].concat())?;
    let told: Value = serde_json::from_slice(&told)?;
    Ok(told["token"].as_str().ok_or("a grant without a token")?.to_owned())
}

fn toolgate(program: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let told = Command::new(program).args(arguments).stderr(Stdio::inherit()).output()?;
    let what = arguments[..2].join(" ");
    if told.status.success() { Ok(told.stdout) } else { Err(format!("`{what}` failed").into()) }
}
