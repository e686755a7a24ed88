//! What no message may show: values that are secrets, or may be.

use toolgate_policy::document::outline::{Findings, Node, Value};
use toolgate_policy::document::{Diagnostic, Span};

use super::notation::NOTATION;
use super::secret::{is_plain, names_a_secret};

/// Keys whose values may all be secrets.
const HOLDERS: [&str; 2] = ["env", "headers"];

/// Hides every plain text in `env` and `headers`, behind a key that names a secret, and in a
/// URL that has more than a host and a path.
pub(crate) fn hide(node: &Node, findings: &mut Findings) {
    walk(node, false, findings);
}

fn walk(node: &Node, secret: bool, findings: &mut Findings) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| walk(item, secret, findings)),
        Value::Map(members) => {
            // Among the limits, `headers` is a size.
            for member in members.iter().filter(|member| member.key != "limits") {
                let holds = HOLDERS.contains(&member.key.as_str()) || names_value(&member.key);
                walk(&member.node, secret || holds, findings);
            }
        }
        Value::Text(text) if is_plain(node) => {
            let url = text.text.contains("://") && text.text.contains(['@', '?']);
            if secret || url {
                findings.hide(node.span);
            }
        }
        Value::Number(_) if secret => findings.hide(node.span),
        _ => {}
    }
}

/// Not our own keys: `key` of `tls` is a path, and `auth` a mapping.
fn names_value(key: &str) -> bool {
    key == "client_secret" || (names_a_secret(key) && !is_ours(key))
}

fn is_ours(key: &str) -> bool {
    NOTATION.tables.iter().any(|table| table.keys.iter().any(|known| known.name == key))
}

/// Of a text that has no tree, only lines are shown that begin with a key of ours which holds
/// no secret.
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
        || (is_ours(key) && !line.split([' ', ',', '{', '"', '\'', ':', '=']).any(holds))
}
