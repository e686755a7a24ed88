//! One item of `tests`, with every call that it stands for.

use std::sync::Arc;

use toolgate_json::Document;

use crate::call::{Call, Caller, Definition, Subject};
use crate::cases::expected::Expected;
use crate::document::Span;
use crate::rule::Policy;

/// Calls that are all to end alike.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: Option<String>,
    /// Where it stands, and where its expectation does.
    pub(crate) span: Span,
    pub(crate) expect_span: Span,
    pub(crate) asked: Vec<Asked>,
    pub(crate) definition: Definition,
    /// What went before, the oldest first.
    pub(crate) history: Vec<Earlier>,
    /// A person has said yes.
    pub(crate) approved: bool,
    pub(crate) now_s: u64,
    /// Policies above this one, the outermost first.
    pub(crate) above: Vec<Policy>,
    pub(crate) expected: Expected,
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) subject: Subject,
    pub(crate) name: String,
    pub(crate) caller: Caller,
    /// Nothing for a call without any.
    pub(crate) arguments: Option<Document>,
}

/// Equal calls that went before. What is not said is as in the call that is tested.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) what: Option<(Subject, String)>,
    pub(crate) arguments: Option<Document>,
    pub(crate) grant: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) server: Option<String>,
    /// The first of them, before now.
    pub(crate) ago_s: u64,
    pub(crate) times: u32,
    pub(crate) every_s: u64,
    pub(crate) approved: bool,
}

impl Asked {
    pub(crate) fn call(&self, definition: &Definition, time_s: u64) -> Call {
        let none = || Document::parse(b"null"[..].into(), toolgate_json::Reading::Strict);
        let message = self.arguments.clone().map_or_else(none, Ok);
        Call {
            caller: Arc::new(self.caller.clone()),
            subject: self.subject,
            name: self.name.clone(),
            arguments: self.arguments.as_ref().map(|arguments| arguments.root().id()),
            message: message.unwrap_or_else(|_| unreachable!("`null` is JSON")),
            definition: definition.clone(),
            time_ms: time_s.saturating_mul(1000),
        }
    }
}
