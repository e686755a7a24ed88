//! Reading tool definitions, and what they say of arguments.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{DefinitionError, SchemaError, ToolDefinition};

fn json(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).unwrap()
}

#[track_caller]
fn definition(schema: &str) -> ToolDefinition {
    let tool = json(&format!(r#"{{"name":"t","inputSchema":{schema}}}"#));
    ToolDefinition::read(tool.root()).unwrap()
}

/// What the schema says of the arguments: fine, or why not.
#[track_caller]
fn check(schema: &str, arguments: &str) -> String {
    match definition(schema).check(Some(json(arguments).root())) {
        Ok(()) => "fine".to_owned(),
        Err(SchemaError::Arguments(what)) => what,
        Err(SchemaError::Broken(why)) => format!("broken: {why}"),
    }
}

#[test]
fn a_definition_that_cannot_be_read_is_an_error() {
    for (tool, error) in [
        ("5", DefinitionError::NotAnObject),
        (r#"{"name":"t"}"#, DefinitionError::InputSchema),
        (r#"{"inputSchema":true}"#, DefinitionError::InputSchema),
        (r#"{"inputSchema":{"properties":[]}}"#, DefinitionError::Properties),
        (r#"{"inputSchema":{"required":"a"}}"#, DefinitionError::Required),
        (r#"{"inputSchema":{"required":["a",5]}}"#, DefinitionError::Required),
    ] {
        assert_eq!(ToolDefinition::read(json(tool).root()).unwrap_err(), error, "{tool}");
    }
}

#[test]
fn the_first_missing_argument_is_named() {
    let definition = definition(r#"{"required":["a","b"]}"#);
    assert_eq!(definition.missing(None), Some("a"));
    assert_eq!(definition.missing(Some(json(r#"{"a":null}"#).root())), Some("b"));
    assert_eq!(definition.missing(Some(json(r#"{"a":1,"B":2}"#).root())), Some("b"));
    assert_eq!(definition.missing(Some(json(r#"{"b":0,"a":1}"#).root())), None);
}

#[test]
fn an_undeclared_twin_of_a_declared_argument_is_found() {
    let definition = definition(r#"{"properties":{"path":{},"ID":{},"id":{}}}"#);
    let twin = |text: &str| {
        let document = json(text);
        definition.twin(document.root()).map(|(_, declared)| declared.to_owned())
    };
    assert_eq!(twin(r#"{"path":1,"other":2,"OTHER":3}"#), None);
    assert_eq!(twin(r#"{"Path":1}"#), Some("path".to_owned()));
    assert_eq!(twin("{\"path\":1,\"ｐath\":2}"), Some("path".to_owned()));
    assert_eq!(twin(r#"{"ID":1,"id":2}"#), None, "the tool declares both");
    assert!(twin(r#"{"iD":1}"#).is_some());
}

#[test]
fn the_schema_is_checked_whole() {
    let schema = r#"{"type":"object","properties":{"n":{"type":"integer","maximum":5},
        "s":{"enum":["a","b"]}},"required":["n"],"additionalProperties":false}"#;
    assert_eq!(check(schema, r#"{"n":5,"s":"a"}"#), "fine");
    assert_eq!(check(schema, r#"{"n":5.0}"#), "fine");
    assert_ne!(check(schema, r#"{"n":6}"#), "fine");
    assert_ne!(check(schema, r#"{"n":"5"}"#), "fine");
    assert_ne!(check(schema, r#"{"n":5,"s":"c"}"#), "fine");
    assert_ne!(check(schema, r#"{"n":5,"x":1}"#), "fine");
    assert_ne!(check(schema, "{}"), "fine");
}

#[test]
fn no_value_of_an_argument_stands_in_the_message() {
    let message = check(r#"{"properties":{"n":{"type":"integer"}}}"#, r#"{"n":"hunter2"}"#);
    assert!(!message.contains("hunter2"), "{message}");
    assert!(message.starts_with("at `/n`, "), "{message}");
}

#[test]
fn without_arguments_an_empty_object_is_checked() {
    assert_eq!(definition(r#"{"type":"object"}"#).check(None), Ok(()));
    assert!(definition(r#"{"required":["a"]}"#).check(None).is_err());
}

#[test]
fn numbers_that_programs_read_differently_do_not_pass() {
    let message = check("{}", r#"{"a":[{"b":9007199254740993}]}"#);
    assert_eq!(message, "programs read the number 9007199254740993 differently");
}

#[test]
fn a_schema_that_cannot_be_used_is_broken_whatever_the_arguments() {
    for schema in [
        r#"{"type":"nonsense"}"#,
        r#"{"$ref":"https://example.com/schema.json"}"#,
        r#"{"$ref":"file:///etc/passwd"}"#,
        r##"{"$ref":"#/$defs/missing"}"##,
        r#"{"properties":{"a":{"pattern":"(?!a)b"}}}"#,
        r#"{"properties":{"a":{"pattern":"("}}}"#,
        r#"{"$schema":"https://example.com/own-dialect"}"#,
        r#"{"allOf":[{"$id":"https://example.com/inner"}]}"#,
    ] {
        let found = check(schema, r#"{"a":"b"}"#);
        assert!(found.starts_with("broken: "), "{schema}: {found}");
    }
}

#[test]
fn a_schema_of_a_megabyte_is_not_used() {
    let schema = format!(r#"{{"description":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(check(&schema, "{}"), "broken: it is 1024 KiB long");
}

#[test]
fn references_in_circles_end() {
    for schema in [
        r##"{"$ref":"#"}"##,
        r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        r##"{"anyOf":[{"not":{"$ref":"#"}}]}"##,
    ] {
        assert_eq!(check(schema, "{}"), "broken: its references go round in circles", "{schema}");
    }
}

#[test]
fn a_recursive_schema_is_checked_as_deep_as_the_arguments() {
    let schema = r##"{"properties":{"next":{"$ref":"#"},"n":{"type":"integer"}}}"##;
    assert_eq!(check(schema, r#"{"next":{"next":{"n":1}}}"#), "fine");
    assert_ne!(check(schema, r#"{"next":{"next":{"n":"1"}}}"#), "fine");
}

#[test]
fn a_schema_that_doubles_its_work_at_every_step_is_stopped() {
    let mut defs: Vec<String> = (0..40)
        .map(|i| {
            format!(
                r##""d{i}":{{"anyOf":[{{"$ref":"#/$defs/d{0}"}},{{"$ref":"#/$defs/d{0}"}}]}}"##,
                i + 1
            )
        })
        .collect();
    defs.push(r#""d40":{"type":"string"}"#.to_owned());
    let schema = format!(r##"{{"$ref":"#/$defs/d0","$defs":{{{}}}}}"##, defs.join(","));
    assert_eq!(check(&schema, "{}"), "broken: checking these arguments would take too many steps");
    let schema =
        r##"{"anyOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]}"##;
    let arguments = format!("{}{}", r#"{"a":"#.repeat(40) + "1", "}".repeat(40));
    assert_eq!(
        check(schema, &arguments),
        "broken: checking these arguments would take too many steps"
    );
}

#[test]
fn many_plain_items_are_no_trouble() {
    let schema = r#"{"properties":{"a":{"items":{"properties":{"n":{"type":"integer"}}}}}}"#;
    let items = vec![r#"{"n":1}"#; 10_000].join(",");
    assert_eq!(check(schema, &format!(r#"{{"a":[{items}]}}"#)), "fine");
}
