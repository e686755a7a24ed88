//! What changes a fingerprint and what does not.
#![expect(clippy::unwrap_used, reason = "test")]

use bytes::Bytes;
use toolgate_catalog::{Fingerprint, fingerprint};
use toolgate_json::{Document, Reading};

const TOOL: &str = r#"{"name":"pay","description":"Pays é","inputSchema":{"type":"object",
    "properties":{"amount":{"type":"number","maximum":500}},"required":["amount","to"]}}"#;

fn of(text: &str) -> Fingerprint {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    fingerprint(Document::parse(bytes, Reading::Plain).unwrap().root())
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
