//! The JSON Schema of documents, for editors: from the same tables that the reader reads by.

use serde_json::{Map, Value, json};

use crate::document::entries::DEFAULT;
use crate::document::notation::{About, Notation};
use crate::document::quantity::WINDOW_S_MAX;
use crate::document::table::{Manner, Need, Shape, Table};

/// JSON Schema 2020-12, pretty-printed.
pub fn schema(notation: &'static Notation) -> String {
    let mut definitions = Map::new();
    definitions.insert(notation.root.name.into(), ROOT);
    let root = table(notation.root, &mut definitions);
    definitions.remove(notation.root.name);
    let About { id, title, description } = notation.about;
    let mut schema = Map::new();
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("$id".into(), id.into());
    schema.insert("title".into(), title.into());
    schema.insert("description".into(), description.into());
    schema.extend(root);
    schema.insert("$defs".into(), definitions.into());
    format!("{:#}\n", Value::Object(schema))
}

fn table(table: &'static Table, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in table.keys {
        let mut property = property(&key.shape, definitions);
        property.insert("description".into(), key.means.into());
        properties.insert(key.name.into(), property.into());
    }
    let required: Vec<_> =
        table.keys.iter().filter(|key| key.need == Need::Must).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("additionalProperties".into(), false.into());
    schema.insert("properties".into(), properties.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema
}

fn property(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let schema = match shape {
        Shape::Amount => json!({ "type": "number", "minimum": 0 }),
        Shape::Any => json!({}),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Choice(choices) => json!({ "enum": choices }),
        Shape::Either(alternatives) => {
            let any: Vec<_> = alternatives.iter().map(|one| property(one, definitions)).collect();
            json!({ "anyOf": any })
        }
        Shape::Form(form) => serde_json::from_str(&form.schema()).unwrap_or_default(),
        Shape::List(item) => json!({ "type": "array", "items": property(item, definitions) }),
        Shape::Named(named) if named.pattern.is_empty() => json!({ "type": "object" }),
        Shape::Named(named) => json!({
            "type": "object",
            "propertyNames": { "pattern": named.pattern },
            "additionalProperties": property(&named.value, definitions),
        }),
        Shape::Object(table) => refer(table, definitions),
        Shape::Rate => json!({ "type": "string", "pattern": "^[1-9][0-9]*/(minute|hour|day)$" }),
        Shape::Seconds => json!({ "type": "integer", "minimum": 1, "maximum": WINDOW_S_MAX }),
        Shape::Text(manner) => match pattern(manner) {
            Some(pattern) => json!({ "type": "string", "pattern": pattern }),
            None => json!({ "type": "string" }),
        },
        Shape::Section(table) => {
            let entry = refer(table, definitions);
            let own = json!({ "enum": ["allow", "deny"] });
            json!({
                "type": "object",
                "properties": { DEFAULT: { "anyOf": [own, entry] } },
                "propertyNames": { "pattern": pattern(&Manner::Name) },
                "additionalProperties": entry,
            })
        }
        Shape::Tools(table) => json!({
            "type": "object",
            "propertyNames": { "pattern": pattern(&Manner::Name) },
            "additionalProperties": refer(table, definitions),
        }),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// What editors go by. The reader is stricter.
fn pattern(manner: &Manner) -> Option<String> {
    let pattern = match manner {
        Manner::Duration | Manner::Pause => r"^([0-9]+[smhd])+$".to_owned(),
        Manner::Free => return None,
        Manner::Name => r"^[^\u0000-\u001f\u007f-\u009f]+$".to_owned(),
        Manner::Path => r"^args[.\[]".to_owned(),
        Manner::RulePath => r"^(args[.\[]|state\.)".to_owned(),
        Manner::Start(starts) => format!("^({})", starts.join("|")),
    };
    Some(pattern)
}

/// In place of the definition of the whole document, which is no part of itself.
const ROOT: Value = Value::Bool(true);

fn refer(inner: &'static Table, definitions: &mut Map<String, Value>) -> Value {
    if definitions.get(inner.name) == Some(&ROOT) {
        return json!({ "$ref": "#" });
    }
    if !definitions.contains_key(inner.name) {
        // Tables refer to each other, in circles too.
        definitions.insert(inner.name.into(), Value::Null);
        let schema = table(inner, definitions);
        definitions.insert(inner.name.into(), schema.into());
    }
    json!({ "$ref": format!("#/$defs/{}", inner.name) })
}
