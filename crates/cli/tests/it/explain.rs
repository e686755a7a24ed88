//! `toolgate explain`: golden files for every policy that is shipped or shown, and what it must
//! not tell.
//!
//! A file under `tests/explain/` begins with the policy it is about; each line that starts with
//! `$ ` is what is typed behind `toolgate explain --policy`, and what follows is what comes.
//! `UPDATE=1 cargo test -p toolgate --test it -- explain` writes what comes now; review the diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::documents::policies_shown;
use crate::toolgate::Toolgate;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `policies/demo.yaml`, or `docs/policy.md 2`: the second policy that is shown there.
fn policy(named: &str) -> String {
    match named.rsplit_once(' ') {
        None => fs::read_to_string(root().join(named)).unwrap(),
        Some((document, number)) => {
            let number: usize = number.parse().unwrap();
            let shown = policies_shown(&root().join(document));
            shown[number - 1].clone()
        }
    }
}

/// Splits at spaces outside quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn every_shipped_policy_is_explained_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
    let mut covered = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let golden = fs::read_to_string(&path).unwrap();
        let named = golden.lines().next().unwrap().strip_prefix("policy ").unwrap();
        let toolgate = Toolgate::new().file("policy.yaml", policy(named));
        let mut now = format!("policy {named}\n");
        for line in golden.lines().filter(|line| line.starts_with("$ ")) {
            let mut args = vec!["explain".to_owned(), "--policy".into(), "policy.yaml".into()];
            args.extend(words(&line[2..]));
            let mut command = toolgate.command();
            command.args(&args);
            let ran = crate::toolgate::run(command, b"");
            ran.exits(0);
            assert_eq!(ran.stderr, "", "{line}");
            write!(now, "\n{line}\n{}", ran.stdout).unwrap();
        }
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, now).unwrap();
        } else {
            assert_eq!(golden, now, "{}", path.display());
        }
        covered.push(named.to_owned());
    }
    let mut expected: Vec<String> = fs::read_dir(root().join("policies"))
        .unwrap()
        .map(|entry| format!("policies/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    for document in ["README.md", "docs/policy.md", "docs/testing.md"] {
        let shown = policies_shown(&root().join(document)).len();
        expected.extend((1..=shown).map(|number| format!("{document} {number}")));
    }
    expected.sort();
    covered.sort();
    assert_eq!(covered, expected, "each policy has a golden file");
}
