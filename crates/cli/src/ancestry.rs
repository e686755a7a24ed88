//! Whose child this process is: a server behind the gate must not do what only a person may.
//!
//! An agent with a shell tool could approve its own calls with this very program. Its processes
//! descend from the gate. This is a fence, no wall: whoever runs as the same user and breaks away
//! from its parents is not found. `docs/live.md` says what is one.

use std::path::Path;

use crate::exit::{Exit, Failure};
use crate::output::visible;

/// Fails if a gateway that uses this state directory is among this process's ancestors.
pub(crate) fn refuse_servers(state: &Path, what: &str) -> Result<(), Failure> {
    let Some(gate) = gate_above(state) else { return Ok(()) };
    let text = format!(
        "a server behind the gate may not {what}: this runs below `{}` (process {}); use a \
         terminal of your own",
        visible(&gate.command),
        gate.pid
    );
    Err(Failure::new(Exit::Unexpected, text))
}

struct Gate {
    pid: u32,
    /// How it was started, as far as people need it.
    command: String,
}

#[cfg(target_os = "linux")]
fn gate_above(state: &Path) -> Option<Gate> {
    linux::gate_above(state)
}

#[cfg(not(target_os = "linux"))]
fn gate_above(_state: &Path) -> Option<Gate> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    use super::Gate;

    /// No tree is deeper; a loop could only be made up by somebody who writes `/proc`.
    const DEPTH_MAX: usize = 4096;

    pub(super) fn gate_above(state: &Path) -> Option<Gate> {
        let mut pid = std::process::id();
        for _ in 0..DEPTH_MAX {
            pid = parent(pid).filter(|parent| *parent > 0)?;
            if let Some(command) = serves(pid, state) {
                return Some(Gate { pid, command });
            }
        }
        None
    }

    /// The fourth field; the second, in parentheses, may hold anything.
    fn parent(pid: u32) -> Option<u32> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let behind = stat.iter().rposition(|byte| *byte == b')')?;
        let rest = String::from_utf8_lossy(&stat[behind + 1..]);
        rest.split_whitespace().nth(1)?.parse().ok()
    }

    /// The command, if the process is a gateway on this state directory.
    fn serves(pid: u32, state: &Path) -> Option<String> {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let (program, command) = (words.next()?, words.next()?);
        if !matches!(&*command, "run" | "serve" | "demo") {
            return None;
        }
        let name = Path::new(&*program).file_name()?.to_string_lossy().into_owned();
        // Of another user: what it has open is not ours to see.
        let serves = uses(pid, state).unwrap_or_else(|| name.starts_with("toolgate"));
        serves.then(|| format!("{name} {command}"))
    }

    /// Whether the process has the log of this state directory open; nothing if nobody may know.
    fn uses(pid: u32, state: &Path) -> Option<bool> {
        let own = fs::metadata(state.join("audit.db")).ok()?;
        let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
        let paths = files.flatten().map(|file| file.path());
        let same = |path: PathBuf| {
            fs::metadata(path).is_ok_and(|it| (it.dev(), it.ino()) == (own.dev(), own.ino()))
        };
        Some(paths.into_iter().any(same))
    }
}
