//! The public cases, with tools named as such servers name them, and harmless sets.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{Surveyed, flows};
use crate::judge;

/// The flows of servers given as names with their tools: `name` or `name(argument, …)`.
fn found(servers: &[(&str, &[&str])]) -> Vec<(&'static str, String)> {
    let documents: Vec<(&str, Document)> =
        servers.iter().map(|(server, tools)| (*server, document(tools))).collect();
    let judged: Vec<_> = documents
        .iter()
        .map(|(server, document)| (*server, judge(document.root().items())))
        .collect();
    let surveyed: Vec<Surveyed<'_>> =
        judged.iter().map(|(server, tools)| Surveyed { server, tools }).collect();
    flows(&surveyed).into_iter().map(|flow| (flow.id, flow.text)).collect()
}

fn document(tools: &[&str]) -> Document {
    let one = |tool: &&str| {
        let (name, arguments) = tool.split_once('(').unwrap_or((tool, ")"));
        let arguments = arguments.trim_end_matches(')').split(", ").filter(|it| !it.is_empty());
        let properties: Vec<String> =
            arguments.map(|name| format!(r#""{name}":{{"type":"string"}}"#)).collect();
        let schema = format!(r#"{{"type":"object","properties":{{{}}}}}"#, properties.join(","));
        format!(r#"{{"name":"{name}","description":"","inputSchema":{schema}}}"#)
    };
    let text = format!("[{}]", tools.iter().map(one).collect::<Vec<_>>().join(","));
    Document::parse(Bytes::from(text), Reading::Strict).expect("valid JSON")
}

fn ids(servers: &[(&str, &[&str])]) -> Vec<&'static str> {
    found(servers).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn a_strangers_issue_private_code_and_a_public_comment_are_a_leak() {
    let tools = ["get_issue", "get_file_contents", "create_issue_comment", "list_branches"];
    let found = found(&[("github", &tools)]);
    assert_eq!(found[0].0, "data-leak");
    let path = "github/get_issue → github/get_file_contents → github/create_issue_comment";
    assert!(found[0].1.ends_with(path), "{}", found[0].1);
}

#[test]
fn a_flow_crosses_servers() {
    let servers: [(&str, &[&str]); 3] = [
        ("web", &["fetch_page(url)"]),
        ("files", &["read_file(path)"]),
        ("mail", &["send_email(to, body)"]),
    ];
    let leak = &found(&servers)[0];
    assert!(leak.1.ends_with("web/fetch_page → files/read_file → mail/send_email"), "{}", leak.1);
    let without_any = [&servers[1..], &servers[..1], &[servers[1], servers[2]][..]];
    assert!(without_any.iter().all(|some| ids(some).is_empty()), "{without_any:?}");
}

#[test]
fn strangers_words_and_a_tool_that_destroys_are_harm() {
    let support: [(&str, &[&str]); 2] =
        [("desk", &["list_tickets"]), ("db", &["drop_table(name)"])];
    assert_eq!(ids(&support), ["remote-harm"]);
}

#[test]
fn a_harmless_set_has_no_flow() {
    assert!(ids(&[("math", &["add", "multiply"]), ("clock", &["get_time"])]).is_empty());
    assert!(ids(&[("files", &["read_file(path)", "delete_file(path)"])]).is_empty());
    assert!(ids(&[]).is_empty());
}
