//! What no message may show: values that are secrets, or may be.

use toolgate_policy::document::outline::{Findings, Member, Node, Value, nearest};
use toolgate_policy::document::{Diagnostic, Span};

use super::notation::NOTATION;
use super::secret::{is_plain, names_a_secret};
use super::url::may_hold_a_secret;

/// Keys whose values may all be secrets.
const HOLDERS: [&str; 2] = ["env", "headers"];

const SECRET: &str = "client_secret";

/// Hides every plain text in `env` and `headers`, behind a key that names a secret, and in a
/// URL that has more than a host and a path.
pub(crate) fn hide(document: &Node, findings: &mut Findings) {
    if !matches!(document.value, Value::Map(_)) {
        walk(document, true, findings);
    }
    for member in document.members() {
        // What servers are called says nothing about what is in them.
        let servers = if member.key == "servers" { member.node.members() } else { &[] };
        match servers {
            [] => walk_member(member, false, findings),
            servers => servers.iter().for_each(|server| walk(&server.node, false, findings)),
        }
    }
}

fn walk(node: &Node, secret: bool, findings: &mut Findings) {
    match &node.value {
        Value::List(items) => {
            for item in items {
                walk(item, secret, findings);
            }
        }
        Value::Map(members) => {
            for member in members {
                walk_member(member, secret, findings);
            }
        }
        Value::Text(text) if is_plain(node) && (secret || may_hold_a_secret(&text.text)) => {
            findings.hide(node.span);
        }
        Value::Number(_) if secret => findings.hide(node.span),
        _ => {}
    }
}

fn walk_member(member: &Member, secret: bool, findings: &mut Findings) {
    let key = member.key.as_str();
    // Among the limits, `headers` is a size.
    if key == "limits" {
        return;
    }
    let alone = matches!(member.node.value, Value::Empty);
    if (secret || alone) && !is_word(key) {
        findings.never_say(member.key_span);
    }
    let stray = is_stray(key) && matches!(member.node.value, Value::Text(_));
    let holds = HOLDERS.contains(&key) || names_value(key) || stray;
    walk(&member.node, secret || holds, findings);
}

/// Whether `key` can be a name: where a colon is forgotten, key and value become one.
fn is_word(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Whether `key` is none of ours, nor nearly one: it may be a header that lost its indent.
fn is_stray(key: &str) -> bool {
    let ours = |b: u8| b.is_ascii_lowercase() || b == b'_' || b == b'$';
    let names = NOTATION.tables.iter().flat_map(|table| table.keys).map(|known| known.name);
    !is_ours(key) && (!key.bytes().all(ours) || nearest(key, names).is_none())
}

/// Not our own keys: `key` of `tls` is a path, and `auth` a mapping.
fn names_value(key: &str) -> bool {
    let holders = HOLDERS.into_iter().chain([SECRET]);
    key == SECRET || (!is_ours(key) && (names_a_secret(key) || nearest(key, holders).is_some()))
}

fn is_ours(key: &str) -> bool {
    NOTATION.tables.iter().any(|table| table.keys.iter().any(|known| known.name == key))
}

/// Of a text that has no tree, only lines are shown that begin with a key of ours which holds
/// no secret, and that hold no URL with one.
pub(crate) fn hide_untold(told: &mut [Diagnostic], text: &str) {
    for diagnostic in told {
        let related = diagnostic.related.as_ref().map(|related| related.span);
        let spans = [Some(diagnostic.span), related];
        diagnostic.confidential |=
            spans.into_iter().flatten().any(|span| !is_plain_line(text, span));
    }
}

fn is_plain_line(text: &str, span: Span) -> bool {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let key = line.split(':').next().unwrap_or_default();
    let key = key.trim_matches([' ', '\t', '-', '{', '"', '\'']);
    let holds = |word: &str| HOLDERS.contains(&word) || names_value(word);
    line.trim().is_empty()
        || (is_ours(key)
            && !line.contains(['@', '?'])
            && !line.split([' ', ',', '{', '"', '\'', ':', '=']).any(holds))
}
