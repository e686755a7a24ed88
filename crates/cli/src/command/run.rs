//! `run`: the gate in front of one server.

use std::process::ExitCode;

use toolgate_gateway::{
    CommandSpec, Options, RunError, RunErrorKind, Transport, UpstreamSpec, UrlSpec,
};
use toolgate_store::Durability;

use crate::args::{DurabilityArg, RunArgs, TransportArg};
use crate::config::url::{Parts, is_plain_and_far};
use crate::exit::{Exit, Failure};
use crate::{header, named, output, server_name, state};

/// By signals that mean: stop.
const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

pub(super) fn execute(args: RunArgs) -> Result<ExitCode, Failure> {
    start(options(args)?)
}

/// Runs a gate until its client or its server is gone.
pub(crate) fn start(options: Options) -> Result<ExitCode, Failure> {
    let code = toolgate_gateway::run(options).map_err(failure)?;
    if !matches!(code, 0 | INTERRUPTED | TERMINATED) {
        output::tell(&format!("toolgate: the server ended with exit code {code}"));
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What was typed, as the gateway wants it.
fn options(args: RunArgs) -> Result<Options, Failure> {
    if args.url.is_none() && !args.headers.is_empty() {
        let text = "`--header` is for a server with `--url`; a command gets its secrets from its \
                    environment";
        return Err(Failure::new(Exit::Usage, text));
    }
    let mut command = args.command.into_iter();
    let (upstream, name) = match (args.url, command.next()) {
        (Some(url), _) => {
            let headers = args.headers.iter().map(|typed| header::read(typed));
            let name = server_name::of_url(&url);
            let headers = headers.collect::<Result<_, _>>()?;
            let transport = match args.transport {
                None | Some(TransportArg::Http) => Transport::Http,
                Some(TransportArg::Sse) => Transport::Sse,
            };
            (UpstreamSpec::Url(UrlSpec { url, headers, auth: None, transport }), name)
        }
        (None, Some(program)) => {
            let args: Vec<_> = command.collect();
            let name = server_name::of_command(&program, &args);
            (UpstreamSpec::Command(CommandSpec::inherited(program, args)), name)
        }
        (None, None) => {
            let text = "no server; give its command after `--`, or its address with `--url`";
            return Err(Failure::new(Exit::Usage, text));
        }
    };
    Ok(Options {
        policy: args.policy,
        state: state::directory(args.state)?,
        grant: named::one_word("--grant", args.grant)?,
        server: named::one_word("--server", args.server.unwrap_or(name))?,
        upstream,
        listen: args.listen,
        durability: match args.durability {
            DurabilityArg::Full => Durability::Full,
            DurabilityArg::Normal => Durability::Normal,
        },
        message_bytes_max: usize::try_from(args.message_bytes_max).unwrap_or(usize::MAX),
        approval_url: args.approval_url.map(approval_page).transpose()?,
    })
}

/// Clients open it, and what it shows must come from where it seems to.
fn approval_page(url: String) -> Result<String, Failure> {
    let refused = |what: &str| {
        let text = format!("`--approval-url`: {what}");
        Failure::new(Exit::Usage, text)
    };
    let parts = Parts::of(&url)
        .map_err(|_| refused("it is an address such as `https://gate.example.com/approvals`"))?;
    if parts.rest.contains('?') {
        return Err(refused("the approval's id stands behind it, so that it cannot have a query"));
    }
    if is_plain_and_far(&url) {
        return Err(refused("write `https://`; `http://` only leads to this machine"));
    }
    Ok(url)
}

pub(crate) fn failure(error: RunError) -> Failure {
    let exit = match error.kind {
        RunErrorKind::Audit => Exit::State,
        RunErrorKind::Policy => Exit::Policy,
        RunErrorKind::Unexpected => Exit::Unexpected,
        RunErrorKind::TimedOut | RunErrorKind::Unreachable => Exit::Unreachable,
        RunErrorKind::Usage => Exit::Usage,
    };
    Failure::new(exit, error.text)
}
