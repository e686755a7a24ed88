//! `{path, op, value}` to a condition.

use bytes::Bytes;
use toolgate_json::{Document, Reading, canonical};

use crate::condition::{Condition, OPERATORS, Operator};
use crate::document::findings::Findings;
use crate::document::line::Spelling;
use crate::document::node::{Node, Value};
use crate::document::shape::mend;
use crate::document::table::Shape;
use crate::path::Path;

/// A condition and its canonical spelling.
pub(crate) struct Written {
    pub(crate) condition: Condition,
    pub(crate) spelling: Spelling,
}

/// The condition at `node`; nothing if it is at fault, which is reported.
pub(crate) fn read(node: &Node, findings: &mut Findings) -> Option<Written> {
    let path = node.get("path").and_then(|node| read_path(node, findings));
    let op = node.get("op").and_then(Node::text).filter(|op| OPERATORS.contains(op));
    let (operator, value) = read_operator(op?, node.get("value")?, findings)?;
    let path = path?;
    let spelling =
        Spelling::default().text("path", &path.to_string()).text("op", op?).raw("value", &value);
    Some(Written { condition: Condition { path, operator }, spelling })
}

/// The path at `node`, if it is a text.
pub(crate) fn read_path(node: &Node, findings: &mut Findings) -> Option<Path> {
    match Path::parse(node.text()?) {
        Ok(path) => Some(path),
        Err(message) => {
            findings.error(node.span, message);
            None
        }
    }
}

/// Whether `node` has more regular expressions than one document may: each is compiled, and
/// may take up a megabyte.
pub(crate) fn has_too_many_patterns(node: &Node) -> bool {
    const PATTERNS_MAX: usize = 1000;
    count_patterns(node) > PATTERNS_MAX
}

fn count_patterns(node: &Node) -> usize {
    let is_pattern = matches!(node.get("op").and_then(Node::text), Some("regex" | "matches"));
    let members = node.members().iter().map(|member| count_patterns(&member.node));
    let items = node.items().iter().map(count_patterns);
    usize::from(is_pattern) + members.chain(items).sum::<usize>()
}

/// Whether a condition asks about a counter, not an argument.
pub(crate) fn counter_path(node: &Node) -> Option<&str> {
    node.get("path")?.text()?.strip_prefix("state.")
}

fn read_operator(op: &str, node: &Node, findings: &mut Findings) -> Option<(Operator, String)> {
    if matches!(node.value, Value::Broken | Value::Empty) || findings.is_full() {
        return None;
    }
    let value = match one_spelling(node) {
        Ok(value) => value,
        Err(error) => {
            findings.error(node.span, format!("the value cannot be read: {error}"));
            return None;
        }
    };
    match Operator::new(op, value.root()) {
        Ok(operator) => Some((operator, String::from_utf8_lossy(value.bytes()).into_owned())),
        Err(message) => {
            let is_flag = matches!(op, "exists" | "host_public" | "path_sensitive");
            let due = if is_flag { &Shape::Bool } else { &Shape::Amount };
            findings.error(node.span, message).maybe_help(mend(node, due));
            None
        }
    }
}

/// The value in its canonical form, so that the condition does not depend on how it is written.
fn one_spelling(node: &Node) -> Result<Document, toolgate_json::Error> {
    let mut json = Vec::new();
    node.json(&mut json);
    let written = Document::parse(Bytes::from(json), Reading::Strict)?;
    let mut one = Vec::new();
    canonical(written.root(), &mut one);
    Document::parse(Bytes::from(one), Reading::Strict)
}

/// Whether what it compares with has a type that other products gloss over.
pub(crate) fn compares_typed(node: &Node) -> bool {
    let compares = matches!(
        node.get("op").and_then(Node::text),
        Some("eq" | "neq" | "in" | "not_in" | "contains")
    );
    compares && node.get("value").is_some_and(is_typed)
}

fn is_typed(node: &Node) -> bool {
    match &node.value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::List(items) => items.iter().any(is_typed),
        Value::Text(text) => {
            matches!(text.text.as_str(), "true" | "false") || text.text.parse::<f64>().is_ok()
        }
        Value::Broken | Value::Empty | Value::Map(_) | Value::Null => false,
    }
}
