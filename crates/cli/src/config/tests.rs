//! What is read and what is told, the schema, and servers that are stored and read back.

mod documents;
mod schema;
mod secrets;
mod stored;

use std::fs;
use std::path::Path;

use toolgate_policy::document::Diagnostic;

use super::{Config, read_text};

/// Where documents lie, for their paths.
const FOLDER: &str = "/etc/toolgate";

struct Document {
    name: String,
    text: String,
}

impl Document {
    fn read(&self) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        read_text(&self.name, &self.text, Some(Path::new(FOLDER)))
    }

    fn config(&self) -> Config {
        config(&self.text)
    }
}

#[track_caller]
fn config(text: &str) -> Config {
    match read_text("toolgate.yaml", text, Some(Path::new(FOLDER))) {
        Ok((config, _)) => config,
        Err(told) => panic!("{}\nin\n{text}", told[0]),
    }
}

/// All documents of a folder under `tests/config`.
fn documents(folder: &str) -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "json") {
            documents.push(Document { text: fs::read_to_string(&path).unwrap(), name });
        }
    }
    assert!(!documents.is_empty());
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    documents
}
