//! `scan`: how dangerous the tools of servers are, and why.

use std::io;
use std::process::ExitCode;

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use toolgate_catalog::{Form, Severity};
use toolgate_gateway::Vault;
use toolgate_store::{Durability, Options, Store};

use crate::args::ScanArgs;
use crate::exit::{Exit, Failure};
use crate::scan::ask::{self, Listing, Terms};
use crate::scan::look::{self, Asked};
use crate::scan::policies::Policies;
use crate::scan::report::Report;
use crate::scan::secrets::Secrets;
use crate::scan::sources::{self, Sources};
use crate::scan::table::Look;
use crate::scan::{files, html, json, layout, next, sarif, table};
use crate::{catalog, output, state};

const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

pub(super) fn execute(args: &ScanArgs) -> Result<ExitCode, Failure> {
    let Sources { targets, many } = sources::of(args)?;
    if let Some(path) = &args.html {
        files::check(path, args.force)?;
    }
    let names: Vec<&str> = targets.iter().map(|target| &*target.name).collect();
    let plan = |out| Policies::plan(out, &names, many, args.force);
    let policies = args.policy.as_deref().map(plan).transpose()?;
    let mut sources = Vec::new();
    let mut rest = Vec::new();
    for target in targets {
        let reached = target.reached();
        sources.push((target.name.clone(), target.source));
        rest.push((target.name, target.place, reached, target.secrets));
    }
    let (listings, signal) = ask(args, sources)?;
    if let Some(code) = signal {
        return Ok(ExitCode::from(code));
    }
    if let ([(name, _, _, secrets)], [Err(failure)], false) = (&*rest, &*listings, many) {
        let text = format!("server `{}`: {}", output::visible(name), secrets.hide(&failure.text));
        return Err(Failure::new(failure.exit, text));
    }
    let all_secrets = rest.first().map(|(_, _, _, secrets)| secrets.clone()).unwrap_or_default();
    let asked = rest.into_iter().zip(listings).map(|((name, place, reached, secrets), listing)| {
        Asked { name, place, reached, secrets, listing: listing.map_err(|failure| failure.text) }
    });
    let form = policies.as_ref().map(|policies| policies.form);
    let report = look::at(asked.collect(), form.or(args.html.as_ref().map(|_| Form::Yaml)));
    if let Some(policies) = &policies {
        policies.write(&report)?;
    }
    tell(args, &report, many, &all_secrets)?;
    keep(args, &report);
    verdict(args, &report)
}

type Listings = Vec<Result<Listing, Failure>>;

/// Or the exit code of the signal that ended it.
fn ask(
    args: &ScanArgs,
    sources: Vec<(String, Result<crate::scan::target::Source, String>)>,
) -> Result<(Listings, Option<u8>), Failure> {
    toolgate_gateway::mute();
    // Every connection has a gate and every gate a store; nothing is written to this one.
    let folder = tempfile::tempdir().map_err(|error| {
        Failure::new(Exit::State, format!("no temporary folder can be made: {error}"))
    })?;
    let store = Store::open(folder.path(), Options { durability: Durability::Normal })?;
    // Logins are kept in the state directory, of registered servers and those of our own files.
    let state = state::directory(args.state.clone()).unwrap_or_else(|_| folder.path().to_owned());
    let (stop, stopping) = watch::channel(false);
    let terms = Terms { store, vault: Vault::new(&state, None), patience: args.timeout, stopping };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let asking = ask::all(sources, terms);
        tokio::pin!(asking);
        let code = tokio::select! {
            listings = &mut asking => return Ok((listings, None)),
            _ = interrupt.recv() => INTERRUPTED,
            _ = terminate.recv() => TERMINATED,
        };
        // Nothing that was started stays behind.
        stop.send_replace(true);
        Ok::<_, io::Error>((asking.await, Some(code)))
    });
    runtime.shutdown_background();
    Ok(asked?)
}

fn tell(args: &ScanArgs, report: &Report, many: bool, secrets: &Secrets) -> Result<(), Failure> {
    if let Some(path) = &args.html {
        let at = Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
        files::write(path, &html::render(report, &at))?;
    }
    if args.json {
        return output::print(&json::render(report, many));
    }
    if args.sarif {
        return output::print(&sarif::render(report));
    }
    let look = Look { width: layout::width(&io::stdout()), colour: output::is_colourful() };
    let table = table::render(report, look);
    output::print(&(table + &next::text(args, report, many, secrets)))
}

/// Where there is a state directory, its catalogue keeps what was found. A list from a file is
/// kept only under a name that somebody gave it.
fn keep(args: &ScanArgs, report: &Report) {
    let Ok(state) = state::directory(args.state.clone()) else { return };
    let is_wanted = args.state.is_some() || state.exists();
    if !is_wanted || args.tools.is_some() && args.server.is_none() {
        return;
    }
    let surveys: Vec<_> = report.seen().map(|seen| seen.to_keep.clone()).collect();
    let told = match (catalog::keep(&state, surveys), report.servers.as_slice()) {
        (Err(failure), _) => format!("toolgate: the catalogue keeps nothing of this: {failure}"),
        (Ok(()), [one]) => {
            let name = output::visible(&one.name);
            format!("Kept in {}: see `toolgate catalog show {name}`", state.display())
        }
        (Ok(()), _) => format!("Kept in {}: see `toolgate catalog list`", state.display()),
    };
    output::tell(&told);
}

/// What the exit code says: the gravest thing first.
fn verdict(args: &ScanArgs, report: &Report) -> Result<ExitCode, Failure> {
    let gravest = report.gravest();
    if let Some(limit) = args.fail_on.map(Severity::from)
        && let Some(gravest) = gravest.filter(|gravest| *gravest >= limit)
    {
        let (is, limit) = (gravest.name().to_lowercase(), limit.name().to_lowercase());
        let text =
            format!("the gravest of what was found is {is}; `--fail-on {limit}` allows less");
        return Err(Failure::new(Exit::Findings, text));
    }
    let failed: Vec<String> = report
        .servers
        .iter()
        .filter(|server| server.outcome.is_err())
        .map(|server| format!("`{}`", output::visible(&server.name)))
        .collect();
    if !failed.is_empty() {
        let (count, total) = (failed.len(), report.servers.len());
        let text =
            format!("{count} of {total} servers could not be scanned: {}", failed.join(", "));
        return Err(Failure::new(Exit::Unreachable, text));
    }
    Ok(Exit::Ok.into())
}
