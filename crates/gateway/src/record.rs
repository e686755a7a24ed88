//! What the audit log keeps of a call.

use std::sync::Arc;

use toolgate_json::Value;
use toolgate_policy::{Call, Subject};
use toolgate_protocol::trace::TraceId;
use toolgate_store::Facts;

use crate::gate::Gate;
use crate::snapshot::Snapshot;

/// Where a call comes from, beside its caller: labels, no identities.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Source<'a> {
    /// What the client calls itself.
    pub(crate) client: Option<&'a str>,
    pub(crate) trace: Option<TraceId>,
}

/// The facts of a decision.
pub(crate) fn facts(gate: &Gate, snapshot: &Snapshot, source: Source<'_>, call: &Call) -> Facts {
    let whole = snapshot.policy.records_arguments(call.subject, &call.name);
    Facts {
        caller: Arc::clone(&call.caller),
        client: source.client.map(str::to_owned),
        trace: source.trace.map(|id| id.to_string()),
        method: method(call),
        tool: (call.subject != Subject::ServerRequest).then(|| call.name.clone()),
        arguments: call.arguments().map(|value| gate.store.arguments(value, whole)),
        revision: Arc::clone(&snapshot.revision),
        directory: snapshot.directory,
        approval: None,
    }
}

pub(crate) fn method(call: &Call) -> String {
    match call.subject {
        // It may stand inside an answer.
        Subject::ServerRequest => call.name.clone(),
        Subject::Tool => "tools/call".to_owned(),
        _ => {
            let method = call.message.root().get("method").and_then(Value::as_str);
            method.unwrap_or_default().into_owned()
        }
    }
}
