//! How a server is started as a command, and what it may do once it runs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::options::SecretSource;

/// One command, and everything that holds for its processes.
#[derive(Clone, Debug)]
pub struct CommandSpec {
    pub program: OsString,
    pub args: Vec<OsString>,
    /// Variables beyond those that are inherited.
    pub env: Vec<Variable>,
    pub cwd: Option<PathBuf>,
    /// Our own environment, but for our own variables; otherwise only what says where things are
    /// and who the user is.
    pub inherit_env: bool,
    pub sandbox: Option<Sandbox>,
    pub resources: Resources,
    /// How long the first answer may take, counted from the first request.
    pub start_timeout: Option<Duration>,
    /// A process that nobody uses for so long is ended.
    pub idle_timeout: Option<Duration>,
    pub stderr: ServerStderr,
    /// One process for all sessions and grants.
    pub shared: bool,
    /// It dies with us, though we be killed (Linux).
    pub tied: bool,
}

/// A variable of a server's environment.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub source: SecretSource,
}

/// What a server's processes may reach, besides the system's own programs and libraries. Whoever
/// cannot be fenced in like this is not started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// Otherwise no socket but unix sockets.
    pub network: bool,
    /// Folders and files to read, and to run what is in there.
    pub read: Vec<PathBuf>,
    /// Folders and files to read, to write, and to run what is in there.
    pub write: Vec<PathBuf>,
}

/// Bounds that the operating system keeps, for each process of a server by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Of memory that a process has for itself and may write to.
    pub memory_bytes_max: Option<u64>,
    pub open_files_max: Option<u64>,
    /// Counted over all processes of the user.
    pub processes_max: Option<u64>,
    /// Processor time, after which the process is killed.
    pub cpu_s_max: Option<u64>,
}

/// Where a server's standard error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerStderr {
    /// Line by line into our log, under the server's name.
    Captured,
    /// To our own standard error, as it is.
    Inherited,
}

impl CommandSpec {
    /// As `run` starts it: in the place of the client, with all that the client gave.
    pub fn inherited(program: OsString, args: Vec<OsString>) -> Self {
        Self {
            inherit_env: true,
            start_timeout: None,
            idle_timeout: None,
            stderr: ServerStderr::Inherited,
            tied: false,
            ..Self::supervised(program, args)
        }
    }

    /// As a gateway starts it: with nothing but what the operator gave.
    pub fn supervised(program: OsString, args: Vec<OsString>) -> Self {
        Self {
            program,
            args,
            env: Vec::new(),
            cwd: None,
            inherit_env: false,
            sandbox: None,
            resources: Resources::default(),
            start_timeout: Some(START_TIMEOUT),
            idle_timeout: Some(IDLE_TIMEOUT),
            stderr: ServerStderr::Captured,
            shared: false,
            tied: true,
        }
    }
}

const START_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_TIMEOUT: Duration = Duration::from_mins(30);
