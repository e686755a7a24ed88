//! `audit show`: everything about one decision.

use std::path::Path;
use std::process::ExitCode;

use crate::args::ShowArgs;
use crate::audit::{self, Decision};
use crate::exit::{Exit, Failure};
use crate::output;

pub(super) fn execute(state: &Path, args: &ShowArgs, json: bool) -> Result<ExitCode, Failure> {
    let log = audit::open(state)?;
    let call = log.find(&args.id)?;
    let decision = call.as_ref().and_then(|call| Decision::of(&call.entry));
    let approval = decision.and_then(|decision| decision.facts.approval.as_deref());
    let answer = approval.map(|id| log.answer_to(id)).transpose()?.flatten();
    let sheet = call.as_ref().and_then(|call| Some((call, audit::sheet(call, answer.as_ref())?)));
    let Some((call, sheet)) = sheet else {
        let text = format!(
            "no decision `{}` in the log of `{}`; `toolgate audit tail` shows the ids there are",
            output::visible(&args.id),
            state.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    };
    output::print(&if json { audit::envelope(call, answer.as_ref()) } else { sheet })?;
    Ok(ExitCode::SUCCESS)
}
