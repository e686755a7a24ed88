//! `cargo xtask framing`: whatever breaks lines, no server sees two messages where one was sent.
//!
//! Every message of a corpus, with every line break of every parser in white space and in
//! strings, goes through the gate to servers on the official SDKs. They note what their own
//! parsers make of it and which tools they ran; that is compared with what was sent. A bare CR
//! splits lines in Python servers, so that a whole second call can hide in white space.

mod attack;
mod breaks;
mod corpus;
mod exchange;
mod session;
mod verdict;

use clap::Args;

use crate::Result;
use crate::clients::install;
use crate::clients::place::Place;
use session::Session;

#[derive(Args)]
pub struct Options {
    /// Run only the sessions whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Leave the gate out, to see which servers need it
    #[arg(long)]
    direct: bool,
}

/// Installs what is missing, runs every session and prints what went wrong.
pub fn run(options: &Options) -> Result {
    let place = Place::find()?;
    install::run(&place)?;
    install::build(&place, !options.direct)?;
    let sessions: Vec<Session> = session::all(options.direct)
        .into_iter()
        .filter(|session| options.only.as_ref().is_none_or(|text| session.name().contains(text)))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut failed = 0;
    if !runtime.block_on(session::hidden_call_runs(&place))? {
        println!("FAILED control: without the gate, no hidden call runs either");
        failed += 1;
    }
    for session in &sessions {
        let outcome = runtime.block_on(session::run(&place, session));
        failed += usize::from(!report(session, outcome));
    }
    println!("\nframing: {} sessions, {failed} failures", sessions.len());
    if failed == 0 { Ok(()) } else { Err(format!("framing: {failed} failures").into()) }
}

/// Few problems tell as much as all of them.
const SHOWN_MAX: usize = 8;

fn report(session: &Session, outcome: Result<verdict::Verdict>) -> bool {
    let (sent, problems) = match outcome {
        Ok(verdict) => (verdict.sent, verdict.problems),
        Err(error) => (0, vec![error.to_string()]),
    };
    let verdict = if problems.is_empty() { "ok    " } else { "FAILED" };
    println!("{verdict} {}, {sent} messages", session.name());
    for problem in problems.iter().take(SHOWN_MAX) {
        println!("         {problem}");
    }
    if problems.len() > SHOWN_MAX {
        println!("         and {} more", problems.len() - SHOWN_MAX);
    }
    problems.is_empty()
}
