//! `report`: what a policy would have stopped, what it stopped, what of it did nothing.

use std::process::ExitCode;

use jiff::Timestamp;

use crate::args::ReportArgs;
use crate::exit::{Exit, Failure};
use crate::report::{Tally, Wanted, form, idle, in_force, page};
use crate::{audit, output, place, time};

pub(super) fn execute(args: ReportArgs) -> Result<ExitCode, Failure> {
    let now = Timestamp::now();
    let moment = |option: &str, text: &str| {
        time::moment(text, now).map_err(|e| Failure::new(Exit::Usage, format!("`{option}`: {e}")))
    };
    let until_ms = match &args.until {
        Some(text) => moment("--until", text)?,
        None => u64::try_from(now.as_millisecond()).unwrap_or_default().saturating_add(1),
    };
    let since_ms = moment("--since", &args.since)?;
    if since_ms >= until_ms {
        let text = "`--since` is not before `--until`: there is no time between them";
        return Err(Failure::new(Exit::Usage, text));
    }
    let state = place::state_of(&args.place)?;
    let log = audit::open(&state)?;
    let directory = place::read(&state)?;
    if let Some(grant) = args.grant.as_ref().filter(|_| !directory.grants.is_empty())
        && !directory.grants.contains_key(grant)
    {
        output::tell(&format!(
            "toolgate: there is no grant `{}` now; `toolgate grant list` has them",
            output::visible(grant)
        ));
    }
    let policies = in_force(args.policy.as_deref(), &directory, args.grant.as_deref())?;
    let wanted = Wanted { since_ms, until_ms, grant: args.grant, server: args.server };
    let tally = Tally::of(&log, &wanted)?;
    let idle = idle(&policies, &tally);
    let text = if args.place.json {
        form(&tally, &wanted, &idle)
    } else {
        page(&tally, &wanted, &idle, args.policy.is_some())
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
