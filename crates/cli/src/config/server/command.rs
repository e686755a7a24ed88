//! Servers that are started here, as processes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toolgate_policy::document::outline::{Key, Manner, Named, Node, Shape, Table, Value, may};

use super::super::amount::{
    Count, DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS, SECOND_MS, Size, Time, time_json,
};
use super::super::exposed;
use super::super::form::{Reads, Written};
use super::super::name::{VARIABLE_PATTERN, check_variable};
use super::super::reading::{Reading, texts};
use super::super::secret::{Secret, Show, Source, is_plain, names_a_secret};
use super::super::tls::FILE;
use crate::json::{self, Object};

/// A program and how it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// A path, or a name that is looked for in `PATH`.
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, Secret>,
    pub(crate) cwd: Option<PathBuf>,
    /// One process serves all sessions.
    pub(crate) shared: bool,
    pub(crate) inherit_env: bool,
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) resources: Resources,
    /// Until the first answer.
    pub(crate) start_timeout: Duration,
    pub(crate) idle_timeout: Duration,
}

/// What a process may reach of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sandbox {
    pub(crate) network: bool,
    pub(crate) read: Vec<PathBuf>,
    pub(crate) write: Vec<PathBuf>,
}

/// What a process may use up. Nothing: as much as there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resources {
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) open_files: Option<u64>,
    pub(crate) processes: Option<u64>,
    pub(crate) cpu: Option<Duration>,
}

const TEXT: Shape = Shape::Text(Manner::Free);
const FILES: Shape = Shape::List(&FILE);
const VALUE: Source = Source { plain: true };
const START: Time = Time { min_ms: 100, max_ms: HOUR_MS };
const START_ABSENT: Duration = Duration::from_millis(30 * SECOND_MS);
const IDLE: Time = Time { min_ms: 100, max_ms: 30 * DAY_MS };
const IDLE_ABSENT: Duration = Duration::from_millis(30 * MINUTE_MS);
const MEMORY: Size = Size { min: 16 * MIB, max: 1024 * GIB };
const OPEN_FILES: Count = Count { min: 16, max: 1 << 20 };
const PROCESSES: Count = Count { min: 1, max: 1 << 20 };
const CPU: Time = Time { min_ms: SECOND_MS, max_ms: 366 * DAY_MS };

pub(super) const COMMAND: Key = may(
    "command",
    Shape::List(&TEXT),
    "The program and its arguments, of a server that is started here; no shell reads them.",
);
pub(super) const ENV: Key = may(
    "env",
    Shape::Named(&Named {
        pattern: VARIABLE_PATTERN,
        check: check_variable,
        value: Shape::Form(&Written(VALUE)),
    }),
    "Variables for the program: `env:VARIABLE` of the gateway, `file:PATH`, or the value itself.",
);
pub(super) const CWD: Key = may("cwd", FILE, "The folder in which the program starts.");
pub(super) const SHARED: Key =
    may("shared", Shape::Bool, "One process for all sessions; `false` if absent.");
pub(super) const INHERIT_ENV: Key = may(
    "inherit_env",
    Shape::Bool,
    "All variables of the gateway, not only `PATH`, `HOME` and the like; `false` if absent.",
);
pub(super) const SANDBOX_KEY: Key =
    may("sandbox", Shape::Object(&SANDBOX), "What the program may reach; everything if absent.");
pub(super) const RESOURCES_KEY: Key =
    may("resources", Shape::Object(&RESOURCES), "What one process may use up.");
pub(super) const START_TIMEOUT: Key = may(
    "start_timeout",
    Shape::Form(&Written(START)),
    "How long the first answer may take; `30s` if absent.",
);
pub(super) const IDLE_TIMEOUT: Key = may(
    "idle_timeout",
    Shape::Form(&Written(IDLE)),
    "A process without a call for so long ends; `30m` if absent.",
);

pub(crate) static SANDBOX: Table = Table {
    name: "sandbox",
    place: "in `sandbox`",
    keys: &[
        may("network", Shape::Bool, "Whether it may open connections; `false` if absent."),
        may("read", FILES, "Folders that it may read, besides those that programs need."),
        may("write", FILES, "Folders that it may read and write."),
    ],
};

pub(crate) static RESOURCES: Table = Table {
    name: "resources",
    place: "in `resources`",
    keys: &[
        may("memory", Shape::Form(&Written(MEMORY)), "Address space, as `512MiB`."),
        may("open_files", Shape::Form(&Written(OPEN_FILES)), "Files open at a time."),
        may("processes", Shape::Form(&Written(PROCESSES)), "Processes and threads."),
        may("cpu", Shape::Form(&Written(CPU)), "Time on a processor, as `1h`."),
    ],
};

impl Command {
    pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let is_set = |key| node.get(key).and_then(Node::bool).unwrap_or(false);
        let env = node.get("env").map(|env| read_env(env, reading)).unwrap_or_default();
        let cwd = reading.path(node.get("cwd"));
        let sandbox = node.get("sandbox").map(|sandbox| Sandbox::read(sandbox, reading));
        let resources = node.get("resources").map(Resources::read).unwrap_or_default();
        let (program, args) = read_command(node.get("command")?, reading)?;
        Some(Self {
            program,
            args,
            env,
            cwd,
            shared: is_set("shared"),
            inherit_env: is_set("inherit_env"),
            sandbox,
            resources,
            start_timeout: START.take(node.get("start_timeout")).unwrap_or(START_ABSENT),
            idle_timeout: IDLE.take(node.get("idle_timeout")).unwrap_or(IDLE_ABSENT),
        })
    }

    /// The program and its arguments.
    pub(crate) fn words(&self, show: Show) -> Vec<String> {
        let words = || std::iter::once(&self.program).chain(&self.args);
        let hidden = exposed::words(words().map(String::as_str));
        let shown = words().zip(hidden).map(|(word, hidden)| match (show, hidden) {
            (Show::NoSecrets, Some(hidden)) => hidden,
            (Show::All | Show::NoSecrets, _) => word.clone(),
        });
        shown.collect()
    }

    pub(super) fn json(&self, object: Object, show: Show) -> Object {
        let env = self.env.iter();
        let env = env.fold(Object::new(), |env, (name, value)| env.raw(name, value.json(show)));
        object
            .raw("command", json::array(self.words(show).iter().map(|word| json::string(word))))
            .raw("env", env.finish())
            .path("cwd", self.cwd.as_deref())
            .plain("shared", self.shared)
            .plain("inherit_env", self.inherit_env)
            .maybe_raw("sandbox", self.sandbox.as_ref().map(Sandbox::json))
            .raw("resources", self.resources.json())
            .raw("start_timeout", time_json(self.start_timeout))
            .raw("idle_timeout", time_json(self.idle_timeout))
    }
}

/// A program with a `/` in its name is a file; without, it is looked for in `PATH`.
fn read_command(node: &Node, reading: &mut Reading<'_>) -> Option<(String, Vec<String>)> {
    let Value::List(items) = &node.value else { return None };
    let program = items.first().map_or(Some(""), Node::text)?;
    if program.is_empty() {
        reading
            .findings
            .error(node.span, "the command names no program")
            .help("write `command: [npx, -y, my-mcp]`");
        return None;
    }
    if items.iter().filter_map(Node::text).any(|word| word.contains('\0')) {
        reading.findings.error(node.span, "the command holds a zero byte").help("remove it");
    }
    let words: Vec<_> = items.iter().map(|item| item.text().unwrap_or_default()).collect();
    for (item, hidden) in items.iter().zip(exposed::words(words)) {
        let Some(hidden) = hidden else { continue };
        let message =
            format!("`{hidden}` looks like a secret, which every list of processes shows");
        reading.findings.hide(item.span);
        let help = "give it to the program by `env`, as `API_KEY: env:API_KEY`";
        reading.findings.warning(item.span, message).help(help);
    }
    if items.len() == 1 && program.contains(' ') && !program.contains('/') {
        let words: Vec<_> = program.split_whitespace().collect();
        let help = format!("no shell splits it: write `command: [{}]`", words.join(", "));
        reading.findings.warning(items[0].span, "the program's name has a space").help(help);
    }
    let args = texts(Some(node)).split_off(1);
    if !program.contains('/') {
        return Some((program.to_owned(), args));
    }
    let path = reading.absolute(PathBuf::from(program), &items[0]);
    Some((path.to_str()?.to_owned(), args))
}

fn read_env(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Secret> {
    let mut env = BTreeMap::new();
    for member in node.members() {
        let Some(value) = reading.secret(VALUE, Some(&member.node)) else { continue };
        if is_plain(&member.node) && names_a_secret(&member.key) {
            let name = &member.key;
            reading
                .findings
                .warning(member.key_span, format!("`{name}` looks like a secret in plain text"))
                .help(format!("write `{name}: env:{name}` or `{name}: file:PATH`"));
        }
        env.insert(member.key.clone(), value);
    }
    env
}

impl Sandbox {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Self {
        Self {
            network: node.get("network").and_then(Node::bool).unwrap_or(false),
            read: reading.paths(node.get("read")),
            write: reading.paths(node.get("write")),
        }
    }

    fn json(&self) -> String {
        let paths = |paths: &[PathBuf]| json::array(paths.iter().map(|path| path_json(path)));
        Object::new()
            .plain("network", self.network)
            .raw("read", paths(&self.read))
            .raw("write", paths(&self.write))
            .finish()
    }
}

fn path_json(path: &Path) -> String {
    json::string(&path.to_string_lossy())
}

impl Resources {
    fn read(node: &Node) -> Self {
        Self {
            memory_bytes: MEMORY.take(node.get("memory")),
            open_files: OPEN_FILES.take(node.get("open_files")),
            processes: PROCESSES.take(node.get("processes")),
            cpu: CPU.take(node.get("cpu")),
        }
    }

    fn json(&self) -> String {
        let number = |count: Option<u64>| count.map(|count| count.to_string());
        Object::new()
            .maybe_raw("memory", number(self.memory_bytes))
            .maybe_raw("open_files", number(self.open_files))
            .maybe_raw("processes", number(self.processes))
            .maybe_raw("cpu", self.cpu.map(time_json))
            .finish()
    }
}
