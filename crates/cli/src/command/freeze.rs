//! `freeze`: a person's stop.

use std::process::ExitCode;

use toolgate_store::{Act, Directory, Extent, Freeze};

use crate::args::FreezeArgs;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{extent, output, place, sheet, time};

pub(super) fn execute(args: &FreezeArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    if args.list {
        list(&place::read(&state)?, json)?;
        return Ok(Exit::Ok.into());
    }
    let wanted = extent::read(&args.extent)?;
    let before = place::read(&state)?;
    if !args.unseen {
        extent::check(&state, &before, &wanted)?;
    }
    let act = |extent: &Extent| Act::Freeze { extent: extent.clone(), reason: args.reason.clone() };
    place::change(&state, wanted.iter().map(act).collect())?;
    let now = place::read(&state)?;
    let frozen = wanted.iter().filter_map(|extent| now.freezes.get(extent));
    let frozen: Vec<(&Freeze, bool)> =
        frozen.map(|freeze| (freeze, before.freezes.get(&freeze.extent).is_some())).collect();
    output::print(&if json { to_json(&frozen) } else { frozen.iter().map(line).collect() })?;
    Ok(Exit::Ok.into())
}

fn line((freeze, already): &(&Freeze, bool)) -> String {
    let what = extent::words(&freeze.extent);
    if *already {
        return format!("{what} is frozen already, {}\n", extent::history(freeze));
    }
    let mend = extent::flag(&freeze.extent);
    format!("{what} is frozen: no call passes until `toolgate thaw {mend}`\n")
}

fn to_json(frozen: &[(&Freeze, bool)]) -> String {
    let freezes = frozen.iter().map(|(freeze, already)| {
        let text = extent::to_json(freeze);
        format!("{},\"already\":{already}}}", text.trim_end_matches('}'))
    });
    Object::new().plain("version", 1).raw("frozen", json::array(freezes)).finish() + "\n"
}

fn list(directory: &Directory, json: bool) -> Result<(), Failure> {
    let freezes = &directory.freezes;
    if json {
        let freezes = json::array(freezes.iter().map(extent::to_json));
        let object = Object::new().plain("version", 1).raw("freezes", freezes);
        return output::print(&(object.finish() + "\n"));
    }
    if freezes.is_empty() {
        return output::print("nothing is frozen\n");
    }
    let rows = freezes.iter().map(|freeze| {
        let since = time::local(freeze.since_ms);
        let reason = freeze.reason.clone().unwrap_or_default();
        [extent::words(&freeze.extent), since, freeze.by.clone(), reason]
    });
    sheet::print(["frozen", "since", "by", "reason"], rows)
}
