//! Tools of every category, and what is said of them.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{Category, Kin, Risk, Severity, assess};
use crate::Tool;

fn risk(definition: &str) -> Risk {
    let document = Document::parse(Bytes::copy_from_slice(definition.as_bytes()), Reading::Strict)
        .expect("valid JSON");
    let tool = Tool::read(document.root()).expect("a tool");
    assess(&tool, &Kin::default())
}

fn of(name: &str, description: &str) -> Risk {
    risk(&format!(r#"{{"name":"{name}","description":"{description}"}}"#))
}

fn texts(risk: &Risk) -> Vec<&str> {
    risk.signals.iter().map(|signal| signal.text.as_str()).collect()
}

#[test]
fn a_tool_is_named_after_what_it_does() {
    for (name, description, category) in [
        ("list_users", "Lists all users of the workspace.", Category::Read),
        ("create_page", "Creates a page.", Category::Write),
        ("delete_page", "Deletes a page for good.", Category::Destructive),
        ("run_job", "Runs a job on the cluster.", Category::Execute),
        ("create_refund", "Creates a refund for a charge.", Category::Financial),
        ("pods_delete", "", Category::Destructive),
    ] {
        assert_eq!(of(name, description).category, category, "{name}");
    }
}

#[test]
fn the_score_follows_category_and_signals() {
    let plain = of("delete_page", "Deletes a page.");
    assert_eq!((plain.score, plain.severity), (4, Severity::Critical));
    let forced = risk(
        r#"{"name":"delete_page","description":"Deletes a page.",
            "inputSchema":{"properties":{"force":{"type":"boolean"}}}}"#,
    );
    assert_eq!(forced.score, 5);
    let dry = risk(
        r#"{"name":"delete_page","description":"Deletes a page.",
            "inputSchema":{"properties":{"dry_run":{"type":"boolean","default":true}}}}"#,
    );
    assert_eq!((dry.score, dry.severity), (3, Severity::High));
}

#[test]
fn arguments_are_signals_by_their_path() {
    let risk = risk(
        r#"{"name":"crawl","description":"Crawls pages.","inputSchema":{"properties":{
            "steps":{"type":"array","items":{"properties":{"url":{"type":"string"}}}},
            "path":{"type":"string"},"sql":{"type":"string"},"html":{"type":"string"},
            "pageToken":{"type":"string"},"api_key":{"type":"string"},
            "country_code":{"type":"string"},"max_price":{"type":"number"}}}}"#,
    );
    let told = texts(&risk);
    for text in [
        "Accepts URL/endpoint input (steps[].url)",
        "Accepts file system path (path)",
        "Accepts freeform code/query input (sql)",
        "Accepts raw HTML/template content (html)",
        "Accepts a credential (api_key)",
    ] {
        assert!(told.contains(&text), "{text}: {told:?}");
    }
    assert!(!told.iter().any(|text| text.contains("pageToken") || text.contains("country")));
    assert!(!told.iter().any(|text| text.contains("max_price")));
}

#[test]
fn many_arguments_are_a_signal() {
    let params = |count: usize| {
        let params: Vec<String> =
            (0..count).map(|i| format!(r#""p{i}":{{"type":"string"}}"#)).collect();
        risk(&format!(
            r#"{{"name":"get","inputSchema":{{"properties":{{{}}}}}}}"#,
            params.join(",")
        ))
    };
    assert!(texts(&params(13)).contains(&"High parameter count (13 properties)"));
    assert!(!texts(&params(12)).iter().any(|text| text.starts_with("High")));
}

#[test]
fn a_hint_raises_and_never_lowers() {
    let said = |hints: &str| {
        risk(&format!(
            r#"{{"name":"get_page","description":"Returns a page.","annotations":{hints}}}"#
        ))
    };
    assert_eq!(said("{}").category, Category::Read);
    assert_eq!(said(r#"{"readOnlyHint":false}"#).category, Category::Write);
    assert_eq!(said(r#"{"destructiveHint":true}"#).category, Category::Write);
    let risk = risk(
        r#"{"name":"run_tests","description":"Runs the tests.","annotations":{"readOnlyHint":true}}"#,
    );
    assert_eq!((risk.category, risk.severity), (Category::Execute, Severity::High));
    assert_eq!(risk.findings[0].id, "annotation-contradicts-definition");
    assert_eq!(risk.findings[0].place, "annotations.readOnlyHint");
}

#[test]
fn in_doubt_the_graver_category_is_fenced() {
    let silent = of("frobnicate", "");
    assert_ne!(silent.strict, Category::Read);
    assert!(silent.confidence < 0.95);
}
