//! `audit show`: everything about one decision.

use std::path::Path;
use std::process::ExitCode;

use crate::args::ShowArgs;
use crate::audit;
use crate::exit::{Exit, Failure};
use crate::output;

pub(super) fn execute(state: &Path, args: &ShowArgs, json: bool) -> Result<ExitCode, Failure> {
    let call = audit::open(state)?.find(&args.id)?;
    let sheet = call.as_ref().and_then(|call| Some((call, audit::sheet(call)?)));
    let Some((call, sheet)) = sheet else {
        let text = format!(
            "no decision `{}` in the log of `{}`; `toolgate audit tail` shows the ids there are",
            output::visible(&args.id),
            state.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    };
    output::print(&if json { audit::envelope(call) } else { sheet })?;
    Ok(ExitCode::SUCCESS)
}
