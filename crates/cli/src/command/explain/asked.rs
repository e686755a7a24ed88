//! A call that nobody has made yet.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_policy::simulate::Simulated;
use toolgate_policy::{Call, Caller, Charge, Definition, Principal, Subject, Weight, explain};
use toolgate_store::{Directory, Durability, Grant, Options, Store};

use super::policies::{self, Source};
use super::{Told, arguments, definition, read_definition};
use crate::args::ExplainArgs;
use crate::exit::{Exit, Failure};
use crate::output::visible;
use crate::place;

pub(super) fn tell(tool: &str, args: &ExplainArgs) -> Result<Told, Failure> {
    let arguments = arguments(args)?;
    let known = definition(args.definition.as_deref())?;
    let (caller, sources, definition) = match &args.grant {
        Some(grant) => of_grant(grant, tool, args)?,
        None => (nobody(args), vec![alone(args)?], None),
    };
    let mut untold = Vec::new();
    let layers = policies::layers(&sources);
    let definition = known.or(definition).unwrap_or(Definition::Unknown);
    if layers.needs_definition(tool) && matches!(definition, Definition::Unknown) {
        untold.push(
            "whether the arguments fit the tool's definition: give it with `--definition FILE`"
                .to_owned(),
        );
    }
    let call = call(tool, &caller, arguments.as_ref(), definition);
    let mut explanation = explain(&layers, &call);
    let charges = explanation.charges().to_vec();
    explanation.weigh(&match &args.grant {
        Some(_) => weigh(&place::state_of(&args.place)?, &caller, &charges)?,
        None => Simulated::new().weigh(&caller, &charges, 0),
    });
    let levels = match args.grant {
        Some(_) => "as the counters stand now",
        None => "as if nothing had been spent; `--as GRANT` looks",
    };
    let given = arguments.map(|a| format!(" {}", visible(&String::from_utf8_lossy(a.bytes()))));
    let whose = match &args.grant {
        Some(grant) => {
            format!("grant `{}` at server `{}`", visible(grant), visible(&caller.server))
        }
        None => "no grant in particular".to_owned(),
    };
    Ok(Told {
        call: format!("{}{}", visible(tool), given.unwrap_or_default()),
        whose,
        sources,
        explanation: Some(explanation),
        record: None,
        untold,
        levels,
        for_grant: args.grant.is_some(),
    })
}

pub(super) fn call(
    name: &str,
    caller: &Caller,
    arguments: Option<&Document>,
    definition: Definition,
) -> Call {
    let none = || Document::parse(Bytes::from_static(b"null"), Reading::Strict);
    let message = arguments.cloned().map_or_else(none, Ok);
    Call {
        caller: Arc::new(caller.clone()),
        subject: Subject::Tool,
        name: name.to_owned(),
        arguments: arguments.map(|arguments| arguments.root().id()),
        message: message.unwrap_or_else(|_| unreachable!("`null` is JSON")),
        definition,
        time_ms: 0,
    }
}

fn alone(args: &ExplainArgs) -> Result<Source, Failure> {
    let given = args.policy.as_deref().ok_or_else(|| {
        let text = "by which policy? name one with `--policy`, or a grant with `--as`";
        Failure::new(Exit::Usage, text)
    })?;
    policies::named(given, || Ok(place::reader(&place::state_of(&args.place)?)?))
}

fn nobody(args: &ExplainArgs) -> Caller {
    let principal = Principal { issuer: "local".to_owned(), subject: "somebody".to_owned() };
    let server = args.server.clone().unwrap_or_else(|| "server".to_owned());
    Caller { principal, grant: "grant".to_owned(), server }
}

/// Who calls, by which policies, and the tool as it is pinned.
fn of_grant(
    name: &str,
    tool: &str,
    args: &ExplainArgs,
) -> Result<(Caller, Vec<Source>, Option<Definition>), Failure> {
    let state = place::state_of(&args.place)?;
    let reader = place::reader(&state)?;
    let directory = reader.read()?;
    let Some(grant) = directory.grants.get(name) else {
        return of_run(name, args);
    };
    let server = server(grant, args)?;
    let mut sources = Vec::new();
    if let (Some(above), Some(_)) = (&directory.organization, &grant.policy) {
        sources.push(policies::newest(above, &reader)?);
    }
    sources.extend(own(grant, &directory, args, &state)?);
    let pinned = reader.pinned_tool(&server, tool)?.and_then(|tool| tool.definition);
    let definition = pinned.and_then(|text| read_definition(&text).ok());
    let principal = Principal { issuer: grant.issuer.clone(), subject: grant.subject.clone() };
    Ok((Caller { principal, grant: name.to_owned(), server }, sources, definition))
}

/// The grant's own policy, or the one that would take its place.
fn own(
    grant: &Grant,
    directory: &Directory,
    args: &ExplainArgs,
    state: &Path,
) -> Result<Option<Source>, Failure> {
    if let Some(given) = &args.policy {
        return policies::named(given, || Ok(place::reader(state)?)).map(Some);
    }
    let stored = grant.policy.as_ref().and_then(|name| directory.policies.get(name));
    stored.map(Source::of_stored).transpose()
}

/// A grant of `toolgate run`, which no directory holds: its policy is a file.
fn of_run(
    name: &str,
    args: &ExplainArgs,
) -> Result<(Caller, Vec<Source>, Option<Definition>), Failure> {
    let (Some(_), Some(server)) = (&args.policy, &args.server) else {
        let name = visible(name);
        let text = format!(
            "there is no grant `{name}`; `toolgate grant list` has them all. For one of \
             `toolgate run --grant {name}`, name `--policy` and `--server` too"
        );
        return Err(Failure::new(Exit::Usage, text));
    };
    let principal = Principal { issuer: "local".to_owned(), subject: name.to_owned() };
    let caller = Caller { principal, grant: name.to_owned(), server: server.clone() };
    Ok((caller, vec![alone(args)?], None))
}

fn server(grant: &Grant, args: &ExplainArgs) -> Result<String, Failure> {
    let names = grant.servers.join("`, `");
    match (&args.server, &grant.servers[..]) {
        (Some(server), servers) if servers.contains(server) => Ok(server.clone()),
        (Some(server), _) => {
            let (server, grant) = (visible(server), &grant.name);
            let text = format!(
                "grant `{grant}` is not for server `{server}`, so nothing is allowed there; it \
                 is for `{names}`"
            );
            Err(Failure::new(Exit::Usage, text))
        }
        (None, [server]) => Ok(server.clone()),
        (None, _) => {
            let text = format!("at which server? name one with `--server`: `{names}`");
            Err(Failure::new(Exit::Usage, text))
        }
    }
}

/// How full the counters are. Spends nothing.
fn weigh(state: &Path, caller: &Caller, charges: &[Charge]) -> Result<Vec<Weight>, Failure> {
    if charges.is_empty() {
        return Ok(Vec::new());
    }
    let store = Store::open(state, Options { durability: Durability::Normal })?;
    let (weights, finished) = place::block_on(async {
        let weights = store.weigh(caller.clone(), charges.to_vec()).await;
        (weights, store.finish().await)
    })?;
    finished.map_err(|error| Failure::new(Exit::State, error.to_string()))?;
    weights.map_err(|why| Failure::new(Exit::State, why.to_string()))
}
