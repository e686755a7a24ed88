//! Lines that no name can break out of.

use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_policy::{Caller, Principal};

use super::*;
use crate::chain::ChainId;
use crate::entry::Denied;
use crate::facts::{Effect, Facts};

fn denied(tool: &str, grant: &str) -> Entry {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    let caller = Caller { principal, grant: grant.to_owned(), server: "shop".to_owned() };
    let facts = Facts {
        caller: Arc::new(caller),
        client: Some("client 1".to_owned()),
        trace: None,
        method: "tools/call".to_owned(),
        tool: Some(tool.to_owned()),
        arguments: None,
        revision: "p@1".into(),
        directory: None,
        approval: None,
    };
    let kind = Kind::Denied(Denied {
        facts,
        effect: Effect::Limit,
        code: "limit".to_owned(),
        pointer: "/tools/refund/limits/0".to_owned(),
        layer: 0,
        retry_after_ms: Some(1),
        wanted: Vec::new(),
    });
    let chain = ChainId([7; 16]);
    let (hash, body) = ([0; 32], Bytes::from_static(b"{}"));
    Entry { chain, seq: 9, hash, time_ns: 5, wall_ms: 1_795_258_245_120, kind, body }
}

#[test]
fn a_name_writes_no_key_and_no_line_of_cef() {
    let entry = denied("refund act=allowed\n|CEF:0|x\\ cs5=allow", "a|b=c");
    let line = Format::Cef.line(&entry).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let start =
        format!("CEF:0|toolgate|toolgate|{version}|limit|call over a limit|4|rt=1795258245120 ");
    assert!(line.starts_with(&start), "{line}");
    assert!(!line.contains('\n') && line.contains(" act=blocked "), "{line}");
    assert!(line.contains(r"cs2=refund act\=allowed\n|CEF:0|x\\ cs5\=allow "), "{line}");
    assert!(line.contains(r" cs3=a|b\=c ") && line.ends_with(" reason=limit"), "{line}");
}

#[test]
fn ocsf_is_json_with_what_the_class_requires() {
    let line = Format::Ocsf.line(&denied("re\"fund\n", "g")).unwrap();
    let document = Document::parse(line.clone().into(), Reading::Strict).unwrap();
    let root = document.root();
    let number = |key: &str| root.get(key).and_then(|value| value.as_number()?.parse::<u64>().ok());
    for (key, expected) in [
        ("class_uid", 6003),
        ("category_uid", 6),
        ("activity_id", 99),
        ("type_uid", 600_399),
        ("time", 1_795_258_245_120),
        ("action_id", 2),
        ("severity_id", 2),
    ] {
        assert_eq!(number(key), Some(expected), "{key} {line}");
    }
    for key in ["metadata", "actor", "api", "src_endpoint"] {
        assert!(root.get(key).is_some(), "{key} {line}");
    }
    let operation = root.get("api").and_then(|api| api.get("operation")?.as_str());
    assert_eq!(operation.as_deref(), Some("re\"fund\n"));
    assert!(!root.has_duplicate_key());
}
