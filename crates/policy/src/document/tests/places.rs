//! Pointers and positions lead to what they are about.

use std::fmt::Write;

use super::{bad, good, policy};
use crate::document::{Colour, read, render};
use crate::rule::{Entry, Policy};

#[test]
fn pointers_lead_into_the_document_as_it_was_written() {
    for document in good() {
        let tree = document.tree().unwrap();
        for check in entries(&document.policy()).flat_map(|entry| &entry.checks) {
            assert!(check.pointer.starts_with('/'), "{}", document.name);
            assert!(tree.at(&check.pointer).is_some(), "{} {}", document.name, check.pointer);
        }
    }
}

fn entries(policy: &Policy) -> impl Iterator<Item = &Entry> {
    let Policy { tools, prompts, resources, server_requests, .. } = policy;
    let sections = [Some(tools), prompts.as_ref(), resources.as_ref(), server_requests.as_ref()];
    sections.into_iter().flatten().flat_map(|section| &section.entries)
}

#[track_caller]
fn pointers(text: &str, expected: &[&str]) {
    let policy = policy(text);
    let checks = entries(&policy).flat_map(|entry| &entry.checks);
    assert_eq!(checks.map(|check| &*check.pointer).collect::<Vec<_>>(), expected);
}

#[test]
fn pointers_name_the_very_thing_that_denies() {
    pointers(
        "tools:
           run:
             rules:
               - {action: allow, rate_limit: {max: 1, window: 60}, validate: {required_args: true}}
        ",
        &["/tools/run/rules/0/validate/required_args", "/tools/run/rules/0/rate_limit"],
    );
    pointers(
        r#"{
            "tools": {
                "a/b~c": {
                    "limits": [{ "counter": "x", "window": "day", "max": 1 }],
                    "action": "deny"
                }
            },
            "all_tools": { "deny_if": [{ "path": "args.a", "op": "exists", "value": true }] }
        }"#,
        &["/all_tools/deny_if/0", "/tools/a~1b~0c/action", "/tools/a~1b~0c/limits/0"],
    );
    pointers(
        "tools:
           t:
             rules:
               - {state: {counter: c, window: day}}
               - {conditions: [{path: state.t.c, op: lte, value: 5}]}
               - {action: deny}
             require_approval: true
        ",
        &["/tools/t/rules/2", "/tools/t/require_approval", "/tools/t/rules/1/conditions/0"],
    );
}

#[test]
fn findings_lie_in_the_text_in_order() {
    for document in bad() {
        let told = read(&document.name, &document.text).unwrap_err();
        for diagnostic in &told {
            let span = diagnostic.span;
            assert!(document.text.get(span.start..span.end).is_some(), "{}", document.name);
            let lines: Vec<_> = document.text.split('\n').collect();
            let line = lines[diagnostic.line - 1];
            assert!(diagnostic.column <= line.chars().count() + 1, "{}", document.name);
        }
        let again = read(&document.name, &document.text).unwrap_err();
        assert_eq!(told, again, "the same text tells the same");
    }
}

#[test]
fn columns_count_characters() {
    let told = read("p.yaml", "description: \"äöü🦀\"\ntools: {\"ä🦀\": {x: 1}}\n").unwrap_err();
    assert_eq!((told[0].line, told[0].column), (2, 16));
    assert_eq!(told[0].to_string(), "p.yaml:2:16: error: unknown key `x`");
    let json = told[0].json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["file"], &json["line"]), (&"p.yaml".into(), &2.into()));
    assert_eq!((&json["column"], &json["severity"]), (&16.into(), &"error".into()));
    assert_eq!(json["message"], "unknown key `x`");
    assert!(json["help"].is_string());
}

#[test]
fn secrets_are_not_shown() {
    let text = "approvals: {notify: {webhook: {url: \"https://a.example\", secret: hunter2}}}\n";
    let told = read("p.yaml", text).unwrap_err();
    let shown = render(&told, text, Colour::Off);
    assert!(shown.contains("p.yaml:1:"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn messages_move_no_cursor() {
    let told = read("p.json", "{\"\\u001b[2J\\u202eevil\": 1}").unwrap_err();
    assert_eq!(told[0].message, r"unknown key `\u{1b}[2J\u{202e}evil`");
}

#[test]
fn no_more_is_told_than_can_be_read() {
    let mut text = String::from("default: deny\n");
    for i in 0..10_000 {
        writeln!(text, "key_{i}: 1").unwrap();
    }
    let told = read("p.yaml", &text).unwrap_err();
    assert_eq!(told.len(), 101);
    assert_eq!(told[100].message, "9900 more findings are not shown");
}

#[test]
fn regular_expressions_are_counted() {
    let mut text = String::from("default: deny\ntools:\n  t:\n    deny_if:\n");
    for i in 0..1001 {
        writeln!(text, "      - {{path: args.a, op: regex, value: a{i}}}").unwrap();
    }
    let told = read("p.yaml", &text).unwrap_err();
    assert_eq!(told[0].message, "the document has more than 1000 regular expressions");
}

#[test]
fn large_documents_are_refused_unread() {
    let text = format!("default: deny\n#{}", " ".repeat(1 << 20));
    let told = read("p.yaml", &text).unwrap_err();
    assert_eq!(told[0].message, format!("the document is too large: {} bytes", text.len()));
}
