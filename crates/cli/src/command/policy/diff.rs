//! `policy diff`: what differs between two revisions, line by line.

use std::path::Path;

use toolgate_catalog::unified;

use crate::args::DiffArgs;
use crate::exit::Failure;
use crate::json::Object;
use crate::output;

pub(super) fn execute(state: &Path, args: &DiffArgs, json: bool) -> Result<(), Failure> {
    let all = super::all(state, &args.name)?;
    let to = super::revision(&all, args.to)?;
    let before = args.from.unwrap_or_else(|| to.revision.saturating_sub(1).max(1));
    let from = super::revision(&all, Some(before))?;
    let names = [from, to].map(|policy| format!("{} revision {}", policy.name, policy.revision));
    let diff = unified([&names[0], &names[1]], &from.text, &to.text);
    if json {
        let object = Object::new()
            .plain("version", 1)
            .text("policy", &args.name)
            .plain("from", from.revision)
            .plain("to", to.revision)
            .text("diff", &diff);
        return output::print(&(object.finish() + "\n"));
    }
    if diff.is_empty() {
        return output::print(&format!("{} and {} are the same\n", names[0], names[1]));
    }
    output::print(&diff)
}
