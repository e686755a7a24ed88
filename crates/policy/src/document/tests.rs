//! What holds for every document, and for every piece of one.
#![expect(clippy::disallowed_methods, reason = "test: reads documents")]

mod canonical;
mod fuzz;
mod lost;
mod places;
mod scalars;
mod schema;
mod truncation;

use std::fs;
use std::path::Path;

use crate::document::findings::Findings;
use crate::document::keys::POLICY;
use crate::document::node::Node;
use crate::document::{json, read, yaml};
use crate::rule::Policy;

struct Document {
    name: String,
    text: String,
}

impl Document {
    fn is_json(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    fn tree(&self) -> Option<Node> {
        let mut findings = Findings::of(&POLICY);
        if self.is_json() {
            json::tree(&self.text, &mut findings)
        } else {
            yaml::tree(&self.text, &mut findings)
        }
    }

    fn policy(&self) -> Policy {
        policy(&self.text)
    }
}

fn policy(text: &str) -> Policy {
    match read("document", text) {
        Ok((policy, _)) => policy,
        Err(told) => panic!("{}\nin\n{text}", told[0]),
    }
}

fn good() -> Vec<Document> {
    documents("good")
}

fn bad() -> Vec<Document> {
    documents("bad")
}

fn documents(folder: &str) -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(folder);
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "json") {
            let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
            documents.push(Document { name, text });
        }
    }
    assert!(!documents.is_empty());
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    documents
}
