//! `thaw`: the end of a freeze.

use std::process::ExitCode;

use toolgate_store::{Act, Directory, Extent};

use crate::args::ThawArgs;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{ancestry, extent, output, place};

pub(super) fn execute(args: &ThawArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    ancestry::refuse_servers(&state, "thaw what a person froze")?;
    let wanted = extent::read(&args.extent)?;
    let before = place::read(&state)?;
    if let Some(warm) = wanted.iter().find(|extent| before.freezes.get(extent).is_none()) {
        return Err(warm_already(&before, warm));
    }
    let act = |extent: &Extent| Act::Thaw { extent: extent.clone(), reason: args.reason.clone() };
    place::change(&state, wanted.iter().map(act).collect())?;
    let now = place::read(&state)?;
    output::print(&if json { to_json(&wanted, &now) } else { told(&wanted, &now) })?;
    Ok(Exit::Ok.into())
}

/// Whoever thaws the wrong thing must not believe that calls pass.
fn warm_already(directory: &Directory, extent: &Extent) -> Failure {
    let there: Vec<_> =
        directory.freezes.iter().map(|freeze| extent::words(&freeze.extent)).collect();
    let there = match there.join(", ") {
        none if none.is_empty() => "nothing is".to_owned(),
        there => format!("frozen is {there}"),
    };
    let what = extent::words(extent);
    let text = format!("there is no freeze of {what} to thaw; {there}; nothing changed");
    Failure::new(Exit::Usage, text)
}

fn told(wanted: &[Extent], now: &Directory) -> String {
    let thawed = wanted.iter().map(|extent| format!("{} is thawed\n", extent::words(extent)));
    let still = now.freezes.iter().map(|freeze| {
        let (what, history) = (extent::words(&freeze.extent), extent::history(freeze));
        format!("still frozen: {what}, {history}\n")
    });
    thawed.chain(still).collect()
}

fn to_json(wanted: &[Extent], now: &Directory) -> String {
    let thawed = wanted.iter().map(|extent| extent::named_json(extent).finish());
    Object::new()
        .plain("version", 1)
        .raw("thawed", json::array(thawed))
        .raw("freezes", json::array(now.freezes.iter().map(extent::to_json)))
        .finish()
        + "\n"
}
