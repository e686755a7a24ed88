//! What people see of a change.

use toolgate_catalog::{diff, visible};

use crate::document;

fn between(old: &str, new: &str) -> Vec<String> {
    let lines = diff(document(old).root(), document(new).root());
    let sign = |is_new| if is_new { '+' } else { '-' };
    lines.into_iter().map(|line| format!("{} {}", sign(line.is_new), line.text)).collect()
}

#[test]
fn only_what_differs_is_shown_with_its_place() {
    let old =
        r#"{"name":"pay","description":"Pays.","inputSchema":{"properties":{"n":{"maximum":5}}}}"#;
    let new = r#"{"inputSchema":{"properties":{"n":{"maximum":6}}},"name":"pay","description":"Pays.","x":{}}"#;
    let expected = [
        "- inputSchema.properties.n.maximum: 5",
        "+ inputSchema.properties.n.maximum: 6",
        "+ x: {}",
    ];
    assert_eq!(between(old, new), expected);
    assert!(between(old, old).is_empty());
}

#[test]
fn hidden_characters_are_shown() {
    let old = r#"{"description":"Pays."}"#;
    for (hidden, shown) in [
        ("\\u200b", "\\u{200b}"),
        ("\\u202e", "\\u{202e}"),
        ("\\udb40\\udc41", "\\u{e0041}"),
        ("\\u001b[2J", "\\u{1b}[2J"),
        ("\\u3164", "\\u{3164}"),
        ("\\ufe0f", "\\u{fe0f}"),
        ("\\r", "\\u{d}"),
    ] {
        let new = format!(r#"{{"description":"Pays.{hidden}"}}"#);
        let expected = [r#"- description: "Pays.""#, &format!(r#"+ description: "Pays.{shown}""#)];
        assert_eq!(between(old, &new), expected);
    }
}

/// Else a text that looks like a shown character would be taken for one.
#[test]
fn a_backslash_of_the_text_is_doubled() {
    let shown = between(r#"{"a":"x\u200b"}"#, r#"{"a":"x\\u{200b}"}"#);
    assert_eq!(shown, [r#"- a: "x\u{200b}""#, r#"+ a: "x\\u{200b}""#]);
}

#[test]
fn a_long_text_is_compared_line_by_line() {
    let shown = between(r#"{"a":"one\ntwo\nthree"}"#, r#"{"a":"one\n2\nthree"}"#);
    assert_eq!(shown, ["- a | two", "+ a | 2"]);
}

#[test]
fn foreign_text_cannot_drive_a_terminal() {
    let hostile = "a\u{1b}[2Jb\nc\u{9b}\u{202e}d\u{e0041}é";
    assert_eq!(visible(hostile), "a\\u{1b}[2Jb\\u{a}c\\u{9b}\\u{202e}d\\u{e0041}é");
}
