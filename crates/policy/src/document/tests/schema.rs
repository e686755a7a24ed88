//! The schema agrees with the reader.

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;

use super::{bad, good};
use crate::document::keys::{DOCUMENT, RULE_CONDITION, TABLES};
use crate::document::node::Node;
use crate::document::read;
use crate::document::schema;

/// Nothing if a number is in it that the validator cannot hold.
fn value(node: &Node) -> Option<Value> {
    let mut json = Vec::new();
    node.json(&mut json);
    serde_json::from_slice(&json).ok()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&serde_json::from_str(&schema()).unwrap()).unwrap()
}

#[test]
fn checked_in_schema_is_current() {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../schema/policy.schema.json"].iter().collect();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, schema()).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(checked_in, schema(), "run with UPDATE=1 and review");
}

#[test]
fn is_a_schema() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
}

#[test]
fn good_documents_satisfy_it() {
    let validator = validator();
    for document in good() {
        let tree = value(&document.tree().unwrap()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&tree).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", document.name);
        let canonical = serde_json::from_str(document.policy().canonical()).unwrap();
        assert!(validator.is_valid(&canonical), "{}", document.name);
    }
}

#[test]
fn what_the_outline_refuses_it_refuses() {
    let validator = validator();
    let mut seen = 0;
    for document in bad() {
        let told = read(&document.name, &document.text).unwrap_err();
        let outline = |message: &str| {
            message.starts_with("unknown key")
                || message.contains(" takes ")
                || message.ends_with(" is missing")
        };
        let Some(tree) = document.tree().as_ref().and_then(value) else { continue };
        if told.iter().any(|diagnostic| outline(&diagnostic.message)) {
            seen += 1;
            assert!(!validator.is_valid(&tree), "{}", document.name);
        }
    }
    assert!(seen >= 5, "too few documents: {seen}");
}

/// An unknown key in any mapping of any good document is refused by both.
#[test]
fn no_mapping_takes_unknown_keys() {
    let validator = validator();
    for document in good() {
        let tree = document.tree().unwrap();
        let (mut objects, mut refused) = (0, 0);
        let whole = value(&tree).unwrap();
        for pointer in objects_in(&whole, "") {
            let mut changed = whole.clone();
            let place = changed.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            place.insert("no_such_key".into(), Value::Bool(true));
            objects += 1;
            let by_schema = !validator.is_valid(&changed);
            let by_reader = read("changed", &changed.to_string()).is_err();
            assert_eq!(by_schema, by_reader, "{} {pointer}", document.name);
            refused += usize::from(by_reader);
        }
        assert_eq!(objects, refused, "{}", document.name);
    }
}

/// The pointers of all objects that have known keys: all but values of conditions, and what a
/// call carries.
fn objects_in(value: &Value, pointer: &str) -> Vec<String> {
    let free = ["args", "definition", "value"];
    let mut pointers = Vec::new();
    match value {
        Value::Object(members) => {
            pointers.push(pointer.to_owned());
            for (key, inner) in members.iter().filter(|(key, _)| !free.contains(&key.as_str())) {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers.extend(objects_in(inner, &format!("{pointer}/{key}")));
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                pointers.extend(objects_in(inner, &format!("{pointer}/{i}")));
            }
        }
        _ => {}
    }
    pointers
}

#[test]
fn every_table_is_in_it_and_every_key_has_words() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let definitions = schema["$defs"].as_object().unwrap();
    for table in TABLES.iter().filter(|table| table.name != DOCUMENT.name) {
        assert!(definitions.contains_key(table.name), "{}", table.name);
    }
    assert_eq!(definitions.len(), TABLES.len() - 1);
    assert!(definitions.contains_key(RULE_CONDITION.name));
    for key in TABLES.iter().flat_map(|table| table.keys) {
        assert!(key.means.ends_with('.'), "{}", key.name);
    }
}
