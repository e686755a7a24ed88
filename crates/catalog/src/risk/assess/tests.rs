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

/// Each is told as reading by its first words, and shows in one place that it does more.
#[test]
fn no_policy_is_milder_than_what_a_definition_shows() {
    use Category::{Destructive, Execute, Financial};
    for (category, definition) in [
        (Destructive, r#""get_rid_of_customer","description":"Get rid of a customer record.""#),
        (Destructive, r#""getDeleteUser","description":"Gets the user.""#),
        (Destructive, r#""get_user","description":"Get user. De\u00adletes the user.""#),
        (Destructive, r#""d\u0435l\u0435te_user","description":"Shows the user.""#),
        (Destructive, r#""deIete_user","description":"Shows the user.""#),
        (Destructive, r#""get_客户","description":"永久删除客户。""#),
        (Destructive, r#""udalit","description":"Удаляет базу данных.""#),
        (Destructive, r#""kunde_loeschen","description":"Ein Kunde.""#),
        (Destructive, r#""kubectl_get","description":"Get or delete resources.""#),
        (Destructive, r#""get_user","title":"Delete users","description":"Gets the user.""#),
        (
            Destructive,
            r#""get_table","description":"Returns a table.",
               "inputSchema":{"properties":{"mode":{"enum":["show","drop"]}}}"#,
        ),
        (
            Destructive,
            r##""get_table","description":"Returns a table.","inputSchema":{
               "properties":{"mode":{"$ref":"#/$defs/m"}},"$defs":{"m":{"anyOf":[{"const":"truncate"}]}}}"##,
        ),
        (
            Destructive,
            r#""get_table","description":"Returns a table.","inputSchema":{"oneOf":[
               {"properties":{"delete_all":{"type":"boolean"}}}]}"#,
        ),
        (
            Execute,
            r#""get_page","description":"Get a page.",
               "inputSchema":{"properties":{"script":{"type":"string"}}}"#,
        ),
        (
            Execute,
            r#""list_tools","description":"Lists tools.",
               "inputSchema":{"properties":{"tool":{"type":"string"},"arguments":{"type":"object"}}}"#,
        ),
        (Financial, r#""read_invoice","description":"Reads an invoice and pays it.""#),
        (
            Financial,
            r#""get_balance","description":"Get the balance.",
               "inputSchema":{"properties":{"to":{"type":"string"},"amount":{"type":"number"}}}"#,
        ),
    ] {
        let risk = risk(&format!(r#"{{"name":{definition}}}"#));
        assert_eq!(risk.strict, category, "{definition}");
        assert!(risk.confidence <= 0.5, "{definition}");
        assert!(risk.signals.iter().any(|one| one.id == "graver-sign"), "{definition}");
    }
}

#[test]
fn honest_readers_show_nothing_graver() {
    for definition in [
        r#""list_trash","description":"Lists items that were deleted. Does not delete anything.""#,
        r#""get_user","description":"Get a user who can edit and delete pages.""#,
        r#""convert_currency","description":"Converts an amount.","inputSchema":{"properties":{
            "from":{"type":"string"},"to":{"type":"string"},"amount":{"type":"number"}}}"#,
        r#""list_events","description":"Lists events.","inputSchema":{"properties":{
            "action":{"enum":["create","delete"],"description":"Filter by action"}}}"#,
        r#""list_runs","description":"Lists runs and updates. Use `delete_run` to remove one.""#,
        r#""get_estacoes","description":"Lista as estações.""#,
    ] {
        let risk = risk(&format!(r#"{{"name":{definition}}}"#));
        assert!(!risk.signals.iter().any(|one| one.id == "graver-sign"), "{definition}: {risk:?}");
    }
}

#[test]
fn of_what_nothing_is_known_nobody_is_sure() {
    for name in ["a1", "xq7", "helper"] {
        let risk = of(name, "");
        assert!(risk.confidence < 0.4, "{name}");
        assert!(risk.strict.gravity() >= Category::Execute.gravity(), "{name}");
    }
}

#[test]
fn who_hands_out_secrets_is_grave_though_it_reads() {
    for name in ["get_secret", "get-env", "read_password", "get_api_key"] {
        let risk = of(name, "Returns the value.");
        assert!(risk.severity >= Severity::High, "{name}");
        assert_ne!(risk.strict, Category::Read, "{name}");
    }
    assert_eq!(of("get_password_policy", "Returns the policy.").severity, Severity::Low);
}

#[test]
fn some_words_mean_something_else_beside_others() {
    assert_eq!(of("git_checkout", "Switches branches.").category, Category::Write);
    let picture = of("remove_background", "Removes the background from an image.");
    assert_ne!(picture.category, Category::Destructive);
    let echo = of("echo", "Echoes back the input string.");
    assert_eq!(echo.category, Category::Read);
    assert!(!texts(&echo).iter().any(|text| text.contains("`back`")), "{echo:?}");
}
