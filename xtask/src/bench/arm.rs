//! What stands between client and server.

use std::path::Path;

use super::block::Transport;
use super::levels::{LEVELS, Level, SERVE};
use super::runner::Programs;

pub(crate) struct Arm {
    pub(crate) name: &'static str,
    /// `{url}` stands for the upstream's URL, `{state}` for an empty directory.
    pub(crate) command: Vec<String>,
    /// Nothing for an arm that is not toolgate.
    pub(crate) level: Option<&'static Level>,
}

impl Arm {
    /// Whether the client talks to the server itself, not to something in between.
    pub(crate) fn is_direct(&self) -> bool {
        self.name == DIRECT
    }

    /// Whether it has to be told of its server and of whom it serves before it starts.
    pub(crate) fn wants_grant(&self) -> bool {
        self.name == SERVE.name
    }

    pub(crate) fn denies(&self) -> bool {
        self.level.is_some_and(|level| level.denies)
    }
}

pub(crate) const DIRECT: &str = "direct";

/// The names of the arms that toolgate is held against: one that does not read, one that does.
pub(crate) fn floors(transport: Transport) -> [&'static str; 2] {
    match transport {
        Transport::Http => ["proxy", "parsing proxy"],
        Transport::Stdio => ["pump", "parsing pump"],
    }
}

pub(crate) fn all(transport: Transport, programs: &Programs) -> Vec<Arm> {
    let mut arms = match transport {
        Transport::Http => http_floors(programs),
        Transport::Stdio => stdio_floors(programs),
    };
    arms.extend(LEVELS.iter().enumerate().map(|(index, level)| Arm {
        name: level.name,
        command: toolgate(transport, programs, &programs.policy(index)),
        level: Some(level),
    }));
    if transport == Transport::Http {
        arms.push(Arm { name: SERVE.name, command: serve(programs), level: Some(&SERVE) });
    }
    arms
}

/// What is registered there is the load generator's part: it knows the upstream's URL.
fn serve(programs: &Programs) -> Vec<String> {
    let config = programs.config();
    let place = ["serve", "--config", &config.to_string_lossy(), "--state", "{state}"];
    words(&programs.toolgate, &place)
}

fn floor(name: &'static str, command: Vec<String>) -> Arm {
    Arm { name, command, level: None }
}

fn stdio_floors(programs: &Programs) -> Vec<Arm> {
    let [pump, parsing] = floors(Transport::Stdio);
    let echo = programs.echo.as_path();
    vec![
        floor(DIRECT, words(echo, &[])),
        floor(pump, join(words(&programs.pump, &["--"]), words(echo, &[]))),
        floor(parsing, join(words(&programs.pump, &["--parse", "--"]), words(echo, &[]))),
    ]
}

fn http_floors(programs: &Programs) -> Vec<Arm> {
    let [proxy, parsing] = floors(Transport::Http);
    let place = ["--listen", "127.0.0.1:0", "--url", "{url}"];
    vec![
        floor(DIRECT, words(&programs.echo, &["--http", "127.0.0.1:0"])),
        floor(proxy, words(&programs.proxy, &place)),
        floor(parsing, join(words(&programs.proxy, &place), vec!["--parse".to_owned()])),
    ]
}

fn toolgate(transport: Transport, programs: &Programs, policy: &Path) -> Vec<String> {
    let policy = policy.to_string_lossy();
    let run = words(&programs.toolgate, &["run", "--policy", &policy, "--state", "{state}"]);
    let rest = match transport {
        Transport::Http => words(Path::new("--listen"), &["127.0.0.1:0", "--url", "{url}"]),
        Transport::Stdio => words(Path::new("--"), &[&programs.echo.to_string_lossy()]),
    };
    join(run, rest)
}

fn words(first: &Path, rest: &[&str]) -> Vec<String> {
    let first = first.to_string_lossy().into_owned();
    std::iter::once(first).chain(rest.iter().map(|&word| word.to_owned())).collect()
}

fn join(mut first: Vec<String>, second: Vec<String>) -> Vec<String> {
    first.extend(second);
    first
}
