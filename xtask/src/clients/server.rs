//! The servers behind the gate.

use std::path::Path;
use std::process::Command;

use super::install::npm;
use super::place::Place;
use super::process::Running;
use crate::Result;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eras {
    Both,
    Legacy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Everything,
    /// The same, the way people write it into a client's configuration.
    EverythingByNpx,
    Node(&'static str),
    Python(u8, &'static str),
    Rmcp,
    Sentinel,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    program: Program,
    pub(crate) eras: Eras,
    /// Tools no policy of the suite allows, with valid arguments; where there is one with an
    /// output schema, since some clients check results against it.
    pub(crate) others: &'static [(&'static str, &'static str)],
}

const OWN_OTHERS: &[(&str, &str)] = &[("danger", "{}")];

pub(crate) const EVERYTHING: Server = Server {
    name: "everything",
    program: Program::Everything,
    eras: Eras::Legacy,
    others: &[("get-env", "{}"), ("get-structured-content", r#"{"location":"Chicago"}"#)],
};

pub(crate) const EVERYTHING_BY_NPX: Server =
    Server { name: "everything by npx", program: Program::EverythingByNpx, ..EVERYTHING };

pub(crate) const PYTHON_1: Server = Server {
    name: "python-1",
    program: Program::Python(1, "server_v1.py"),
    eras: Eras::Legacy,
    others: OWN_OTHERS,
};

pub(crate) const PYTHON_2: Server = Server {
    name: "python-2",
    program: Program::Python(2, "server_v2.py"),
    eras: Eras::Both,
    others: OWN_OTHERS,
};

pub(crate) const RMCP: Server =
    Server { name: "rmcp", program: Program::Rmcp, eras: Eras::Both, others: OWN_OTHERS };

pub(crate) const SENTINEL: Server = Server {
    name: "sentinel",
    program: Program::Sentinel,
    eras: Eras::Both,
    others: &[("delete_customer", r#"{"customer":"x"}"#), ("structured", r#"{"value":1}"#)],
};

pub(crate) const TYPESCRIPT_1: Server = Server {
    name: "typescript-1",
    program: Program::Node("server_v1.mjs"),
    eras: Eras::Legacy,
    others: OWN_OTHERS,
};

pub(crate) const TYPESCRIPT_2: Server = Server {
    name: "typescript-2",
    program: Program::Node("server_v2.mjs"),
    eras: Eras::Both,
    others: OWN_OTHERS,
};

/// The command that serves over stdio; what the server notes goes into the log, if one is given.
pub(crate) fn command(place: &Place, server: &Server, log: Option<&Path>) -> Command {
    let mut command = match server.program {
        Program::Everything => {
            let package = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";
            let mut node = Command::new("node");
            node.arg(place.path("node").join(package));
            node
        }
        Program::EverythingByNpx => {
            let mut npx = npm("npx", place);
            npx.args(["-y", "@modelcontextprotocol/server-everything@2026.8.31"]);
            npx
        }
        Program::Node(script) => {
            let mut node = Command::new("node");
            node.arg(place.path("node").join(script));
            node
        }
        Program::Python(line, script) => {
            let mut python = Command::new(place.python(line));
            python.arg(place.path("python").join(script));
            python
        }
        Program::Rmcp => Command::new(place.rmcp("server")),
        Program::Sentinel => {
            let mut sentinel = Command::new(place.binary("sentinel"));
            sentinel.args(["--rename", "add=get-sum"]);
            sentinel
        }
    };
    if let Some(log) = log {
        command.arg("--log").arg(log);
    }
    command
}

/// A server that is reached over HTTP.
pub(crate) struct Served {
    pub(crate) url: String,
    _running: Running,
}

/// Starts the server on a free port.
pub(crate) fn start_http(place: &Place, server: &Server) -> Result<Served> {
    let folder = place.work(&format!("server {}", server.name))?;
    let mut command = command(place, server, None);
    command.arg("--http").current_dir(&folder);
    if server.program == Program::Sentinel {
        command.arg("127.0.0.1:0");
    }
    let mut running = Running::start(&mut command, folder.join("stderr"))?;
    Ok(Served { url: running.url()?, _running: running })
}
