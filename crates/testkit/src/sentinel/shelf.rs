//! The tools on offer: built in or from a file, renamed, redefined, cut into pages.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::answer::{Fault, INVALID_PARAMS, Outcome};
use super::definitions::definitions;
use super::flags::Flags;
use crate::guard::lock;

pub(crate) struct Shelf {
    built_in: Vec<Value>,
    /// Descriptions changed or tools added while running, in the order of the changes.
    redefined: Mutex<Vec<(String, String)>>,
}

impl Shelf {
    pub(crate) fn new() -> Shelf {
        Shelf { built_in: definitions(), redefined: Mutex::new(Vec::new()) }
    }

    pub(crate) fn redefine(&self, name: &str, description: &str) {
        lock(&self.redefined).push((name.to_owned(), description.to_owned()));
    }

    /// One page of the list.
    pub(crate) fn page(&self, flags: &Flags, cursor: Option<&str>) -> Outcome {
        let tools = self.tools(flags)?;
        let pages = flags.pages.max(1);
        let page = match cursor {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("page-")
                .and_then(|n| n.parse().ok())
                .filter(|page| (1..pages).contains(page))
                .ok_or_else(|| Fault::new(INVALID_PARAMS, "unknown cursor"))?,
        };
        let size = tools.len().div_ceil(pages).max(1);
        let part: Vec<_> = tools.into_iter().skip(page * size).take(size).collect();
        let mut result = json!({"tools": part});
        if page + 1 < pages {
            result["nextCursor"] = json!(format!("page-{}", page + 1));
        }
        Ok(result)
    }

    /// The definition of one tool by its listed name.
    pub(crate) fn find(&self, flags: &Flags, name: &str) -> Option<Value> {
        let tools = self.tools(flags).ok()?;
        tools.into_iter().find(|tool| tool["name"] == name)
    }

    fn tools(&self, flags: &Flags) -> Result<Vec<Value>, Fault> {
        let mut tools = match &flags.tools {
            Some(path) => read(path)
                .map_err(|error| Fault::new(super::answer::INTERNAL_ERROR, error.to_string()))?,
            None => self.built_in.clone(),
        };
        for tool in &mut tools {
            let renamed = flags.rename.iter().find(|(from, _)| tool["name"] == *from);
            if let Some((_, to)) = renamed {
                tool["name"] = json!(to);
            }
        }
        for (name, description) in lock(&self.redefined).iter() {
            match tools.iter_mut().find(|tool| tool["name"] == *name) {
                Some(tool) => tool["description"] = json!(description),
                None => tools.push(
                    json!({"name": name, "description": description, "inputSchema": {"type": "object"}}),
                ),
            }
        }
        Ok(tools)
    }
}

/// Read anew at each list, so that a test can change the file under a running server.
fn read(path: &Path) -> io::Result<Vec<Value>> {
    let document: Value = serde_json::from_slice(&fs::read(path)?)?;
    let tools = if document.is_array() { document } else { document["tools"].clone() };
    match tools {
        Value::Array(tools) => Ok(tools),
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_) | Value::String(_) => {
            Err(io::Error::other(format!("`{}` holds no array of tools", path.display())))
        }
    }
}

/// The smallest value that a schema of common make accepts.
pub(crate) fn example(schema: &Value) -> Value {
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(value) = schema["enum"].get(0).or_else(|| schema["examples"].get(0)) {
        return value.clone();
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(first) = schema[choice].get(0) {
            return example(first);
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            (0..least).map(|_| example(&schema["items"])).collect()
        }
        Some("boolean") => json!(false),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
        Some("string") => json!("text"),
        Some("null") => Value::Null,
        Some(_) | None => example_object(schema),
    }
}

fn example_object(schema: &Value) -> Value {
    let mut object = serde_json::Map::new();
    for name in schema["required"].as_array().into_iter().flatten() {
        if let Some(name) = name.as_str() {
            object.insert(name.to_owned(), example(&schema["properties"][name]));
        }
    }
    Value::Object(object)
}
