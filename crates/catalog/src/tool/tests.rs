//! Definitions, honest and broken.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{Annotations, Tool};

fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).expect("valid JSON")
}

fn paths(schema: &str) -> Vec<String> {
    let document = document(&format!(r#"{{"name":"t","inputSchema":{schema}}}"#));
    let tool = Tool::read(document.root()).expect("a tool");
    tool.params.into_iter().map(|param| param.path).collect()
}

#[test]
fn nested_arguments_are_named_by_their_path() {
    let schema = r##"{"properties":{"a":{"type":"string"},
        "steps":{"type":"array","items":{"properties":{"url":{},"to":{"$ref":"#/$defs/to"}}}}},
        "$defs":{"to":{"properties":{"mail":{}}}}}"##;
    assert_eq!(paths(schema), ["a", "steps", "steps[].url", "steps[].to", "steps[].to.mail"]);
}

#[test]
fn alternatives_name_each_path_once() {
    let schema = r#"{"anyOf":[{"properties":{"a":{},"b":{}}},{"properties":{"a":{},"c":{}}}]}"#;
    assert_eq!(paths(schema), ["a", "b", "c"]);
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let schema = r##"{"properties":{"x":{"$ref":"#"},"y":{"$ref":"#/properties/y"}}}"##;
    assert_eq!(paths(schema).iter().map(String::len).max(), Some("x.x.x.x.x.x.x.x.x".len()));

    let many = vec![r##"{"$ref":"#"}"##; 200].join(",");
    assert_eq!(paths(&format!(r#"{{"properties":{{"a":{{}}}},"anyOf":[{many}]}}"#)), ["a"]);
}

#[test]
fn what_breaks_the_schema_of_a_tool_is_left_out() {
    let document = document(
        r#"{"name":"t","description":7,"annotations":{"readOnlyHint":"yes","destructiveHint":true},
            "inputSchema":{"properties":[1],"required":{},"anyOf":3}}"#,
    );
    let tool = Tool::read(document.root()).expect("a tool");
    assert_eq!(tool.description, "");
    assert_eq!(tool.annotations, Annotations { destructive: Some(true), ..Default::default() });
    assert!(tool.params.is_empty());
}

#[test]
fn what_has_no_name_is_no_tool() {
    for text in ["{}", r#"{"name":1}"#, "[]", "3"] {
        assert!(Tool::read(document(text).root()).is_none(), "{text}");
    }
}
