//! What a tool's own definition says of its arguments.

use std::fmt;
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};
use toolgate_json::{Kind, Value};

use crate::fold::folded;

mod schema;
#[cfg(test)]
mod tests;
mod work;

use schema::Schema;
pub(crate) use schema::SchemaError;

/// The part of a tool definition (MCP `Tool.inputSchema`) that rules ask about.
#[derive(Debug)]
pub struct ToolDefinition {
    /// `inputSchema.required`
    required: Vec<String>,
    /// The names under `inputSchema.properties`.
    properties: HashSet<String>,
    /// The same by their folded spelling.
    folded: HashMap<String, String>,
    /// `inputSchema` as the server wrote it.
    text: Box<[u8]>,
    /// Compiled when the first rule asks.
    schema: OnceLock<Result<Schema, SchemaError>>,
}

/// Why a definition cannot be read. Rules that need it deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionError {
    InputSchema,
    NotAnObject,
    Properties,
    Required,
}

impl ToolDefinition {
    /// Reads one item of `tools` in the answer to `tools/list`.
    pub fn read(tool: Value<'_>) -> Result<Self, DefinitionError> {
        if tool.kind() != Kind::Object {
            return Err(DefinitionError::NotAnObject);
        }
        let schema = tool.get("inputSchema").filter(|schema| schema.kind() == Kind::Object);
        let schema = schema.ok_or(DefinitionError::InputSchema)?;
        let properties = properties(schema)?;
        let folded =
            properties.iter().map(|name| (folded(name).into_owned(), name.clone())).collect();
        Ok(Self {
            required: required(schema)?,
            properties,
            folded,
            text: schema.raw().into(),
            schema: OnceLock::new(),
        })
    }

    /// The first argument that the tool requires and `arguments` lacks.
    pub(crate) fn missing(&self, arguments: Option<Value<'_>>) -> Option<&str> {
        let given = |name: &str| arguments.is_some_and(|object| object.get(name).is_some());
        self.required.iter().map(String::as_str).find(|name| !given(name))
    }

    /// The first undeclared key of `arguments` that some reader takes for a declared one, which
    /// comes second.
    pub(crate) fn twin<'a>(&self, arguments: Value<'a>) -> Option<(Value<'a>, &str)> {
        arguments.entries().find_map(|(key, _)| {
            let text = key.as_str().unwrap_or_default();
            if self.properties.contains(&*text) {
                return None;
            }
            self.folded.get(&*folded(&text)).map(|declared| (key, declared.as_str()))
        })
    }

    /// Whether `arguments` satisfy the whole schema.
    pub(crate) fn check(&self, arguments: Option<Value<'_>>) -> Result<(), SchemaError> {
        let schema = self.schema.get_or_init(|| Schema::compile(&self.text));
        schema.as_ref().map_err(Clone::clone)?.check(arguments)
    }
}

fn properties(schema: Value<'_>) -> Result<HashSet<String>, DefinitionError> {
    let Some(properties) = schema.get("properties") else { return Ok(HashSet::new()) };
    if properties.kind() != Kind::Object {
        return Err(DefinitionError::Properties);
    }
    let names = properties.entries().filter_map(|(key, _)| key.as_str());
    Ok(names.map(std::borrow::Cow::into_owned).collect())
}

fn required(schema: Value<'_>) -> Result<Vec<String>, DefinitionError> {
    let Some(required) = schema.get("required") else { return Ok(Vec::new()) };
    if required.kind() != Kind::Array {
        return Err(DefinitionError::Required);
    }
    let names = required.items().map(|name| name.as_str().map(std::borrow::Cow::into_owned));
    names.collect::<Option<_>>().ok_or(DefinitionError::Required)
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InputSchema => "the tool has no `inputSchema` object",
            Self::NotAnObject => "the tool's definition is no object",
            Self::Properties => "`inputSchema.properties` is no object",
            Self::Required => "`inputSchema.required` is no list of names",
        })
    }
}

impl std::error::Error for DefinitionError {}
