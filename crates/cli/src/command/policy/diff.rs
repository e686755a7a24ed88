//! `policy diff`: what differs between two policies, line by line or in what they decide.

use std::path::Path;

use toolgate_catalog::unified;
use toolgate_policy::compare;
use toolgate_policy::{Policy, document};

use crate::args::DiffArgs;
use crate::exit::{Exit, Failure};
use crate::json::Object;
use crate::{output, policy_text};

use super::meaning;

/// One of the two.
struct Side {
    label: String,
    text: String,
    /// Of a stored one.
    revision: Option<u64>,
}

pub(super) fn execute(state: &Path, args: &DiffArgs, json: bool) -> Result<(), Failure> {
    let [old, new] = sides(state, args)?;
    let labels = [old.label.as_str(), new.label.as_str()];
    if args.meaning {
        let found = compare::compare(&policy(&old)?, &policy(&new)?);
        let told = if json {
            meaning::json(labels, &found)
        } else {
            compare::text(labels, &found, output::visible)
        };
        return output::print(&told);
    }
    let diff = unified(labels, &old.text, &new.text);
    if json {
        let object = Object::new().plain("version", 1).text("policy", &args.old);
        let object = match (old.revision, new.revision) {
            (Some(from), Some(to)) => object.plain("from", from).plain("to", to),
            _ => object.text("from", labels[0]).text("to", labels[1]),
        };
        return output::print(&(object.text("diff", &diff).finish() + "\n"));
    }
    if diff.is_empty() {
        return output::print(&format!("{} and {} are the same\n", labels[0], labels[1]));
    }
    output::print(&diff)
}

fn sides(state: &Path, args: &DiffArgs) -> Result<[Side; 2], Failure> {
    let number = |text: &str| text.parse::<u64>().ok();
    if policy_text::is_file(&args.old) {
        let Some(new) = &args.new else {
            let text = format!("`{}` is compared with what? name a second policy", args.old);
            return Err(Failure::new(Exit::Usage, text));
        };
        return Ok([file(&args.old)?, file_or_stored(state, new)?]);
    }
    if let Some(new) = args.new.as_deref().filter(|new| number(new).is_none()) {
        if args.to.is_some() {
            let text = format!("`{new}` is no number of a revision; FROM and TO are numbers");
            return Err(Failure::new(Exit::Usage, text));
        }
        return Ok([stored(&super::all(state, &args.old)?, None)?, file_or_stored(state, new)?]);
    }
    let all = super::all(state, &args.old)?;
    let new = stored(&all, args.to)?;
    let newest = new.revision.unwrap_or_default();
    let from = args.new.as_deref().and_then(number).unwrap_or(newest.saturating_sub(1).max(1));
    Ok([stored(&all, Some(from))?, new])
}

fn file_or_stored(state: &Path, given: &str) -> Result<Side, Failure> {
    if policy_text::is_file(given) {
        return file(given);
    }
    stored(&super::all(state, given)?, None)
}

fn file(given: &str) -> Result<Side, Failure> {
    let text = policy_text::read(Path::new(given))?;
    Ok(Side { label: given.to_owned(), text, revision: None })
}

fn stored(all: &[toolgate_store::PolicyText], number: Option<u64>) -> Result<Side, Failure> {
    let policy = super::revision(all, number)?;
    let label = format!("{} revision {}", policy.name, policy.revision);
    Ok(Side { label, text: policy.text.clone(), revision: Some(policy.revision) })
}

fn policy(side: &Side) -> Result<Policy, Failure> {
    let read = document::read(&side.label, &side.text);
    read.map(|(policy, _)| policy).map_err(|_| {
        let text = format!("the policy `{}` has errors; `toolgate check` shows them", side.label);
        Failure::new(Exit::Policy, text)
    })
}
