//! `demo`: the gate on a port, for any client, with every decision as it is made.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, io, thread};

use toolgate_gateway::{CommandSpec, Options, UpstreamSpec};
use toolgate_store::{Durability, Log};

use super::POLICY;
use crate::audit::{Filter, Following, View};
use crate::command;
use crate::exit::{Exit, Failure};
use crate::output;

const HOW_TO_CONNECT: &str = "\
Connect a client with the address and the token below, for example:

  claude mcp add --transport http shop ADDRESS --header \"Authorization: Bearer TOKEN\"

then let it list the customers, refund somebody 99.50, refund 500, read /shop/private/payroll.csv.
Every decision appears here. Ctrl-C ends it; nothing is kept.

";

pub(crate) fn live(listen: SocketAddr) -> Result<ExitCode, Failure> {
    let unexpected = |text: String| Failure::new(Exit::Unexpected, format!("demo: {text}"));
    let place = tempfile::tempdir()
        .map_err(|e| unexpected(format!("cannot make a temporary directory: {e}")))?;
    let (policy, state) = (place.path().join("policy.yaml"), place.path().join("state"));
    fs::write(&policy, POLICY).map_err(|e| unexpected(format!("cannot write the policy: {e}")))?;
    let toolgate =
        env::current_exe().map_err(|e| unexpected(format!("cannot find myself: {e}")))?;
    output::print(&format!("The policy:\n\n{POLICY}\n{HOW_TO_CONNECT}"))?;
    let followed = state.clone();
    thread::spawn(move || follow(&followed));
    command::start(Options {
        policy,
        state,
        grant: "demo".to_owned(),
        server: "demo-shop".to_owned(),
        upstream: UpstreamSpec::Command(CommandSpec::inherited(
            toolgate.into_os_string(),
            vec!["demo-shop".into()],
        )),
        listen: Some(listen),
        durability: Durability::Normal,
        message_bytes_max: 1 << 20,
        approval_url: None,
    })
}

/// Shows decisions for as long as the process lives.
fn follow(state: &Path) {
    let log = loop {
        match Log::open(state) {
            Ok(log) => break log,
            // The gate is about to make it.
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    };
    let view = View { filter: Filter::default(), json: false, colour: output::is_colourful() };
    if let Err(failure) = view.follow(Following::new(state, log, 0), &mut io::stdout()) {
        output::tell(&failure.line(false));
    }
}
