//! The arguments that a schema names, however deep.

use std::borrow::Cow;

use toolgate_json::Value;

/// One property of an input schema.
#[derive(Debug, Clone)]
pub struct Param<'a> {
    /// Where it is: `steps[].url`.
    pub path: String,
    pub name: Cow<'a, str>,
    pub description: Cow<'a, str>,
    /// Required by the object it is in.
    pub required: bool,
    /// Its schema, a reference resolved.
    pub schema: Value<'a>,
}

/// Deeper is not looked: schemas may refer to themselves.
const DEPTH_MAX: usize = 8;
/// More is not listed, so that a hostile schema costs little more than an honest one.
const PARAMS_MAX: usize = 1_000;
/// Schemas looked at: branches that refer to each other multiply.
const VISITS_MAX: usize = 10_000;

/// All properties of the schema of an object, in order, each path once.
pub(super) fn read(schema: Value<'_>) -> Vec<Param<'_>> {
    let mut reading = Reading { root: schema, params: Vec::new(), visits: 0 };
    reading.object(schema, "", 0);
    reading.params
}

struct Reading<'a> {
    root: Value<'a>,
    params: Vec<Param<'a>>,
    visits: usize,
}

impl<'a> Reading<'a> {
    fn object(&mut self, schema: Value<'a>, path: &str, depth: usize) {
        self.visits += 1;
        if depth > DEPTH_MAX || self.visits > VISITS_MAX {
            return;
        }
        let schema = self.resolved(schema);
        let required = schema.get("required");
        for (name, property) in schema.get("properties").into_iter().flat_map(Value::entries) {
            let Some(name) = name.as_str() else { continue };
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            if self.params.len() == PARAMS_MAX || self.params.iter().any(|known| known.path == path)
            {
                continue;
            }
            let required = required.is_some_and(|all| all.items().any(|one| one.is(&name)));
            let schema = self.resolved(property);
            let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            self.params.push(Param { path: path.clone(), name, description, required, schema });
            self.object(schema, &path, depth + 1);
        }
        for part in ["allOf", "anyOf", "oneOf"] {
            for branch in schema.get(part).into_iter().flat_map(Value::items) {
                self.object(branch, path, depth + 1);
            }
        }
        if let Some(each) = schema.get("items") {
            self.object(each, &format!("{path}[]"), depth + 1);
        }
    }

    /// Follows a reference into the same schema (`#/$defs/step`), a few steps far.
    fn resolved(&self, schema: Value<'a>) -> Value<'a> {
        let mut found = schema;
        for _ in 0..DEPTH_MAX {
            let Some(pointer) = found.get("$ref").and_then(Value::as_str) else { break };
            let Some(pointer) = pointer.strip_prefix('#') else { break };
            if !(pointer.is_empty() || pointer.starts_with('/')) {
                break;
            }
            let mut steps = pointer.split('/').skip(1);
            let target = steps.try_fold(self.root, |at, step| at.get(&unescaped(step)));
            let Some(target) = target else { break };
            found = target;
        }
        found
    }
}

/// RFC 6901.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
