//! The schema agrees with the reader.

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;
use toolgate_policy::document::outline::{self, Findings, Node, Value as Written};

use super::{config, documents};
use crate::config::notation::NOTATION;
use crate::config::read_text;

fn schema() -> String {
    outline::schema(&NOTATION)
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&serde_json::from_str(&schema()).unwrap()).unwrap()
}

fn value(text: &str) -> Option<Value> {
    outline::tree(text, &mut Findings::of(&NOTATION)).map(|node| json(&node))
}

fn json(node: &Node) -> Value {
    match &node.value {
        Written::Bool(value) => (*value).into(),
        Written::Broken | Written::Empty | Written::Null => Value::Null,
        Written::List(items) => items.iter().map(json).collect(),
        Written::Map(members) => {
            members.iter().map(|member| (member.key.clone(), json(&member.node))).collect()
        }
        Written::Number(literal) => serde_json::from_str(literal).unwrap(),
        Written::Text(text) => text.text.as_str().into(),
    }
}

#[test]
fn checked_in_schema_is_current() {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../schema/toolgate.schema.json"].iter().collect();
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
    let definitions = schema["$defs"].as_object().unwrap();
    assert_eq!(definitions.len(), NOTATION.tables.len() - 1);
}

#[test]
fn good_documents_satisfy_it() {
    let validator = validator();
    for document in documents("good") {
        for text in [document.text.clone(), document.config().json()] {
            let tree = value(&text).unwrap();
            let errors: Vec<_> = validator.iter_errors(&tree).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", document.name);
        }
    }
}

#[test]
fn what_the_outline_refuses_it_refuses() {
    let validator = validator();
    let mut seen = 0;
    for document in documents("bad") {
        let told = document.read().unwrap_err();
        let outline = |message: &str| {
            message.starts_with("unknown key")
                || message.contains(" takes ")
                || message.ends_with(" is missing")
        };
        let Some(tree) = value(&document.text) else { continue };
        if told.iter().any(|one| outline(&one.message)) {
            seen += 1;
            assert!(!validator.is_valid(&tree), "{}", document.name);
        }
    }
    assert!(seen >= 5, "too few documents: {seen}");
}

/// An unknown key in any mapping that has known ones is refused by both.
#[test]
fn no_mapping_takes_unknown_keys() {
    let validator = validator();
    for document in documents("good") {
        let whole = value(&document.text).unwrap();
        for pointer in objects_in(&whole, "") {
            let mut changed = whole.clone();
            let place = changed.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            place.insert("no_such_key".into(), Value::Bool(true));
            assert!(!validator.is_valid(&changed), "{} {pointer}", document.name);
            let refused = read_text("changed", &changed.to_string(), None).is_err();
            assert!(refused, "{} {pointer}", document.name);
        }
    }
    assert!(config("{}").servers.is_empty());
}

/// The pointers of all mappings.
fn objects_in(value: &Value, pointer: &str) -> Vec<String> {
    let mut pointers = Vec::new();
    match value {
        Value::Object(members) => {
            pointers.push(pointer.to_owned());
            for (key, inner) in members {
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
