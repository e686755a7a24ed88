//! What is done to a process before a server takes its place.
//!
//! Nothing can be done between fork and exec without `unsafe`. So our own binary is started in the
//! server's place, fences itself in and becomes the server (`toolgate child`).

mod words;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod system;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use rustix::process::{Pid, Resource, Rlimit, getppid, getrlimit, setrlimit};

use crate::options::{RunError, RunErrorKind};

use super::command::{CommandSpec, Resources, Sandbox};

/// How one process is fenced in. It travels on the command line, and holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fence {
    /// The process to die with.
    parent: Option<i32>,
    sandbox: Option<Sandbox>,
    resources: Resources,
}

impl Fence {
    /// Nothing where the spec asks for nothing that needs it.
    pub(super) fn of(spec: &CommandSpec) -> Option<Self> {
        let sandbox = spec.sandbox.as_ref().map(absolute);
        let parent = spec.tied.then(|| rustix::process::getpid().as_raw_nonzero().get());
        let fence = Self { parent, sandbox, resources: spec.resources };
        (fence != Self::default()).then_some(fence)
    }

    /// Whether this system can do what is asked.
    pub(super) fn probe(&self) -> Result<(), RunError> {
        match &self.sandbox {
            Some(sandbox) => system::probe(sandbox).map_err(|why| unfenced(&why)),
            None => Ok(()),
        }
    }

    fn apply(&self, program: &OsString) -> Result<(), String> {
        if let Some(parent) = self.parent {
            system::die_with_parent().map_err(|error| error.to_string())?;
            // It may have died before we asked.
            if getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(parent) {
                return Err("the gateway is gone".to_owned());
            }
        }
        system::keep_privileges_low().map_err(|error| error.to_string())?;
        if let Some(sandbox) = &self.sandbox {
            system::apply(sandbox, program)?;
        }
        self.limit().map_err(|error| format!("a resource cannot be limited: {error}"))
    }

    fn limit(&self) -> io::Result<()> {
        let Resources { memory_bytes_max, open_files_max, processes_max, cpu_s_max } =
            self.resources;
        // Not the address space: JavaScript engines reserve much more of it than they use.
        for (resource, max) in [
            (Resource::Cpu, cpu_s_max),
            (Resource::Nofile, open_files_max),
            (Resource::Nproc, processes_max),
            (Resource::Data, memory_bytes_max),
        ] {
            let Some(max) = max else { continue };
            // What is bounded tighter already stays so.
            let max = getrlimit(resource).maximum.map_or(max, |hard| hard.min(max));
            setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) })?;
        }
        Ok(())
    }
}

/// Whether this system can keep a process from files, the network left open.
pub fn can_fence_files() -> bool {
    system::probe(&Sandbox { network: true, ..Sandbox::default() }).is_ok()
}

/// Folders are named from where we stand, not from where the server will.
fn absolute(sandbox: &Sandbox) -> Sandbox {
    let all = |paths: &[PathBuf]| {
        paths.iter().map(|p| std::path::absolute(p).unwrap_or_else(|_| p.clone())).collect()
    };
    Sandbox { network: sandbox.network, read: all(&sandbox.read), write: all(&sandbox.write) }
}

/// Fences this process in and becomes the server: the rest of `toolgate child`. Gives an error
/// where any of it cannot be done; then no server runs.
pub fn become_server(fence: &[OsString], command: &[OsString]) -> RunError {
    let Some((program, args)) = command.split_first() else {
        return RunError::new(RunErrorKind::Usage, "no command; this is started by `serve` only");
    };
    let fence = match Fence::read(fence) {
        Ok(fence) => fence,
        Err(word) => {
            let text = format!("`--fence {word}` is unknown; this is started by `serve` only");
            return RunError::new(RunErrorKind::Usage, text);
        }
    };
    if let Err(why) = fence.apply(program) {
        return unfenced(&why);
    }
    let error = std::process::Command::new(program).args(args).exec();
    let text = format!("cannot start the server `{}`: {error}", program.to_string_lossy());
    RunError::new(RunErrorKind::Unreachable, text)
}

fn unfenced(why: &str) -> RunError {
    let text = format!("the server is not started, since it cannot be fenced in: {why}");
    RunError::new(RunErrorKind::Unreachable, text)
}
