//! The clients in front of the gate.

use std::process::Command;

use super::place::Place;
use super::server::Eras;

#[derive(Clone, Copy, Debug)]
enum Runtime {
    NewerNode,
    Node,
    Python(u8),
    Rmcp,
}

/// Which eras the client tries, in the mode that it is run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tries {
    Legacy,
    Modern,
    ModernThenLegacy,
}

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) name: &'static str,
    runtime: Runtime,
    script: &'static str,
    /// The plan's `era`: each script knows its own words.
    pub(crate) era: &'static str,
    tries: Tries,
    /// One process and one connection per step, and nothing but lists and calls.
    pub(crate) connects_per_step: bool,
    /// Version 2 of the TypeScript SDK drops progress that comes in one piece with the result.
    pub(crate) loses_late_progress: bool,
}

const fn client(
    name: &'static str,
    (runtime, script): (Runtime, &'static str),
    (era, tries): (&'static str, Tries),
) -> Client {
    let connects_per_step = matches!(runtime, Runtime::NewerNode);
    Client { name, runtime, script, era, tries, connects_per_step, loses_late_progress: false }
}

const fn typescript_2(name: &'static str, mode: (&'static str, Tries)) -> Client {
    let client = client(name, (Runtime::Node, "client_v2.mjs"), mode);
    Client { loses_late_progress: true, ..client }
}

const PYTHON_1: (Runtime, &str) = (Runtime::Python(1), "client_v1.py");
const PYTHON_2: (Runtime, &str) = (Runtime::Python(2), "client_v2.py");
const TYPESCRIPT_1: (Runtime, &str) = (Runtime::Node, "client_v1.mjs");
const INSPECTOR: (Runtime, &str) = (Runtime::NewerNode, "inspector.mjs");
const RMCP: (Runtime, &str) = (Runtime::Rmcp, "client");

pub(crate) const CLIENTS: &[Client] = &[
    client("python-2 auto", PYTHON_2, ("auto", Tries::ModernThenLegacy)),
    client("python-2 legacy", PYTHON_2, ("legacy", Tries::Legacy)),
    client("python-1", PYTHON_1, ("legacy", Tries::Legacy)),
    client("typescript-1", TYPESCRIPT_1, ("legacy", Tries::Legacy)),
    typescript_2("typescript-2 default", ("default", Tries::Legacy)),
    typescript_2("typescript-2 auto", ("auto", Tries::ModernThenLegacy)),
    typescript_2("typescript-2 pinned", ("2026-07-28", Tries::Modern)),
    client("inspector legacy", INSPECTOR, ("legacy", Tries::Legacy)),
    client("inspector modern", INSPECTOR, ("modern", Tries::Modern)),
    client("rmcp legacy", RMCP, ("legacy", Tries::Legacy)),
    client("rmcp auto", RMCP, ("auto", Tries::ModernThenLegacy)),
];

impl Client {
    /// What the pair would agree on without a gate; nothing if they cannot talk at all.
    pub(crate) fn version_with(&self, eras: Eras) -> Option<&'static str> {
        match (self.tries, eras) {
            (Tries::Modern | Tries::ModernThenLegacy, Eras::Both) => Some("2026-07-28"),
            (Tries::Legacy, _) | (Tries::ModernThenLegacy, Eras::Legacy) => Some("2025-11-25"),
            (Tries::Modern, Eras::Legacy) => None,
        }
    }

    /// The client's process, but for the plan.
    pub(crate) fn command(&self, place: &Place) -> Command {
        let script = |folder: &str, program: std::path::PathBuf| {
            let mut command = Command::new(program);
            command.arg(place.path(folder).join(self.script));
            command
        };
        match self.runtime {
            Runtime::NewerNode => script("node", place.newer_node()),
            Runtime::Node => script("node", "node".into()),
            Runtime::Python(line) => script("python", place.python(line)),
            Runtime::Rmcp => Command::new(place.rmcp(self.script)),
        }
    }
}
