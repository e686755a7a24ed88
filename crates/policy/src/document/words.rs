//! `on_deny` and `reason`: what the author wants the agent to hear.

use crate::document::findings::Findings;
use crate::document::node::Node;

/// The words at `node`, under either of their names.
pub(crate) fn read<'a>(node: &'a Node, findings: &mut Findings) -> Option<&'a str> {
    let on_deny = node.get("on_deny").and_then(Node::text);
    let Some(reason) = node.member("reason") else { return on_deny };
    if let Some(first) = node.member("on_deny") {
        findings
            .error(reason.key_span, "`reason` and `on_deny` are two names of one thing")
            .related(first.key_span, "it stands here already")
            .help("keep one of the two");
    }
    on_deny.or_else(|| reason.node.text())
}
