//! Every document under `documents/` is read; what its author is told stands next to it.
//!
//! `UPDATE=1 cargo test -p toolgate-policy` writes what the reader now says; review the diff.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use toolgate_policy::document::{self, Colour, Severity, render};

fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(folder);
    let is_document = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "yaml" || extension == "json")
    };
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(is_document)
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no documents in {}", folder.display());
    paths
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Compares `actual` with the file next to the document.
#[track_caller]
fn compare(document: &Path, extension: &str, actual: &str) {
    let path = document.with_file_name(format!("{}.{extension}", name(document)));
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{}: run with UPDATE=1 and review", path.display());
}

#[test]
fn good_documents_are_read() {
    for path in documents("good") {
        let text = text(&path);
        let (policy, told) = match document::read(&name(&path), &text) {
            Ok(read) => read,
            Err(told) => panic!("{}", render(&told, &text, Colour::Off)),
        };
        assert!(told.iter().all(|diagnostic| diagnostic.severity != Severity::Error));
        compare(&path, "told", &render(&told, &text, Colour::Off));
        compare(&path, "canonical", &document::pretty(&policy));
    }
}

#[test]
fn bad_documents_are_refused() {
    for path in documents("bad") {
        let text = text(&path);
        let Err(told) = document::read(&name(&path), &text) else {
            panic!("{} was read", path.display());
        };
        assert!(told.iter().any(|diagnostic| diagnostic.severity == Severity::Error));
        assert!(told.iter().is_sorted_by_key(|diagnostic| diagnostic.span.start));
        compare(&path, "told", &render(&told, &text, Colour::Off));
    }
}
