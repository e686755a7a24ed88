//! Every kind of rule against every odd value, judged by an oracle that reads the upstream's bytes.
//!
//! A call that came through must satisfy its rule under every reader's view: those that take the
//! first of two keys and those that take the last, those that fold case, those that read numbers
//! exactly and those that read 64-bit floats. A call that no two readers could take differently
//! and that satisfies its rule must come through.

mod oracle;
mod sums;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::exact::Exact;
use crate::rig::{Back, Client, Era, Front, Rig, Way, denial, ways};
use oracle::{Kind, Rule};

/// Every kind at bounds where readers agree and where they do not.
fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for kind in [Kind::Condition, Kind::DenyIf, Kind::Require] {
        for (op, bound) in
            [("lte", "500"), ("lt", "19.99"), ("eq", "19.99"), ("gte", "0"), ("gt", "0.1")]
        {
            rules.push(Rule { kind, path: &["amount"], op, bound });
        }
        for op in ["lte", "gt", "eq"] {
            rules.push(Rule { kind, path: &["amount"], op, bound: "9007199254740992" });
        }
        for path in [&["order", "amount"][..], &["risk"]] {
            for op in ["lte", "gt"] {
                rules.push(Rule { kind, path, op, bound: "500" });
            }
        }
    }
    rules
}

/// One tool per rule, and a file of their definitions for the sentinel.
fn rig(rules: &[Rule]) -> Rig {
    let names = (0..rules.len()).map(tool);
    let tools: serde_json::Map<String, Value> =
        names.clone().zip(rules.iter().map(Rule::document)).collect();
    let definition = |name: String| json!({"name": name, "inputSchema": {"type": "object"}});
    let definitions: Vec<_> = names.map(definition).collect();
    let rig = Rig::new(&json!({"version": "1", "default": "deny", "tools": tools}).to_string());
    let file = rig.scratch.file("tools.json", json!(definitions).to_string());
    rig.sentinel(&["--tools", file.to_str().unwrap()])
}

fn tool(number: usize) -> String {
    format!("tool_{number}")
}

/// The arguments of all calls of one rule.
fn calls(rule: &Rule) -> Vec<String> {
    match rule.path {
        [_, _] => values::nested(),
        ["risk"] => values::flat("risk"),
        [key] => values::plain(key),
        _ => unreachable!(),
    }
}

/// One call, and what the client heard.
struct Sent {
    rule: Rule,
    arguments: String,
    answer: Value,
}

async fn check(way: Way) {
    let rules = rules();
    let rig = rig(&rules);
    let sent = send(&rig, way, &rules).await;
    let arrived = arrived(&rig);
    let mut through = 0;
    for (nonce, sent) in sent.iter().enumerate() {
        let Sent { rule, arguments, answer } = sent;
        let about = format!("{way:?} {rule} with {arguments}: {answer}");
        if let Some(read) = arrived.get(&nonce.to_string()) {
            assert!(rule.holds_for_all_readers(read), "must not come through: {about}");
            assert_eq!(denial(answer), "", "{about}");
            through += 1;
        } else {
            let expected = Exact::read(arguments).is_some_and(|read| rule.allows(&read));
            assert!(!expected, "must come through: {about}");
            assert!(answer["error"].is_object() || !denial(answer).is_empty(), "{about}");
        }
    }
    // What came through is recorded, and nothing else is recorded as let through.
    let log = rig.log();
    let recorded = log.iter().filter(|entry| entry["kind"] == "opened").count();
    assert_eq!((recorded, arrived.len()), (through, through));
    // An oracle that is never asked says nothing.
    let share = sent.len() / through.max(1);
    assert!((2..=20).contains(&share), "{through} of {} came through", sent.len());
}

/// Many at a time: they do not depend on each other.
async fn send(rig: &Rig, way: Way, rules: &[Rule]) -> Vec<Sent> {
    let client = Arc::new(Client::start(rig, way).await);
    let numbered = rules.iter().enumerate();
    let all: Vec<_> = numbered
        .flat_map(|(i, rule)| calls(rule).into_iter().map(move |arguments| (i, *rule, arguments)))
        .collect();
    let mut sent = Vec::new();
    for (tool_number, rule, arguments) in all {
        let arguments = arguments.replace("NONCE", &sent.len().to_string());
        sent.push((tool(tool_number), Sent { rule, arguments, answer: Value::Null }));
    }
    for (block, part) in sent.chunks_mut(64).enumerate() {
        let mut under_way = JoinSet::new();
        for (i, (tool, one)) in part.iter().enumerate() {
            let (client, tool, text) = (client.clone(), tool.clone(), one.arguments.clone());
            let id = (1000 + 64 * block + i).to_string();
            under_way.spawn(async move { (i, client.call_text(&id, &tool, &text).await) });
        }
        for (i, answer) in under_way.join_all().await {
            part[i].1.answer = answer;
        }
    }
    sent.into_iter().map(|(_, sent)| sent).collect()
}

/// The arguments that the upstream received, by their nonce.
fn arrived(rig: &Rig) -> HashMap<String, Exact> {
    let entries = rig.ledger().entries();
    let texts = entries.iter().map(|entry| String::from_utf8(entry.raw.clone()).unwrap());
    let calls = texts.filter(|text| text.contains("tools/call"));
    let read = calls.map(|text| {
        let message = Exact::read(&text).unwrap_or_else(|| panic!("no JSON: {text}"));
        let arguments = message.named("params")[0].named("arguments")[0].clone();
        let nonces = arguments.named("nonce");
        let Exact::Text(nonce) = nonces[0] else { panic!("no nonce: {text}") };
        (nonce.clone(), arguments.clone())
    });
    read.collect()
}

#[tokio::test]
async fn over_stdio() {
    check(Way { front: Front::Stdio, back: Back::Child, era: Era::Legacy }).await;
}

#[tokio::test]
async fn over_http() {
    check(Way { front: Front::Http, back: Back::Child, era: Era::Modern }).await;
}

#[tokio::test]
async fn from_stdio_to_http() {
    check(Way { front: Front::Stdio, back: Back::Url, era: Era::Legacy }).await;
}

/// What is counted is exactly what was let through.
#[tokio::test]
async fn sums_are_exact() {
    for way in ways().filter(|way| way.back == Back::Child) {
        sums::check(way).await;
    }
}
