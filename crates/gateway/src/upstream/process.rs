//! Starting and stopping a server's process.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::process::{ChildStdout, Command};

use crate::options::{RunError, RunErrorKind};

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: tokio::process::Child,
}

/// How long a server may take to end once its standard input is closed, then once asked to. The
/// official SDKs give us two seconds before they ask, and kill two seconds later.
const LEAVE: Duration = Duration::from_secs(1);
const TERMINATE: Duration = Duration::from_millis(500);

/// Starts the server. It inherits our environment and standard error, but nothing of our own.
pub(crate) fn spawn(
    program: &OsStr,
    args: &[OsString],
) -> Result<(Process, pipe::Sender, ChildStdout), RunError> {
    let unreachable = |error| unreachable(program, &error);
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TOOLGATE_") {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn().map_err(unreachable)?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(RunError::new(RunErrorKind::Unexpected, "the server has no pipes"));
    };
    let stdin = stdin.into_owned_fd().and_then(pipe::Sender::from_owned_fd).map_err(unreachable)?;
    Ok((Process { child }, stdin, stdout))
}

/// Whether there is such a program, without starting it.
pub(crate) fn probe(program: &OsStr) -> Result<(), RunError> {
    let runs = |path: &Path| {
        rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
    };
    let path = Path::new(program);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = if path.components().count() > 1 {
        runs(path)
    } else {
        std::env::split_paths(&folders).any(|folder| runs(&folder.join(path)))
    };
    if found { Ok(()) } else { Err(unreachable(program, &std::io::ErrorKind::NotFound.into())) }
}

fn unreachable(program: &OsStr, error: &std::io::Error) -> RunError {
    let program = program.to_string_lossy();
    let text =
        format!("cannot start the server `{program}`: {error}; check the command after `--`");
    RunError::new(RunErrorKind::Unreachable, text)
}

impl Process {
    /// Waits for the server to end by itself.
    pub(crate) async fn wait(&mut self) -> i32 {
        self.child.wait().await.map_or(1, exit_code)
    }

    /// Its standard input is closed: gives it time, then asks, then kills. Its own exit code, or 0
    /// if it had to be ended.
    pub(crate) async fn finish(mut self) -> i32 {
        if let Ok(code) = tokio::time::timeout(LEAVE, self.wait()).await {
            return code;
        }
        self.terminate().await;
        0
    }

    /// Asks the server to end, and kills it if it does not.
    pub(crate) async fn terminate(mut self) {
        let pid = self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        if tokio::time::timeout(TERMINATE, self.wait()).await.is_err() {
            let _ = self.child.start_kill();
            self.wait().await;
        }
    }
}

/// As a shell tells it: 128 and the signal's number for a process that was killed.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}
