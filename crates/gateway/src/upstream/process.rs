//! Starting a server's process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::net::unix::pipe;
use tokio::process::{ChildStderr, ChildStdout, Command};

use crate::options::{RunError, RunErrorKind};
use crate::quota::Taken;

use super::command::{CommandSpec, ServerStderr};
use super::environment;
use super::fence::Fence;
use super::keeper::Process;

/// A server that was just started.
pub(super) struct Started {
    pub(super) process: Process,
    pub(super) stdin: pipe::Sender,
    pub(super) stdout: ChildStdout,
    /// Where it is captured.
    pub(super) stderr: Option<ChildStderr>,
}

/// A server that only needs to be started.
pub(super) struct Ready {
    spec: CommandSpec,
    command: Command,
}

/// Everything about a start that reads files, and may take as long as their file systems like.
pub(super) fn prepare(spec: CommandSpec) -> Result<Ready, RunError> {
    let mut command = command(&spec)?;
    environment::prepare(&mut command, &spec)?;
    if let Some(folder) = &spec.cwd {
        // A folder that hangs does so here, and not between fork and exec.
        let _ = std::fs::metadata(folder);
        command.current_dir(folder);
    }
    Ok(Ready { spec, command })
}

impl Ready {
    /// Starts the server in a process group of its own, fenced in where the spec says so. The
    /// server may be told to die with the thread that this runs on (`prctl(2)`,
    /// `PR_SET_PDEATHSIG`): one that lasts as long as we do.
    pub(super) fn spawn(self, places: Vec<Taken>) -> Result<Started, RunError> {
        let Self { spec, mut command } = self;
        let unreachable = |error| unreachable(&spec.program, &error);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).process_group(0);
        if spec.stderr == ServerStderr::Captured {
            command.stderr(Stdio::piped());
        }
        let mut child = command.spawn().map_err(unreachable)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(RunError::new(RunErrorKind::Unexpected, "the server has no pipes"));
        };
        let stdin =
            stdin.into_owned_fd().and_then(pipe::Sender::from_owned_fd).map_err(unreachable)?;
        let stderr = child.stderr.take();
        Ok(Started { process: Process::keep(child, places), stdin, stdout, stderr })
    }
}

/// The server's own command, or ours that becomes it.
fn command(spec: &CommandSpec) -> Result<Command, RunError> {
    let Some(fence) = Fence::of(spec) else {
        let mut command = Command::new(&spec.program);
        command.args(&spec.args);
        return Ok(command);
    };
    // What our binary would find out too late to say it here.
    let program = find(spec)?;
    fence.probe()?;
    let mut command = Command::new(own_binary());
    command.arg0("toolgate").arg("child");
    for word in fence.words() {
        command.arg("--fence").arg(word);
    }
    command.arg("--").arg(program).args(&spec.args);
    Ok(command)
}

/// The very file that runs now, though a newer one may lie in its place.
fn own_binary() -> PathBuf {
    match std::env::current_exe() {
        Ok(path) if cfg!(not(target_os = "linux")) => path,
        _ => PathBuf::from("/proc/self/exe"),
    }
}

/// Fails where starting is bound to fail, without starting anything.
pub(super) fn probe(spec: &CommandSpec) -> Result<(), RunError> {
    find(spec)?;
    Fence::of(spec).map_or(Ok(()), |fence| fence.probe())
}

fn find(spec: &CommandSpec) -> Result<PathBuf, RunError> {
    let runs = |path: &PathBuf| {
        rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
    };
    let path = Path::new(&spec.program);
    let found = if path.components().count() > 1 {
        let folder = spec.cwd.clone().unwrap_or_default();
        Some(folder.join(path)).filter(runs)
    } else {
        let folders = environment::path(spec);
        std::env::split_paths(&folders).map(|folder| folder.join(path)).find(runs)
    };
    let found =
        found.ok_or_else(|| unreachable(&spec.program, &std::io::ErrorKind::NotFound.into()));
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    found.map(absolute)
}

fn unreachable(program: &OsStr, error: &std::io::Error) -> RunError {
    let program = program.to_string_lossy();
    let text = format!("cannot start the server `{program}`: {error}; check its command");
    RunError::new(RunErrorKind::Unreachable, text)
}
