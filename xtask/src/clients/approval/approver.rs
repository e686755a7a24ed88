//! Whoever says yes elsewhere: by the command line, as the owner of the state directory.

use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Place;
use crate::Result;

const POLL: Duration = Duration::from_millis(50);

pub(super) struct Approver<'a> {
    pub(super) place: &'a Place,
    pub(super) state: &'a Path,
}

impl Approver<'_> {
    /// Waits for a question and says yes. Whoever ends before one is there is waited for no more.
    pub(super) fn approve_one(&self, asking: &mut Child, limit: Duration) -> Result {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(id) = self.pending()? {
                return self.approve(&id);
            }
            if asking.try_wait()?.is_some() || Instant::now() > deadline {
                return Err("nobody was asked for an approval".into());
            }
            thread::sleep(POLL);
        }
    }

    /// The first open question; none too while there is no state directory yet.
    fn pending(&self) -> Result<Option<String>> {
        let output = self.toolgate("list").arg("--json").output()?;
        if !output.status.success() {
            return Ok(None);
        }
        let told: Value = serde_json::from_slice(&output.stdout)?;
        Ok(told["approvals"][0]["id"].as_str().map(str::to_owned))
    }

    fn approve(&self, id: &str) -> Result {
        let output = self.toolgate("approve").arg(id).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let failed = || format!("approvals approve {id}: {}: {}", output.status, said.trim());
        if output.status.success() { Ok(()) } else { Err(failed().into()) }
    }

    fn toolgate(&self, what: &str) -> Command {
        let mut command = Command::new(self.place.binary("toolgate"));
        command.args(["approvals", what, "--state"]).arg(self.state);
        command
    }
}
