//! `replay`: what a policy would have decided of the calls on record.

use std::process::ExitCode;

use jiff::Timestamp;
use toolgate_store::Report;
use toolgate_store::replay::{Class, Rerun, Wanted};

use crate::args::{FailOnArg, ReplayArgs};
use crate::exit::{Exit, Failure};
use crate::replay::{self, json, text};
use crate::{audit, output, place, time};

pub(super) fn execute(args: ReplayArgs) -> Result<ExitCode, Failure> {
    let state = place::state_of(&args.place)?;
    let log = audit::open(&state)?;
    let reader = place::reader(&state)?;
    let above = args.organization.as_deref();
    let given: Vec<&str> = above.into_iter().chain([args.policy.as_str()]).collect();
    let (policies, label) = replay::read(&given, &reader)?;
    let since = args.since.map(|text| time::moment(&text, Timestamp::now())).transpose();
    let since_ms =
        since.map_err(|error| Failure::new(Exit::Usage, format!("`--since`: {error}")))?;
    let grants = args.grant.map(|grant| [grant].into());
    let wanted = Wanted { since_ms, grants, server: args.server };
    let mut rerun = Rerun::new(&policies, wanted, &reader, args.samples);
    let mut entries = log.verified();
    let mut fault = None;
    for entry in &mut entries {
        match entry {
            Ok(entry) => drop(rerun.take(&entry)?),
            Err(at) => {
                fault = Some(at);
                break;
            }
        }
    }
    held(&entries.end(fault))?;
    let tally = rerun.finish();
    output::print(&if args.place.json { json(&label, &tally) } else { text(&label, &tally) })?;
    let failed = args.fail_on.iter().any(|class| tally.total(class.class()) > 0);
    Ok(if failed { Exit::Findings.into() } else { Exit::Ok.into() })
}

/// Of a log that was changed, nothing can be said.
fn held(report: &Report) -> Result<(), Failure> {
    let found = audit::findings(report);
    if found.is_empty() {
        return Ok(());
    }
    let text = format!(
        "nothing was replayed, since the audit log is not what was written: {}; \
         `toolgate audit verify` says more",
        found.join("; ")
    );
    Err(Failure::new(Exit::Tampered, text))
}

impl FailOnArg {
    fn class(self) -> Class {
        match self {
            Self::NewlyAllowed => Class::NewlyAllowed,
            Self::NewlyDenied => Class::NewlyDenied,
            Self::NewlyHeld => Class::NewlyHeld,
        }
    }
}
