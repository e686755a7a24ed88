//! Every policy in the repository can be read: in `policies/`, in the README, in the guides.

use std::fs;
use std::path::{Path, PathBuf};

use crate::toolgate::Toolgate;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn ready_made_policies_pass_without_a_warning() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("policies")).unwrap() {
        let path = entry.unwrap().path();
        let ran = Toolgate::new().args(&["check".into(), path.clone()]).run();
        ran.exits(0);
        assert!(!ran.stderr.contains("warning"), "{}: {}", path.display(), ran.stderr);
        count += 1;
    }
    assert!(count > 0);
}

/// A fenced block whose language is `yaml policy` or `json policy` is a whole policy.
#[test]
fn policies_in_the_documents_pass() {
    let mut documents = vec![root().join("README.md")];
    let docs = fs::read_dir(root().join("docs")).unwrap();
    documents.extend(docs.map(|entry| entry.unwrap().path()));
    let mut in_readme = 0;
    for document in documents.iter().filter(|path| path.extension().is_some_and(|e| e == "md")) {
        let text = fs::read_to_string(document).unwrap();
        for (language, block) in blocks(&text) {
            if language != "yaml policy" && language != "json policy" {
                continue;
            }
            let ran = Toolgate::new().stdin(block).line("check -").run();
            assert_eq!(ran.code, Some(0), "{}:\n{block}\n{}", document.display(), ran.stderr);
            in_readme += usize::from(document.ends_with("README.md"));
        }
    }
    assert!(in_readme > 0, "the README shows no policy");
}

/// The whole policies that a document shows.
pub(crate) fn policies_shown(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).unwrap();
    let blocks = blocks(&text).into_iter();
    let policies = blocks.filter(|(language, _)| language.ends_with(" policy"));
    policies.map(|(_, block)| format!("{block}\n")).collect()
}

/// A fenced block whose language is `yaml config` is a whole configuration.
#[test]
fn configurations_in_the_documents_pass_without_a_warning() {
    let text = fs::read_to_string(root().join("docs/config.md")).unwrap();
    let blocks: Vec<_> = blocks(&text).into_iter().filter(|(l, _)| *l == "yaml config").collect();
    assert!(!blocks.is_empty());
    for (_, block) in blocks {
        let ran = Toolgate::new().stdin(block).line("check --config -").run();
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{block}");
    }
}

/// The fenced blocks of a text, each with what stands behind its opening fence.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("\n```") {
        let (language, body) = behind.split_once('\n').unwrap();
        let (block, end) = body.split_once("\n```").unwrap();
        found.push((language, block));
        rest = end;
    }
    found
}
