//! `policy`: texts in force, and all that were.

mod diff;
mod meaning;

use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Act, Directory, Origin, PolicyText};

use crate::args::{AttachArgs, PolicyArgs, PolicyCommand, PolicyShowArgs};
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{named, output, place, policy_text, sheet, time};

pub(super) fn execute(args: PolicyArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        PolicyCommand::Attach(AttachArgs { policy, grant, .. }) => {
            let whose = grant.as_ref().map_or("every grant".to_owned(), |g| format!("grant `{g}`"));
            let act = match grant {
                Some(grant) => Act::AttachPolicy { grant, policy: policy.clone() },
                None => organization(Some(policy.clone())),
            };
            place::change(&state, vec![act])?;
            told(json, &policy, None, &format!("{whose} is under policy `{policy}` now\n"))?;
        }
        PolicyCommand::Detach(_) => {
            place::change(&state, vec![organization(None)])?;
            told(json, "", None, "no policy stands above the grants' own now\n")?;
        }
        PolicyCommand::Diff(args) => diff::execute(&state, &args, json)?,
        PolicyCommand::List(args) => match args.name {
            None => list(&place::read(&state)?, json)?,
            Some(name) => revisions(&all(&state, &name)?, json)?,
        },
        PolicyCommand::Put(args) => {
            let name = named::one_word("the policy's name", args.name)?;
            let text = policy_text::read(&args.file)?;
            place::change(&state, vec![Act::PutPolicy { name: name.clone(), text }])?;
            in_force(&state, &name, json)?;
        }
        PolicyCommand::Rollback(args) => {
            let (name, revision) = (args.name.clone(), args.revision);
            place::change(&state, vec![Act::RollbackPolicy { name, revision }])?;
            in_force(&state, &args.name, json)?;
        }
        PolicyCommand::Show(args) => show(&state, &args, json)?,
    }
    Ok(Exit::Ok.into())
}

fn organization(policy: Option<String>) -> Act {
    Act::SetOrganization { policy, origin: Origin::Cli }
}

fn in_force(state: &Path, name: &str, json: bool) -> Result<(), Failure> {
    let revision = place::read(state)?.policies.get(name).map(|policy| policy.revision);
    let number = revision.unwrap_or_default();
    told(json, name, revision, &format!("policy `{name}`: revision {number} is the newest\n"))
}

fn told(json: bool, policy: &str, revision: Option<u64>, text: &str) -> Result<(), Failure> {
    if !json {
        return output::print(text);
    }
    let revision = revision.map(|revision| revision.to_string());
    let object = Object::new().text("policy", policy).maybe_raw("revision", revision);
    output::print(&(object.finish() + "\n"))
}

fn list(directory: &Directory, json: bool) -> Result<(), Failure> {
    let users = |policy: &str| {
        let grants = directory.grants.values();
        let live = grants.filter(|grant| grant.revoked_ms.is_none());
        let using = live.filter(|grant| grant.policy.as_deref() == Some(policy));
        using.map(|grant| grant.name.clone()).collect::<Vec<_>>()
    };
    let above = |policy: &PolicyText| directory.organization.as_ref() == Some(&policy.name);
    if json {
        let one = |policy: &PolicyText| {
            let grants = users(&policy.name);
            let grants = json::array(grants.iter().map(|grant| json::string(grant)));
            summary(policy).raw("grants", grants).plain("organization", above(policy)).finish()
        };
        let policies = json::array(directory.policies.values().map(one));
        return output::print(
            &(Object::new().plain("version", 1).raw("policies", policies).finish() + "\n"),
        );
    }
    let rows = directory.policies.values().map(|policy| {
        let (revision, put) = (policy.revision.to_string(), time::local(policy.put_ms));
        let above = above(policy).then(|| "above all".to_owned());
        let users: Vec<_> = above.into_iter().chain(users(&policy.name)).collect();
        [policy.name.clone(), revision, put, users.join(", ")]
    });
    sheet::print(["policy", "revision", "since", "grants"], rows)
}

fn revisions(all: &[PolicyText], json: bool) -> Result<(), Failure> {
    if json {
        let revisions = json::array(all.iter().map(|policy| summary(policy).finish()));
        return output::print(
            &(Object::new().plain("version", 1).raw("revisions", revisions).finish() + "\n"),
        );
    }
    let rows = all.iter().rev().map(|policy| {
        let lines = policy.text.lines().count();
        [policy.revision.to_string(), time::local(policy.put_ms), lines.to_string()]
    });
    sheet::print(["revision", "since", "lines"], rows)
}

fn show(state: &Path, args: &PolicyShowArgs, json: bool) -> Result<(), Failure> {
    let all = all(state, &args.name)?;
    let policy = revision(&all, args.revision)?;
    if json {
        let object = summary(policy).text("text", &policy.text);
        return output::print(&(json::versioned(&object.finish()) + "\n"));
    }
    output::print(&policy.text)
}

fn summary(policy: &PolicyText) -> Object {
    Object::new()
        .text("policy", &policy.name)
        .plain("revision", policy.revision)
        .text("since", &time::utc(policy.put_ms))
}

/// Every revision, oldest first; at least one.
fn all(state: &Path, name: &str) -> Result<Vec<PolicyText>, Failure> {
    let all = place::reader(state)?.revisions(name)?;
    if all.is_empty() {
        let text = format!("there is no policy `{name}`; `toolgate policy list` has them all");
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(all)
}

/// The one with this number, or the one in force.
fn revision(all: &[PolicyText], number: Option<u64>) -> Result<&PolicyText, Failure> {
    let found = match number {
        None => all.last(),
        Some(number) => all.iter().find(|policy| policy.revision == number),
    };
    found.ok_or_else(|| {
        let newest = all.last().map_or(0, |policy| policy.revision);
        let number = number.unwrap_or(newest);
        let text = format!("there is no revision {number}; they are numbered 1 to {newest}");
        Failure::new(Exit::Usage, text)
    })
}
