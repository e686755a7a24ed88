//! One run of the suite's own program.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::outcome::{Outcome, Scenario};
use crate::Result;
use crate::clients::place::Place;
use crate::clients::process::wait;

/// Much longer than a run takes.
const RUN_LIMIT: Duration = Duration::from_mins(5);

const PACKAGE: &str = "conformance/node_modules/@modelcontextprotocol/conformance";

/// Runs everything that the revision requires of a server against the URL.
pub(super) fn run(place: &Place, revision: &str, way: &str, url: &str) -> Result<Outcome> {
    let folder = place.work(&format!("conformance {revision} {way}"))?;
    let mut child = Command::new(place.newer_node())
        .arg(place.path(PACKAGE).join("dist/index.js"))
        .args(["server", "--url", url, "--requirements", revision, "--output-dir", "out"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("stdout"))?)
        .stderr(File::create(folder.join("stderr"))?)
        .spawn()?;
    let passed = wait(&mut child, RUN_LIMIT)?.success();
    let required = place.path(PACKAGE).join(format!("requirements/{revision}.yaml"));
    let scored = scored(&fs::read_to_string(required)?);
    let scenarios = scenarios(&folder.join("out"), &scored)?;
    Ok(Outcome { passed, scored, scenarios, folder })
}

/// The names under `server:`, which alone decide whether a run passes.
fn scored(requirements: &str) -> Vec<String> {
    let section = requirements.lines().skip_while(|line| *line != "server:").skip(1);
    let names = section.take_while(|line| line.starts_with(' ')).filter_map(|line| {
        let name = line.trim_start().strip_prefix("- ")?;
        Some(name.to_owned())
    });
    names.collect()
}

/// One folder per scenario: its name, between what was judged and when.
fn scenarios(out: &Path, scored: &[String]) -> Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let folder = entry.file_name();
        let name = folder.to_str().and_then(scenario_name);
        let Some(name) = name else { continue };
        let is_scored = scored.iter().any(|scored| scored == name);
        // A scenario that broke down leaves an empty folder, and counts as not run.
        let text = fs::read(entry.path().join("checks.json")).unwrap_or_else(|_| b"[]".to_vec());
        let checks = serde_json::from_slice(&text)?;
        scenarios.push(Scenario { name: name.to_owned(), is_scored, checks });
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scenarios)
}

/// `server-ping-2026-11-21T16-57-19-263Z` is of `ping`.
fn scenario_name(folder: &str) -> Option<&str> {
    let rest = folder.strip_prefix("server-")?;
    let end = rest.len().checked_sub("-2026-11-21T16-57-19-263Z".len())?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_names_its_scenario() {
        assert_eq!(scenario_name("server-ping-2026-11-21T16-57-19-263Z"), Some("ping"));
        let twice = "server-server-stateless-2026-11-21T16-57-19-263Z";
        assert_eq!(scenario_name(twice), Some("server-stateless"));
        assert_eq!(scenario_name("server-x"), None);
        assert_eq!(scenario_name("client-ping-2026-11-21T16-57-19-263Z"), None);
    }

    #[test]
    fn only_what_is_required_of_servers_is_scored() {
        let text = "# a\nserver:\n  - ping\n  - caching\n\nclient:\n  - auth\nnot_scored:\n  - x\n";
        assert_eq!(scored(text), ["ping", "caching"]);
    }
}
