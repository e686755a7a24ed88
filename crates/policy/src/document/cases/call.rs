//! Which calls a test makes: every one of its tools with every one of its arguments.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use crate::call::{Caller, Principal, Subject};
use crate::cases::Asked;
use crate::document::cases::keys::TEST;
use crate::document::findings::{Findings, quoted};
use crate::document::node::{Node, Value};

/// Keys that say what is called.
const SUBJECTS: [(&str, Subject); 4] = [
    ("tool", Subject::Tool),
    ("prompt", Subject::Prompt),
    ("resource", Subject::Resource),
    ("server_request", Subject::ServerRequest),
];

/// Every call of the test.
pub(super) fn asked(item: &Node, findings: &mut Findings) -> Option<Vec<Asked>> {
    let (subject, names) = what(item, findings)?;
    if names.is_empty() {
        // A mistyped key is reported by itself.
        if item.members().iter().all(|member| TEST.key(&member.key).is_some()) {
            findings.error(item.span, "the test makes no call").help("say which `tool` is called");
        }
        return None;
    }
    let subject = mentioned(item, subject, findings)?;
    let arguments = arguments(item, findings)?;
    let callers = callers(item);
    let mut asked = Vec::new();
    for caller in &callers {
        for name in &names {
            asked.extend(arguments.iter().map(|arguments| Asked {
                subject,
                name: name.clone(),
                caller: caller.clone(),
                arguments: arguments.clone(),
            }));
        }
    }
    Some(asked)
}

/// What is called, by every name that is given; no name if nothing is said.
pub(super) fn what(item: &Node, findings: &mut Findings) -> Option<(Subject, Vec<String>)> {
    let mut found = (Subject::Tool, Vec::new());
    let mut first = None;
    for (key, subject) in SUBJECTS {
        let Some(member) = item.member(key) else { continue };
        if let Some(first) = first {
            findings
                .error(member.key_span, "one test calls one kind of thing")
                .related(first, "it calls this already")
                .help("make two tests of it");
            return None;
        }
        first = Some(member.key_span);
        found = (subject, texts(&member.node));
    }
    Some(found)
}

fn mentioned(item: &Node, subject: Subject, findings: &mut Findings) -> Option<Subject> {
    let Some(node) = item.get("mentioned").filter(|node| node.bool() == Some(true)) else {
        return Some(subject);
    };
    match subject {
        Subject::Prompt | Subject::PromptMention => Some(Subject::PromptMention),
        Subject::Resource | Subject::ResourceMention => Some(Subject::ResourceMention),
        Subject::ServerRequest | Subject::Tool => {
            findings
                .error(node.span, "only a prompt or a resource can be named without being used");
            None
        }
    }
}

/// Nothing in place of arguments is a call without any.
fn arguments(item: &Node, findings: &mut Findings) -> Option<Vec<Option<Document>>> {
    let Some(node) = item.get("args") else { return Some(vec![None]) };
    let one = std::slice::from_ref(node);
    let nodes = if matches!(node.value, Value::List(_)) { node.items() } else { one };
    nodes.iter().map(|node| json(node, findings).map(Some)).collect()
}

fn callers(item: &Node) -> Vec<Caller> {
    let names = |key: &str, default: &str| match item.get(key) {
        Some(node) => texts(node),
        None => vec![default.to_owned()],
    };
    let (grants, principals) = (names("grant", "grant"), names("principal", "somebody"));
    let servers = names("server", "server");
    let mut callers = Vec::new();
    for subject in &principals {
        for grant in &grants {
            callers.extend(servers.iter().map(|server| Caller {
                principal: Principal { issuer: "local".to_owned(), subject: subject.clone() },
                grant: grant.clone(),
                server: server.clone(),
            }));
        }
    }
    callers
}

/// A text, or all texts of a list.
fn texts(node: &Node) -> Vec<String> {
    let one = std::slice::from_ref(node);
    let nodes = if matches!(node.value, Value::List(_)) { node.items() } else { one };
    nodes.iter().filter_map(Node::text).map(str::to_owned).collect()
}

/// The node as a client would send it.
pub(super) fn json(node: &Node, findings: &mut Findings) -> Option<Document> {
    let mut json = Vec::new();
    node.json(&mut json);
    match Document::parse(Bytes::from(json), Reading::Strict) {
        Ok(document) => Some(document),
        Err(error) => {
            findings.error(node.span, format!("no client can send this: {error}"));
            None
        }
    }
}

/// A whole number, at least 1.
pub(super) fn count(node: &Node, findings: &mut Findings) -> Option<u32> {
    let literal = node.number()?;
    let count = literal.parse().ok().filter(|count| *count > 0);
    if count.is_none() {
        let message = format!("{} is no number of calls", quoted(literal));
        findings.error(node.span, message).help("write a whole number, at least 1");
    }
    count
}
