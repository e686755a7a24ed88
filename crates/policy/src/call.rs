//! One call with every fact of its decision: what is asked for, by whom, with which arguments.

use std::sync::Arc;

use toolgate_json::{Document, NodeId, Value};

use crate::definition::ToolDefinition;

/// What is decided. It holds the very bytes that will be sent.
#[derive(Debug)]
pub struct Call {
    pub caller: Arc<Caller>,
    pub subject: Subject,
    /// A tool's or a prompt's name, a resource's URI, the method that a server asks for.
    pub name: String,
    /// The whole JSON-RPC message.
    pub message: Document,
    /// Where that stands in it which conditions call `args`; nothing if absent.
    pub arguments: Option<NodeId>,
    pub definition: Definition,
    /// When the call came, in milliseconds since the Unix epoch.
    pub time_ms: u64,
}

/// What is asked for: it says which section of a policy decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `prompts/get`; its arguments are `params.arguments`.
    Prompt,
    /// A prompt that is named, but not got: `completion/complete`.
    PromptMention,
    /// `resources/read` and `resources/subscribe`; their arguments are `params`.
    Resource,
    /// A resource or a template of resources that is named, but not read: `completion/complete`,
    /// `subscriptions/listen`.
    ResourceMention,
    /// What a server asks of the client; the arguments are `params`.
    ServerRequest,
    /// `tools/call`; its arguments are `params.arguments`.
    Tool,
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

impl Subject {
    pub(crate) fn is_mention(self) -> bool {
        matches!(self, Self::PromptMention | Self::ResourceMention)
    }

    pub(crate) fn is_resource(self) -> bool {
        matches!(self, Self::Resource | Self::ResourceMention)
    }

    /// The section's key in a document.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Self::Prompt | Self::PromptMention => "prompts",
            Self::Resource | Self::ResourceMention => "resources",
            Self::ServerRequest => "server_requests",
            Self::Tool => "tools",
        }
    }
}
