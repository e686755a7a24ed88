//! One JSON-RPC message of MCP, read once, with the bytes it came in.

use std::borrow::Cow;

use bytes::Bytes;
use toolgate_json::{Document, NodeId, Reading, Value};

use crate::id::Id;
use crate::key;
use crate::read;
use crate::refusal::Refusal;

/// Who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Notification,
    Request,
    Response,
}

/// MCP with a handshake and sessions, or stateless (2026-07-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Legacy,
    Modern,
}

/// One message. Only [`Message::read`] makes one.
#[derive(Debug)]
pub struct Message {
    pub(crate) document: Document,
    pub(crate) parts: Parts,
}

/// Where the parts of a message stand in its document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) kind: MessageKind,
    pub(crate) era: Era,
    pub(crate) id: Option<NodeId>,
    pub(crate) method: Option<NodeId>,
    pub(crate) params: Option<NodeId>,
    pub(crate) meta: Option<NodeId>,
    pub(crate) result: Option<NodeId>,
    pub(crate) error: Option<NodeId>,
    pub(crate) tool: Option<ToolParts>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ToolParts {
    pub(crate) name: NodeId,
    pub(crate) arguments: Option<NodeId>,
}

/// What a `tools/call` calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    pub name: String,
    /// Where `params.arguments` stands in the document.
    pub arguments: Option<NodeId>,
}

impl Message {
    /// Reads one message: a client's strictly, since it is decided on; a server's as legal JSON
    /// whose envelope reads one way.
    pub fn read(bytes: Bytes, from: Side) -> Result<Self, Refusal> {
        let reading = match from {
            Side::Client => Reading::Strict,
            Side::Server => Reading::Plain,
        };
        let document = Document::parse(bytes.clone(), reading)
            .map_err(|error| Refusal::unreadable(bytes, &error))?;
        Self::of(document, from)
    }

    /// The same for a text that was read already, by the same rules.
    pub fn of(document: Document, from: Side) -> Result<Self, Refusal> {
        match read::parts(document.root(), from) {
            Ok(parts) => Ok(Self { document, parts }),
            Err(fault) => Err(Refusal::new(document.root(), fault)),
        }
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    pub fn into_document(self) -> Document {
        self.document
    }

    /// The message as it came.
    pub fn bytes(&self) -> &Bytes {
        self.document.bytes()
    }

    pub fn kind(&self) -> MessageKind {
        self.parts.kind
    }

    /// Of a request or notification: modern if `_meta` names a protocol version.
    pub fn era(&self) -> Era {
        self.parts.era
    }

    pub fn id(&self) -> Option<Value<'_>> {
        self.at(self.parts.id)
    }

    pub fn id_key(&self) -> Option<Id> {
        self.id().and_then(Id::read)
    }

    pub fn method(&self) -> Option<Cow<'_, str>> {
        self.at(self.parts.method)?.as_str()
    }

    pub fn is_method(&self, method: &str) -> bool {
        self.at(self.parts.method).is_some_and(|m| m.is(method))
    }

    pub fn params(&self) -> Option<Value<'_>> {
        self.at(self.parts.params)
    }

    /// `params._meta` or `result._meta`.
    pub fn meta(&self) -> Option<Value<'_>> {
        self.at(self.parts.meta)
    }

    /// The version that a modern message names.
    pub fn protocol_version(&self) -> Option<Cow<'_, str>> {
        self.meta()?.get(key::PROTOCOL_VERSION)?.as_str()
    }

    pub fn tool_call(&self) -> Option<ToolCall> {
        let tool = self.parts.tool?;
        let name = self.document.at(tool.name).as_str()?.into_owned();
        Some(ToolCall { name, arguments: tool.arguments })
    }

    pub fn result(&self) -> Option<Value<'_>> {
        self.at(self.parts.result)
    }

    pub fn error(&self) -> Option<Value<'_>> {
        self.at(self.parts.error)
    }

    fn at(&self, node: Option<NodeId>) -> Option<Value<'_>> {
        node.map(|node| self.document.at(node))
    }
}
