//! Every document under `tests/config` is read; what its author is told stands next to it.
//!
//! `UPDATE=1 cargo test -p toolgate config` writes what the reader now says; review the diff.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use toolgate_policy::document::{Colour, Severity, render};

use super::{FOLDER, config, documents};
use crate::config::limits::{self, Limits};
use crate::config::listen::Listen;
use crate::config::notation::NOTATION;
use crate::config::read;
use crate::config::telemetry::Telemetry;
use crate::json;

/// Compares `actual` with the file next to the document.
#[track_caller]
fn compare(folder: &str, name: &str, actual: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/config", folder, name].iter().collect();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{}: run with UPDATE=1 and review", path.display());
}

#[test]
fn good_documents_are_read() {
    for document in documents("good") {
        let (config, told) = match document.read() {
            Ok(read) => read,
            Err(told) => panic!("{}", render(&told, &document.text, Colour::Off)),
        };
        let told = render(&told, &document.text, Colour::Off);
        compare("good", &format!("{}.told", document.name), &told);
        let canonical = json::indented(&config.json());
        compare("good", &format!("{}.canonical", document.name), &canonical);
    }
}

#[test]
fn bad_documents_are_refused() {
    for document in documents("bad") {
        let Err(told) = document.read() else { panic!("{} was read", document.name) };
        assert!(told.iter().any(|one| one.severity == Severity::Error), "{}", document.name);
        assert!(told.iter().is_sorted_by_key(|one| one.span.start), "{}", document.name);
        let told = render(&told, &document.text, Colour::Off);
        compare("bad", &format!("{}.told", document.name), &told);
    }
}

/// The canonical form is its own canonical form.
#[test]
fn canonical_forms_are_read_as_what_they_stand_for() {
    for document in documents("good") {
        let once = document.config().json();
        assert_eq!(config(&once).json(), once, "{}", document.name);
    }
}

#[test]
fn a_document_of_nothing_has_all_defaults() {
    let config = config("{}");
    assert_eq!(config.listen, Listen::Tcp("127.0.0.1:8480".parse().unwrap()));
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.limits.request_timeout, Duration::from_mins(10));
    assert_eq!(config.telemetry, Telemetry { otlp: None, headers: Vec::new(), metrics: true });
    assert!(config.state.is_none() && config.tls.is_none() && config.servers.is_empty());
}

#[test]
fn paths_start_at_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("toolgate.yaml");
    fs::write(&path, "state: ./state\nlisten: unix:t.sock\n").unwrap();
    let (config, warnings) = read(&path).unwrap();
    assert_eq!(config.state, Some(folder.path().join("state")));
    assert_eq!(config.listen, Listen::Unix(folder.path().join("t.sock")));
    assert_eq!(warnings, "");
}

#[test]
fn the_file_is_named_in_what_a_person_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("toolgate.yaml");
    let absent = read(&path).unwrap_err().to_string();
    assert!(absent.starts_with("cannot read the configuration `/"), "{absent}");
    fs::write(&path, "lisen: 1\nservers: {a: {}}\n").unwrap();
    let refused = read(&path).unwrap_err().to_string();
    assert!(refused.contains("did you mean `listen`?"), "{refused}");
    assert!(refused.contains("toolgate.yaml:2:"), "{refused}");
    assert!(refused.ends_with("toolgate.yaml: 2 errors"), "{refused}");
    fs::write(&path, b"listen: \xff\n").unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("not UTF-8 at byte 8"));
}

#[test]
fn the_guide_has_every_key() {
    let guide: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../docs/config.md"].iter().collect();
    let guide = fs::read_to_string(guide).unwrap();
    for key in NOTATION.tables.iter().flat_map(|table| table.keys) {
        assert!(guide.contains(&format!("`{}`", key.name)), "`{}` is not in the guide", key.name);
        assert!(key.means.ends_with('.'), "{}", key.name);
    }
}

/// The guide's table of limits: key, default, smallest, largest.
#[test]
fn the_guide_and_the_schema_tell_the_limits_as_they_are() {
    let guide: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../docs/config.md"].iter().collect();
    let guide = fs::read_to_string(guide).unwrap();
    let (_, section) = guide.split_once("### limits").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let rows: Vec<Vec<_>> = rows
        .take(limits::TABLE.keys.len())
        .map(|row| row.split('|').map(|cell| cell.replace([' ', '`'], "")).collect())
        .collect();
    let with = |column: usize| {
        let keys: Vec<_> = rows.iter().map(|row| format!("{}: {}", row[1], row[column])).collect();
        config(&format!("limits: {{{}}}\n", keys.join(", "))).limits
    };
    assert_eq!(with(2), Limits::default());
    assert_ne!(with(3), with(4));
    for (key, row) in limits::TABLE.keys.iter().zip(&rows) {
        let (_, absent) = key.means.rsplit_once("; ").unwrap();
        assert_eq!(key.name, row[1]);
        assert_eq!(absent.replace('`', ""), format!("{} if absent.", row[2]), "{}", key.name);
    }
}

#[test]
fn documents_lie_where_their_paths_start() {
    let (config, _) = documents("good")
        .into_iter()
        .find(|document| document.name == "everything.yaml")
        .unwrap()
        .read()
        .unwrap();
    assert_eq!(config.state.unwrap(), Path::new(FOLDER).join("state"));
}
