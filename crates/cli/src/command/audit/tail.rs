//! `audit tail`: the last decisions, and those to come.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Call, Log};

use crate::args::TailArgs;
use crate::audit::{self, Decision, Filter, Following, Outcomes, View};
use crate::exit::Failure;
use crate::output;

/// Unless somebody says how many, or since when.
const COUNT: usize = 10;

pub(super) fn execute(state: &Path, args: TailArgs, json: bool) -> Result<ExitCode, Failure> {
    let filter = Filter::read(args.filter)?;
    let log = audit::open(state)?;
    let newest = log.head()?.seq;
    let view = View { filter, json, colour: output::is_colourful_by(args.colour) };
    let every = if view.filter.has_since() { usize::MAX } else { COUNT };
    let count = args.count.unwrap_or(every);
    let mut out = io::stdout().lock();
    for call in last(&log, newest, count, &view.filter)?.iter().rev() {
        out.write_all(view.decision(call).as_bytes())?;
    }
    out.flush()?;
    if args.follow {
        view.follow(Following::new(state, log, newest), &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The latest decisions, newest first.
fn last(log: &Log, newest: u64, count: usize, filter: &Filter) -> Result<Vec<Call>, Failure> {
    let mut calls = Vec::new();
    let mut outcomes = Outcomes::default();
    for entry in log.entries_back(newest) {
        if calls.len() == count {
            break;
        }
        let entry = entry?;
        outcomes.note(&entry);
        if Decision::of(&entry).is_some_and(|decision| filter.wants(&decision)) {
            let closing = outcomes.take(entry.seq);
            calls.push(Call { entry, closing });
        }
    }
    Ok(calls)
}
