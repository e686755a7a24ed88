//! Labelled definitions, read from the files of a directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use toolgate_catalog::{Category, Kin, Tool, Vector};
use toolgate_json::{Document, Reading, Value, quote};

use crate::Result;

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// What servers declare of their own tools: read-only or not.
    Annotations,
    /// Tags of Composio: three categories.
    Composio,
    /// Policies of Intercept: five categories.
    Five,
    /// The method that a generated tool sends: three categories.
    Http,
    /// Ours, of tools without any other label: five categories (`labels.tsv`).
    Own,
}

/// What a definition is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Category(Category),
    ReadOnly(bool),
}

impl Label {
    pub fn reads(self) -> bool {
        matches!(self, Self::Category(Category::Read) | Self::ReadOnly(true))
    }
}

/// One labelled definition, without its annotations.
pub struct Row {
    pub source: Source,
    pub label: Label,
    pub vendor: String,
    /// Equal for copies of a definition under several vendors.
    pub copy_key: String,
    /// Else only trained with: a longer description of a tool that is measured.
    pub is_measured: bool,
    pub kin: usize,
    pub document: Document,
    pub vector: Vector,
}

/// All rows, and what is known of their servers.
pub struct Data {
    pub rows: Vec<Row>,
    pub kins: Vec<Kin>,
}

const FILES: [(Source, &str); 4] = [
    (Source::Annotations, "train-annotations.jsonl"),
    (Source::Composio, "train-composio.jsonl"),
    (Source::Five, "train-policylayer-intercept.jsonl"),
    (Source::Http, "train-http.jsonl"),
];
pub const CORPUS: &str = "train-corpus.jsonl";
/// Server, tool and category, separated by tabs. No text of the definitions.
const LABELS: &str = include_str!("labels.tsv");

impl Data {
    /// Reads the labelled files of a directory, and those of its corpus that we labelled.
    pub fn read(directory: &Path) -> Result<Self> {
        let mut data = Self { rows: Vec::new(), kins: Vec::new() };
        for (source, name) in FILES {
            data.add(source, &lines(&directory.join(name))?, &label)?;
        }
        let labels = own_labels(LABELS)?;
        let own = |row: Value<'_>| {
            let key = (text(row, "server"), text(row, "tool"));
            labels.get(&key).copied().map(Label::Category)
        };
        data.add(Source::Own, &lines(&directory.join(CORPUS))?, &own)?;
        Ok(data)
    }

    /// Takes the rows of one file that have a label.
    pub fn add(
        &mut self,
        source: Source,
        documents: &[Document],
        label: &dyn Fn(Value<'_>) -> Option<Label>,
    ) -> Result {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for document in documents {
            let row = document.root();
            names.entry(text(row, "server")).or_default().push(text(row, "tool"));
        }
        let first = self.kins.len();
        self.kins.extend(names.values().map(|of| Kin::of(of.iter().map(String::as_str))));
        let kins: BTreeMap<&String, usize> =
            names.keys().enumerate().map(|(at, server)| (server, first + at)).collect();
        for document in documents {
            let row = document.root();
            let Some(label) = label(row) else { continue };
            let kin = kins[&text(row, "server")];
            let longer = row.get("full_description").map(|_| "full_description");
            for key in ["description"].into_iter().chain(longer) {
                let description = text(row, key);
                let document = definition(row, &description)?;
                let tool = Tool::read(document.root()).ok_or("a row without a tool")?;
                let vector = Vector::of(&tool, &self.kins[kin]);
                self.rows.push(Row {
                    source,
                    label,
                    vendor: text(row, "vendor"),
                    copy_key: copy_key(&text(row, "tool"), &description),
                    is_measured: key == "description",
                    kin,
                    document,
                    vector,
                });
            }
        }
        Ok(())
    }
}

/// The lines of a file, each a JSON value.
pub fn lines(path: &Path) -> Result<Vec<Document>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let read = |(number, line): (usize, &str)| {
        Document::parse(Bytes::copy_from_slice(line.as_bytes()), Reading::Plain)
            .map_err(|error| format!("{}:{}: {error}", path.display(), number + 1).into())
    };
    text.lines().enumerate().map(read).collect()
}

/// A definition as a server lists it, but for the annotations, which are labels here.
pub fn definition(row: Value<'_>, description: &str) -> Result<Document> {
    let mut definition = b"{\"name\":".to_vec();
    quote(&text(row, "tool"), &mut definition);
    definition.extend_from_slice(b",\"description\":");
    quote(description, &mut definition);
    if let Some(schema) = row.get("inputSchema") {
        definition.extend_from_slice(b",\"inputSchema\":");
        definition.extend_from_slice(schema.raw());
    }
    definition.push(b'}');
    Document::parse(Bytes::from(definition), Reading::Plain)
        .map_err(|error| format!("a definition cannot be read: {error}").into())
}

pub fn text(row: Value<'_>, key: &str) -> String {
    row.get(key).and_then(Value::as_str).unwrap_or_default().into_owned()
}

/// The label of a row of one of the files; what is undecided has none.
pub fn label(row: Value<'_>) -> Option<Label> {
    match row.get("readOnly") {
        Some(read_only) => read_only.as_bool().map(Label::ReadOnly),
        None => category(&text(row, "category")).map(Label::Category),
    }
}

fn category(name: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|category| category.name() == name)
}

fn own_labels(text: &str) -> Result<BTreeMap<(String, String), Category>> {
    let read = |line: &str| {
        let [server, tool, name] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
        Some(((server.to_owned(), tool.to_owned()), category(name)?))
    };
    text.lines()
        .map(|line| read(line).ok_or_else(|| format!("labels.tsv: cannot read `{line}`").into()))
        .collect()
}

/// Letters and digits of the name and of the beginning of the description.
fn copy_key(name: &str, description: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(80).collect()
    };
    format!("{}|{}", plain(name), plain(description))
}
