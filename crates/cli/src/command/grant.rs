//! `grant`: who may use which servers, under which policy.

mod what_can;

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use toolgate_store::{Act, Directory, Grant, NewGrant, Token};

use crate::args::{AddGrantArgs, GrantArgs, GrantCommand};
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{named, output, place, policy_text, sheet, time};

pub(super) fn execute(args: GrantArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        GrantCommand::Add(args) => add(&state, args, json)?,
        GrantCommand::List => list(&place::read(&state)?, json)?,
        GrantCommand::Revoke(args) => {
            place::change(&state, vec![Act::RevokeGrant { name: args.name.clone() }])?;
            told(json, &args.name, "revoked")?;
        }
        GrantCommand::Rotate(args) => {
            let token = token()?;
            let act = Act::RotateToken { grant: args.name.clone(), token: token.hash() };
            place::change(&state, vec![act])?;
            show_token(&args.name, &token, json)?;
        }
        GrantCommand::Servers(args) => {
            let (grant, servers) = (args.name.clone(), args.servers);
            place::change(&state, vec![Act::AttachServers { grant, servers }])?;
            told(json, &args.name, "changed")?;
        }
        GrantCommand::Show(args) => show(&place::read(&state)?, &args.name, json)?,
        GrantCommand::WhatCan(args) => what_can::execute(&state, &args.name, json)?,
    }
    Ok(Exit::Ok.into())
}

fn add(state: &Path, args: AddGrantArgs, json: bool) -> Result<(), Failure> {
    let name = named::one_word("the grant's name", args.name)?;
    let subject = named::one_word("--principal", args.principal.unwrap_or_else(|| name.clone()))?;
    let now = Timestamp::now();
    let expires = args.expires.as_deref().map(|text| time::coming(text, now)).transpose();
    let expires_ms = expires.map_err(|why| Failure::new(Exit::Usage, why))?;
    let (policy, put) = match args.policy.as_deref() {
        Some(given) => policy_text::named_or_read(given, &name)?,
        None => (None, None),
    };
    let token = token()?;
    let grant = NewGrant {
        name: name.clone(),
        issuer: "local".to_owned(),
        subject,
        servers: args.servers,
        policy,
        token: Some(token.hash()),
        expires_ms,
    };
    place::change(state, put.into_iter().chain([Act::AddGrant(grant)]).collect())?;
    show_token(&name, &token, json)
}

fn token() -> Result<Token, Failure> {
    Token::random().ok_or_else(|| Failure::new(Exit::Unexpected, "the system has no random bytes"))
}

/// The only time that it is shown.
fn show_token(grant: &str, token: &Token, json: bool) -> Result<(), Failure> {
    if json {
        let object = Object::new().text("grant", grant).text("token", token.as_str());
        return output::print(&(object.finish() + "\n"));
    }
    output::tell(&format!(
        "The token of `{grant}`, shown this once; send it as `Authorization: Bearer …`:"
    ));
    output::print(&format!("{}\n", token.as_str()))
}

fn told(json: bool, grant: &str, what: &str) -> Result<(), Failure> {
    if json {
        let object = Object::new().text("grant", grant).text("done", what);
        return output::print(&(object.finish() + "\n"));
    }
    output::print(&format!("grant `{grant}` {what}\n"))
}

fn list(directory: &Directory, json: bool) -> Result<(), Failure> {
    if json {
        let grants = json::array(directory.grants.values().map(to_json));
        return output::print(
            &(Object::new().plain("version", 1).raw("grants", grants).finish() + "\n"),
        );
    }
    let rows = directory.grants.values().map(|grant| {
        let policy = grant.policy.clone().unwrap_or_else(|| "none: denies all".to_owned());
        [grant.name.clone(), grant.servers.join(", "), policy, state_of(grant)]
    });
    sheet::print(["grant", "servers", "policy", "state"], rows)
}

fn show(directory: &Directory, name: &str, json: bool) -> Result<(), Failure> {
    let grant = directory.grants.get(name).ok_or_else(|| unknown(name))?;
    let text = to_json(grant);
    output::print(&if json { json::versioned(&text) + "\n" } else { json::indented(&text) })
}

fn unknown(name: &str) -> Failure {
    let text = format!("there is no grant `{name}`; `toolgate grant list` has them all");
    Failure::new(Exit::Usage, text)
}

fn state_of(grant: &Grant) -> String {
    let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
    match (grant.revoked_ms, grant.expires_ms) {
        (Some(at), _) => format!("revoked {}", time::local(at)),
        (None, Some(at)) if at <= now => format!("expired {}", time::local(at)),
        (None, Some(at)) => format!("until {}", time::local(at)),
        (None, None) => "live".to_owned(),
    }
}

fn to_json(grant: &Grant) -> String {
    let moment = |at: Option<u64>| at.map(|at| json::string(&time::utc(at)));
    let servers = json::array(grant.servers.iter().map(|server| json::string(server)));
    Object::new()
        .text("grant", &grant.name)
        .text("issuer", &grant.issuer)
        .text("subject", &grant.subject)
        .raw("servers", servers)
        .maybe_text("policy", grant.policy.as_deref())
        .text("created", &time::utc(grant.created_ms))
        .maybe_raw("expires", moment(grant.expires_ms))
        .maybe_raw("revoked", moment(grant.revoked_ms))
        .finish()
}
