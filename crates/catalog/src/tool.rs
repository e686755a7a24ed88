//! One tool as its server lists it, read once for all who judge it.

use std::borrow::Cow;

use toolgate_json::Value;

mod params;

pub use params::Param;

/// An item of a `tools/list` result (MCP, "Tool"). What is missing or of another type is empty: a
/// definition that breaks the schema is judged by what is there.
#[derive(Debug, Clone)]
pub struct Tool<'a> {
    pub name: Cow<'a, str>,
    pub title: Cow<'a, str>,
    pub description: Cow<'a, str>,
    pub annotations: Annotations,
    /// The arguments, nested ones included, in the order of the schema.
    pub params: Vec<Param<'a>>,
    /// The whole definition.
    pub value: Value<'a>,
}

/// What a server says of its own tool: hints, no guarantees (MCP, "`ToolAnnotations`").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annotations {
    pub destructive: Option<bool>,
    pub idempotent: Option<bool>,
    pub open_world: Option<bool>,
    pub read_only: Option<bool>,
}

impl<'a> Tool<'a> {
    /// Reads one definition. A tool without a name is none.
    pub fn read(value: Value<'a>) -> Option<Self> {
        let annotations = value.get("annotations");
        let title = text(value, "title");
        Some(Self {
            name: value.get("name")?.as_str()?,
            title: match annotations {
                Some(annotations) if title.is_empty() => text(annotations, "title"),
                _ => title,
            },
            description: text(value, "description"),
            annotations: annotations.map(Annotations::read).unwrap_or_default(),
            params: value.get("inputSchema").map(params::read).unwrap_or_default(),
            value,
        })
    }
}

impl Annotations {
    fn read(value: Value<'_>) -> Self {
        let hint = |key| value.get(key).and_then(Value::as_bool);
        Self {
            destructive: hint("destructiveHint"),
            idempotent: hint("idempotentHint"),
            open_world: hint("openWorldHint"),
            read_only: hint("readOnlyHint"),
        }
    }
}

fn text<'a>(value: Value<'a>, key: &str) -> Cow<'a, str> {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
