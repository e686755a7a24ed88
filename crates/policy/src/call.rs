//! One `tools/call` with every fact of its decision.

use std::sync::Arc;

use toolgate_json::{Document, NodeId, Value};

use crate::definition::ToolDefinition;

/// What is decided. It holds the very bytes that will be sent.
#[derive(Debug)]
pub struct Call {
    pub caller: Arc<Caller>,
    pub tool: String,
    /// The whole JSON-RPC message.
    pub message: Document,
    /// Where `params.arguments` stands in it; nothing if absent.
    pub arguments: Option<NodeId>,
    pub definition: Definition,
    /// When the call came, in milliseconds since the Unix epoch.
    pub time_ms: u64,
}

/// Who calls, and by which right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    pub principal: Principal,
    pub grant: String,
    pub server: String,
}

/// A caller's identity: the subject as its issuer names it. Compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    pub issuer: String,
    pub subject: String,
}

/// What is known of the tool's own definition.
#[derive(Clone, Debug)]
pub enum Definition {
    Known(Arc<ToolDefinition>),
    /// No rule asked for it, or the server did not tell.
    Unknown,
}

impl Call {
    pub fn arguments(&self) -> Option<Value<'_>> {
        self.arguments.map(|node| self.message.at(node))
    }
}
