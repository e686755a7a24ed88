//! One tool of the corpus.

use toolgate_catalog::Tool;
use toolgate_json::{Document, Reading, Value};

use crate::Result;

pub(super) struct Row<'a> {
    /// What the server is called everywhere: its package, or its repository.
    pub(super) package: String,
    /// Where the package is offered.
    pub(super) registry: Option<&'static str>,
    /// The public repository that the name was collected from.
    pub(super) source: String,
    license: String,
    pub(super) tool: Tool<'a>,
    pub(super) has_schema: bool,
    pub(super) has_annotations: bool,
}

/// What others may build on and pass on without conditions on their own work.
const FREE: [&str; 8] =
    ["Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "UPL-1.0"];

/// The corpus names the field `tool`; definitions name it `name`.
pub(super) fn documents(text: &str) -> Result<Vec<Document>> {
    let parse = |(line, number): (&str, usize)| {
        let text = line.replacen("\"tool\":", "\"name\":", 1);
        Document::parse(text.into_bytes().into(), Reading::Plain)
            .map_err(|error| format!("line {number} is not JSON: {error:?}").into())
    };
    text.lines().filter(|line| !line.is_empty()).zip(1..).map(parse).collect()
}

impl<'a> Row<'a> {
    pub(super) fn read(document: &'a Document) -> Option<Self> {
        let value = document.root();
        let text = |key| value.get(key).and_then(Value::as_str);
        let (package, registry) = package(&text("server")?);
        let source = text("source")?;
        let source = source.split([':', '@']).next().unwrap_or_default().to_owned();
        let has = |key| value.get(key).is_some_and(|value| value.entries().next().is_some());
        Some(Self {
            package,
            registry,
            source,
            license: text("license").unwrap_or_default().into_owned(),
            tool: Tool::read(value)?,
            has_schema: has("inputSchema"),
            has_annotations: has("annotations"),
        })
    }

    pub(super) fn is_free(&self) -> bool {
        FREE.contains(&self.license.as_str())
    }
}

/// The corpus says `smithery:@owner_name` and `npm/pypi:name`. A package that is offered in two
/// places is one server.
fn package(server: &str) -> (String, Option<&'static str>) {
    let Some((place, name)) = server.split_once(':') else { return (server.to_owned(), None) };
    match place {
        "composio" => (format!("composio/{name}"), None),
        "docker" => (format!("docker/{name}"), Some("Docker")),
        "livemcp" => (format!("livemcp/{name}"), None),
        "npm/pypi" => (name.to_owned(), Some("npm or PyPI")),
        "smithery" if name.starts_with('@') => (name.replacen('_', "/", 1), Some("Smithery")),
        "smithery" => (name.to_owned(), Some("Smithery")),
        _ => (server.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_package_has_one_name_wherever_it_is_offered() {
        assert_eq!(package("smithery:@a_b_c"), ("@a/b_c".to_owned(), Some("Smithery")));
        assert_eq!(package("npm/pypi:@a/b_c"), ("@a/b_c".to_owned(), Some("npm or PyPI")));
        assert_eq!(package("github/server"), ("github/server".to_owned(), None));
    }

    #[test]
    fn only_free_licences_are_taken() {
        let row = |license: &str| {
            let text = format!(
                r#"{{"server":"npm/pypi:x","tool":"run","source":"a/b@1:c","license":"{license}"}}"#
            );
            let documents = documents(&text).unwrap();
            let row = Row::read(&documents[0]).unwrap();
            assert_eq!((row.source.as_str(), &*row.tool.name), ("a/b", "run"));
            row.is_free()
        };
        assert!(row("MIT") && row("Apache-2.0"));
        assert!(!row("GPL-3.0") && !row("FSL-1.1") && !row("MPL-2.0") && !row("unstated"));
        assert!(!row(""));
    }
}
