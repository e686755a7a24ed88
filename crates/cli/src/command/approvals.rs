//! `approvals`: what waits for a person, and the person's answer.

mod board;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Approval, State, Which};

use crate::approvals::{self, answer, brief, call, find, history, left, to_json};
use crate::args::{ApprovalsArgs, ApprovalsCommand, ApproveArgs};
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{output, place, sheet};

/// Of arguments, in a list.
const BRIEF_CHARS: usize = 60;

pub(super) fn execute(args: ApprovalsArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        ApprovalsCommand::Approve(args) => approve(&state, args, json)?,
        ApprovalsCommand::Deny(args) => {
            let id = find(&approvals::open(&state)?, &args.id.id)?.id;
            told(&answer(&state, &id, false, args.reason)?, json)?;
        }
        ApprovalsCommand::List(args) => list(&state, args.all, json)?,
        ApprovalsCommand::Show(args) => show(&find(&approvals::open(&state)?, &args.id)?, json)?,
        ApprovalsCommand::Watch => watch::execute(&state, json)?,
    }
    Ok(Exit::Ok.into())
}

fn approve(state: &Path, args: ApproveArgs, json: bool) -> Result<(), Failure> {
    let approval = find(&approvals::open(state)?, &args.answer.id.id)?;
    if approval.state == State::Pending && approval.is_cut() && !args.unread {
        return Err(unreadable(&approval));
    }
    told(&answer(state, &approval.id, true, args.answer.reason)?, json)
}

/// Nobody says yes to what nobody can see, unless they say so.
fn unreadable(approval: &Approval) -> Failure {
    let shown = approval.arguments.as_ref().map_or(0, String::len);
    let text = format!(
        "approval `{}` is about arguments of {} bytes, of which only {shown} can be shown; \
         `--unread` approves all the same; nothing changed",
        approval.id, approval.arguments_bytes
    );
    Failure::new(Exit::Unexpected, text)
}

fn told(approval: &Approval, json: bool) -> Result<(), Failure> {
    if json {
        let object = Object::new().plain("version", 1).raw("approval", to_json(approval));
        return output::print(&(object.finish() + "\n"));
    }
    output::print(&format!("{}\n", done(approval)))
}

/// What an answer means, in a line.
fn done(approval: &Approval) -> String {
    let (id, call, grant) = (&approval.id, call(approval), &approval.caller.grant);
    let (grant, left) = (output::visible(grant), left(approval.left_ms));
    if approval.state == State::Denied {
        return format!("denied {id}: {call} under grant `{grant}`; equal calls too, for {left}");
    }
    format!("approved {id}: {call} under grant `{grant}` passes once, if it comes within {left}")
}

fn list(state: &Path, all: bool, json: bool) -> Result<(), Failure> {
    let which = if all { Which::All } else { Which::Pending };
    let approvals = approvals::open(state)?.list(which)?;
    if json {
        let list = json::array(approvals.iter().map(to_json));
        let object = Object::new().plain("version", 1).raw("approvals", list);
        return output::print(&(object.finish() + "\n"));
    }
    if approvals.is_empty() {
        let mend = if all { "" } else { "; `--all` shows what is over" };
        return output::print(&format!("nothing is pending{mend}\n"));
    }
    let rows = approvals.iter().map(|approval| {
        let state = match approval.state {
            State::Pending => format!("{} left", left(approval.left_ms)),
            _ => history(approval),
        };
        let grant = approval.caller.grant.clone();
        [approval.id.clone(), call(approval), grant, state, brief(approval, BRIEF_CHARS)]
    });
    sheet::print(["approval", "call", "grant", "state", "arguments"], rows)
}

fn show(approval: &Approval, json: bool) -> Result<(), Failure> {
    if json {
        let object = Object::new().plain("version", 1).raw("approval", to_json(approval));
        return output::print(&(object.finish() + "\n"));
    }
    output::print(&approvals::sheet(approval))
}
