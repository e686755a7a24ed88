//! Policy texts on their way into the store: nothing with an error gets there.

use std::path::Path;

use toolgate_policy::document::{self, Severity};
use toolgate_store::Act;

use crate::exit::{Exit, Failure};
use crate::{named, output};

/// The policy that `--policy` names: a file, which is stored under `name`, or a stored one. Gives
/// its name, and what is to be done for it.
pub(crate) fn named_or_read(
    given: &str,
    name: &str,
) -> Result<(Option<String>, Option<Act>), Failure> {
    if is_file(given) {
        let put = Act::PutPolicy { name: name.to_owned(), text: read(Path::new(given))? };
        return Ok((Some(name.to_owned()), Some(put)));
    }
    Ok((Some(named::one_word("--policy", given.to_owned())?), None))
}

/// Whether a file is meant, not the name of a stored policy.
pub(crate) fn is_file(given: &str) -> bool {
    given == "-" || given.contains(['/', '.']) || Path::new(given).exists()
}

/// What a policy is called in messages, and its text.
pub(crate) fn load(path: &Path) -> Result<(String, String), Failure> {
    let (name, text) = if path == Path::new("-") {
        ("<stdin>".to_owned(), std::io::read_to_string(std::io::stdin().lock()))
    } else {
        (path.display().to_string(), std::fs::read_to_string(path))
    };
    let text = text.map_err(|error| {
        Failure::new(Exit::Policy, format!("cannot read the policy `{name}`: {error}"))
    })?;
    Ok((name, text))
}

/// A policy without errors, from a file or, for `-`, standard input; warnings are told.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let (name, text) = load(path)?;
    let (found, valid) = match document::read(&name, &text) {
        Ok((_, remarks)) => (remarks, true),
        Err(errors) => (errors, false),
    };
    let told: Vec<_> = found.into_iter().filter(|one| one.severity != Severity::Note).collect();
    if !told.is_empty() {
        output::tell(document::render(&told, &text, output::colour()).trim_end());
    }
    if valid {
        return Ok(text);
    }
    let text = format!("the policy `{name}` has errors; mend them and try again");
    Err(Failure::new(Exit::Policy, text))
}
