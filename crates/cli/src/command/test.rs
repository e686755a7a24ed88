//! `test`: the tests that stand in policies.

mod junit;
mod report;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use toolgate_policy::document::{self, Diagnostic, Examined, Severity};

use crate::args::TestArgs;
use crate::exit::{Exit, Failure};
use crate::{output, policy_text};

/// Deeper directories are not looked into: a link may lead in circles.
const DEPTH_MAX: usize = 32;

/// One policy and how its tests ended.
struct Tested {
    name: String,
    text: String,
    remarks: Vec<Diagnostic>,
    /// Nothing if it has errors.
    examined: Option<Examined>,
}

pub(super) fn execute(args: &TestArgs) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    let mut untested = 0;
    for path in &args.files {
        let named = !path.is_dir();
        for file in if named { vec![path.clone()] } else { within(path)? } {
            let tested = Tested::read(&file)?;
            if named || tested.is_meant() {
                all.push(tested);
            } else {
                untested += 1;
            }
        }
    }
    if all.is_empty() {
        let text = "no policy there has `tests`; docs/testing.md shows how they are written";
        return Err(Failure::new(Exit::Usage, text));
    }
    if let Some(file) = &args.junit {
        fs::write(file, junit::report(&all)).map_err(|error| {
            let text = format!("cannot write `{}`: {error}", file.display());
            Failure::new(Exit::Usage, text)
        })?;
    }
    if args.json {
        output::print(&report::json(&all))?;
    } else {
        text::tell(&all, args.coverage, untested)?;
    }
    Ok(ended(&all))
}

fn ended(all: &[Tested]) -> ExitCode {
    if all.iter().any(|tested| tested.examined.is_none()) {
        return Exit::Policy.into();
    }
    if all.iter().any(|tested| tested.failed() > 0) {
        return ExitCode::FAILURE;
    }
    Exit::Ok.into()
}

impl Tested {
    fn read(path: &Path) -> Result<Self, Failure> {
        let (name, text) = policy_text::load(path)?;
        let (remarks, examined) = match document::examine(&name, &text) {
            Ok((examined, remarks)) => (remarks, Some(examined)),
            Err(errors) => (errors, None),
        };
        Ok(Self { name, text, remarks, examined })
    }

    /// In a directory there may be other documents too.
    fn is_meant(&self) -> bool {
        match &self.examined {
            Some(examined) => !examined.trials.is_empty(),
            None => self.text.contains("tests:") || self.text.contains("\"tests\""),
        }
    }

    fn passed(&self) -> usize {
        self.count(true)
    }

    fn failed(&self) -> usize {
        self.count(false)
    }

    fn count(&self, passed: bool) -> usize {
        let trials = self.examined.iter().flat_map(|examined| &examined.trials);
        trials.filter(|trial| trial.passed() == passed).count()
    }

    fn errors(&self) -> usize {
        self.remarks.iter().filter(|one| one.severity == Severity::Error).count()
    }
}

/// All YAML and JSON files of a directory, by name.
fn within(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    collect(directory, DEPTH_MAX, &mut found).map_err(|error| {
        let text = format!("cannot read the directory `{}`: {error}", directory.display());
        Failure::new(Exit::Policy, text)
    })?;
    found.sort();
    Ok(found)
}

fn collect(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, found)?;
            }
        } else if extension.is_some_and(|one| matches!(one, "json" | "yaml" | "yml")) {
            found.push(path);
        }
    }
    Ok(())
}
