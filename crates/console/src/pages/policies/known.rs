//! Tools that servers were seen to have, and the arguments that their definitions name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};
use toolgate_store::{Directory, DirectoryReader, ReadError};

/// An argument as a tool's own schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// As policies write it: `args.amount`.
    pub(super) path: String,
    /// `string`, `number`, `boolean`, `array` or something else.
    pub(super) kind: String,
    /// What it can be, where the schema says.
    pub(super) choices: Vec<String>,
    pub(super) description: String,
    pub(super) is_required: bool,
}

const TOOLS_MAX: usize = 500;
const ARGUMENTS_MAX: usize = 40;
const CHOICES_MAX: usize = 50;
const DESCRIPTION_CHARS_MAX: usize = 200;

/// Names of tools, and the servers that have them.
pub(super) type Tools = BTreeMap<String, BTreeSet<String>>;

/// Those of `servers`.
pub(super) fn tools(
    directory: &Directory,
    reader: &DirectoryReader,
    servers: &BTreeSet<String>,
) -> Result<Tools, ReadError> {
    let mut tools = Tools::new();
    for server in servers {
        let mut see = |tool: &str| {
            if tools.contains_key(tool) || tools.len() < TOOLS_MAX {
                tools.entry(tool.to_owned()).or_default().insert(server.clone());
            }
        };
        let pins = directory.pins.get(server);
        pins.into_iter().flat_map(|pins| pins.keys()).for_each(|tool| see(tool));
        if let Some(survey) = reader.surveys(Some(server))?.last() {
            reader.surveyed(survey.id)?.iter().for_each(|tool| see(&tool.name));
        }
    }
    Ok(tools)
}

/// The servers that grants under a policy may use; all of them for one that no grant is under.
pub(super) fn servers(directory: &Directory, policy: &str) -> BTreeSet<String> {
    let live = directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
    let under = live.filter(|grant| grant.policy.as_deref() == Some(policy));
    let servers: BTreeSet<_> = under.flat_map(|grant| grant.servers.clone()).collect();
    if servers.is_empty() || directory.organization.as_deref() == Some(policy) {
        return directory.servers.keys().cloned().collect();
    }
    servers
}

/// What a tool's definition says of its arguments, as it is pinned or else as a scan has found it;
/// of the first server that has one.
pub(super) fn arguments(
    reader: &DirectoryReader,
    servers: &BTreeSet<String>,
    tool: &str,
) -> Result<Vec<Argument>, ReadError> {
    for server in servers {
        let pinned = reader.pinned_tool(server, tool)?.and_then(|pinned| pinned.definition);
        let found = match pinned {
            None => surveyed(reader, server, tool)?,
            pinned => pinned,
        };
        let Some(text) = found else { continue };
        if let Ok(document) = Document::parse(Bytes::from(text), Reading::Plain) {
            return Ok(named(document.root()));
        }
    }
    Ok(Vec::new())
}

fn surveyed(
    reader: &DirectoryReader,
    server: &str,
    tool: &str,
) -> Result<Option<String>, ReadError> {
    let surveys = reader.surveys(Some(server))?;
    let Some(newest) = surveys.last() else { return Ok(None) };
    let found = reader.surveyed(newest.id)?.into_iter().find(|found| found.name == tool);
    Ok(found.and_then(|found| found.definition))
}

fn named(definition: Value<'_>) -> Vec<Argument> {
    let Some(schema) = definition.get("inputSchema") else { return Vec::new() };
    let Some(properties) = schema.get("properties") else { return Vec::new() };
    let required: BTreeSet<String> = schema
        .get("required")
        .into_iter()
        .flat_map(Value::items)
        .filter_map(|name| name.as_str().map(Cow::into_owned))
        .collect();
    let one = |(key, value): (Value<'_>, Value<'_>)| {
        let name = key.as_str()?.into_owned();
        Some(argument(&name, value, required.contains(&name)))
    };
    properties.entries().take(ARGUMENTS_MAX).filter_map(one).collect()
}

fn argument(name: &str, schema: Value<'_>, is_required: bool) -> Argument {
    let text = |value: Value<'_>| value.as_str().map(Cow::into_owned);
    let own = schema.get("type");
    // Of several types, the first that is not `null`.
    let several = own.into_iter().flat_map(Value::items).filter_map(text);
    let kind = own.and_then(text).or_else(|| several.into_iter().find(|kind| kind != "null"));
    let choices = schema.get("enum").into_iter().flat_map(Value::items);
    let texts = choices.filter(|choice| choice.kind() == Kind::String).filter_map(text);
    let description = schema.get("description").and_then(text).unwrap_or_default();
    let kind = match kind.as_deref() {
        Some("integer") => "number".to_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    Argument {
        path: path(name),
        kind,
        choices: texts.take(CHOICES_MAX).collect(),
        description: description.chars().take(DESCRIPTION_CHARS_MAX).collect(),
        is_required,
    }
}

/// A key that is no plain word stands in quotes.
fn path(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        return format!("args.{name}");
    }
    let mut quoted = Vec::new();
    toolgate_json::quote(name, &mut quoted);
    format!("args[{}]", String::from_utf8_lossy(&quoted))
}
