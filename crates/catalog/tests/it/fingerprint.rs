//! What changes a fingerprint and what does not.

use proptest::prelude::*;
use serde_json::{Value, json};
use toolgate_catalog::{Fingerprint, fingerprint};

use crate::document;

const TOOL: &str = r#"{"name":"pay","description":"Pays é","inputSchema":{"type":"object",
    "properties":{"amount":{"type":"number","maximum":500}},"required":["amount","to"]}}"#;

fn of(text: &str) -> Fingerprint {
    fingerprint(document(text).root())
}

#[test]
fn order_white_space_and_spelling_do_not_count() {
    let same = [
        r#"{ "description" : "Pays \u00e9", "name":"p\u0061y","inputSchema":{"required":
            ["amount","to"], "properties":{"amount":{"maximum":5e2,"type":"number"}},"type":"object"}}"#,
        &TOOL.replace("500", "500.0"),
        &TOOL.replace('\n', " "),
    ];
    for text in same {
        assert_eq!(of(text), of(TOOL), "{text}");
    }
}

#[test]
fn every_change_counts() {
    let changes = [
        TOOL.replace("pay", "pay "),
        TOOL.replace("Pays é", "Pays e\u{301}"),
        TOOL.replace("Pays", "Pays\u{200b}"),
        TOOL.replace("500", "501"),
        TOOL.replace("500", "500.0000000000000000001"),
        TOOL.replace("500", "\"500\""),
        TOOL.replace(r#"["amount","to"]"#, r#"["to","amount"]"#),
        TOOL.replace(r#""name":"pay","#, r#""name":"pay","title":null,"#),
        TOOL.replace(r#""name":"pay","#, r#""name":"pay","name":"pay","#),
    ];
    for text in &changes {
        assert_ne!(text, TOOL, "the change must change something");
        assert_ne!(of(text), of(TOOL), "{text}");
    }
}

#[test]
fn a_fingerprint_is_the_sha_256_of_the_canonical_text() {
    // printf '{"a":1}' | sha256sum
    let hex = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    assert_eq!(of(r#"{ "a": 1.0 }"#).to_string(), hex);
    assert_eq!(of(r#"{"a":1}"#).short(), "015abd7f5cc5");
    assert_eq!(Fingerprint::parse(hex), Some(of(r#"{"a":1}"#)));
}

#[test]
fn only_its_own_spelling_is_read() {
    let hex = of(TOOL).to_string();
    for wrong in [&hex[1..], &hex.to_uppercase(), "", &format!("+{}", &hex[1..])] {
        assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
    }
}

/// A definition with everything that MCP has for one.
fn whole() -> Value {
    json!({
        "name": "pay",
        "title": "Pay",
        "description": "Pays.",
        "icons": [{"src": "https://example.com/a.png", "sizes": ["48x48"]}],
        "inputSchema": {
            "type": "object",
            "properties": {"to": {"type": "string", "description": "Whom"}, "n": {"maximum": 5}},
            "required": ["to"]
        },
        "outputSchema": {"type": "object", "properties": {"id": {"type": "string"}}},
        "annotations": {"readOnlyHint": false, "destructiveHint": true, "title": "Pay"},
        "execution": {"taskSupport": "optional"},
        "_meta": {"ui": {"resourceUri": "ui://pay", "visibility": ["app"]}}
    })
}

/// Every place in it, as a JSON pointer.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), out));
        }
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), out));
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}

fn all_places() -> Vec<String> {
    let mut all = Vec::new();
    places(&whole(), "", &mut all);
    all
}

/// Keys in any order, at every level.
fn shuffled(value: &Value, seed: &mut u64) -> String {
    let mut next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *seed >> 33
    };
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|member| (next(), member)).collect();
            members.sort_by_key(|(place, _)| *place);
            let members = members.iter().map(|(_, (key, value))| {
                format!("{}: {}", Value::String((*key).clone()), shuffled(value, seed))
            });
            format!("{{ {} }}", members.collect::<Vec<_>>().join(" ,\n"))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| shuffled(item, seed)).collect::<Vec<_>>();
            format!("[{}]", items.join(", "))
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

proptest! {
    #[test]
    fn every_mutation_of_one_field_counts(
        place in prop::sample::select(all_places()),
        how in 0..4_usize,
        text in "[ \u{200b}\u{e0041}a-z]{1,6}",
    ) {
        let mut tool = whole();
        let (parent, key) = place.rsplit_once('/').unwrap_or_default();
        match (how, tool.pointer_mut(&place).unwrap()) {
            (0, Value::String(old)) => old.push_str(&text),
            (1, Value::Object(members)) => drop(members.insert(format!("x-{text}"), json!(text))),
            (1, Value::Array(items)) => items.push(json!(text)),
            (2, value) => *value = json!([value.clone(), text]),
            _ => match tool.pointer_mut(parent).filter(|_| !place.is_empty()) {
                Some(Value::Object(members)) => drop(members.remove(key)),
                Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
                _ => tool = json!(text),
            },
        }
        prop_assert_ne!(of(&tool.to_string()), of(&whole().to_string()), "{}", tool);
    }

    #[test]
    fn no_reorder_of_keys_counts(seed in any::<u64>()) {
        let text = shuffled(&whole(), &mut seed.clone());
        prop_assert_eq!(of(&text), of(&whole().to_string()), "{}", text);
    }
}
