//! What is to be frozen or thawed, by names that people type.

use std::collections::BTreeSet;
use std::path::Path;

use toolgate_policy::document::outline::nearest;
use toolgate_store::{Directory, Extent, Freeze, Log};

use crate::args::ExtentArgs;
use crate::audit::{self, Decision};
use crate::exit::{Exit, Failure};
use crate::json::Object;
use crate::output::visible;
use crate::{named, time};

/// So far back names are looked for that are like one that nobody has used.
const LATEST_MAX: usize = 5_000;

/// In the order: everything, servers, grants. Each once.
pub(crate) fn read(args: &ExtentArgs) -> Result<Vec<Extent>, Failure> {
    let mut extents = BTreeSet::new();
    if args.all {
        extents.insert(Extent::All);
    }
    for name in &args.servers {
        extents.insert(Extent::Server(named::one_word("--server", name.clone())?));
    }
    for name in &args.grants {
        extents.insert(Extent::Grant(named::one_word("--grant", name.clone())?));
    }
    Ok(extents.into_iter().collect())
}

/// A name is known that is registered, or that some call on record has had: gates of one server
/// (`run`) are registered nowhere.
pub(crate) fn check(
    state: &Path,
    directory: &Directory,
    extents: &[Extent],
) -> Result<(), Failure> {
    let mut log = None;
    for extent in extents {
        let (kind, name) = match extent {
            Extent::All => continue,
            Extent::Grant(name) if directory.grants.contains_key(name) => continue,
            Extent::Server(name) if directory.servers.contains_key(name) => continue,
            Extent::Grant(name) => ("grant", name),
            Extent::Server(name) => ("server", name),
        };
        let log = match &log {
            Some(log) => log,
            None => log.insert(audit::open(state)?),
        };
        if !log.has_seen(extent)? {
            return Err(unknown(log, directory, (kind, name)));
        }
    }
    Ok(())
}

fn unknown(log: &Log, directory: &Directory, (kind, name): (&str, &str)) -> Failure {
    let is_server = kind == "server";
    let mut names: BTreeSet<String> = if is_server {
        directory.servers.keys().cloned().collect()
    } else {
        directory.grants.keys().cloned().collect()
    };
    for entry in log.entries_back(u64::MAX).take(LATEST_MAX).flatten() {
        let Some(decision) = Decision::of(&entry) else { continue };
        let caller = &decision.facts.caller;
        names.insert(if is_server { caller.server.clone() } else { caller.grant.clone() });
    }
    let near = nearest(name, names.iter().map(String::as_str));
    let mend = match near {
        Some(near) => format!("did you mean `{}`?", visible(near)),
        None => "`--unseen` freezes a name before its first call, `--all` everything".to_owned(),
    };
    let text = format!("no {kind} `{}` is registered or has been called; {mend}", visible(name));
    Failure::new(Exit::Usage, text)
}

/// For a line: ``server `shop` ``.
pub(crate) fn words(extent: &Extent) -> String {
    match extent {
        Extent::All => "everything".to_owned(),
        Extent::Grant(name) => format!("grant `{}`", visible(name)),
        Extent::Server(name) => format!("server `{}`", visible(name)),
    }
}

/// As it is typed.
pub(crate) fn flag(extent: &Extent) -> String {
    match extent {
        Extent::All => "--all".to_owned(),
        Extent::Grant(name) => format!("--grant {name}"),
        Extent::Server(name) => format!("--server {name}"),
    }
}

/// ``since 2026-11-21 10:45:03, by os:ann: refunds look wrong``
pub(crate) fn history(freeze: &Freeze) -> String {
    let reason = freeze.reason.as_ref().map(|reason| format!(": {}", visible(reason)));
    let (since, by) = (time::local(freeze.since_ms), visible(&freeze.by));
    format!("since {since}, by {by}{}", reason.unwrap_or_default())
}

pub(crate) fn to_json(freeze: &Freeze) -> String {
    named_json(&freeze.extent)
        .maybe_text("reason", freeze.reason.as_deref())
        .text("by", &freeze.by)
        .text("since", &time::utc(freeze.since_ms))
        .finish()
}

pub(crate) fn named_json(extent: &Extent) -> Object {
    match extent {
        Extent::All => Object::new().text("extent", "all"),
        Extent::Grant(name) => Object::new().text("extent", "grant").text("name", name),
        Extent::Server(name) => Object::new().text("extent", "server").text("name", name),
    }
}
