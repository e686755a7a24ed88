//! Asking a person through the client: what it can show, the question, the answer (elicitation,
//! MCP 2025-06-18 and later).

use bytes::Bytes;
use toolgate_json::{Kind, Value, quote};

use crate::key;
use crate::message::Era;
use crate::version::Version;

pub const METHOD: &str = "elicitation/create";

/// Our question in the answer to a modern call, and the client's word on it in the next round.
pub const INPUT_KEY: &str = "dev.toolgate/approval";

/// What a client says that it can show to its user.
#[must_use]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    pub form: bool,
    pub url: bool,
}

/// What is asked, and where: in the client itself, or on a page that it opens.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub text: &'a str,
    pub page: Option<Page<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    pub url: &'a str,
    /// Until 2025-11-25 the client hears under this name that the page is done.
    pub elicitation_id: &'a str,
}

/// What the client says that its user did. For a page `Accept` only says that it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Accept,
    Cancel,
    Decline,
}

impl Abilities {
    /// What a request declares: `initialize` for its session, a modern one for itself. This is the
    /// whole message.
    pub fn declared(message: Value<'_>) -> Self {
        let Some(params) = message.get("params") else { return Self::default() };
        let capabilities = if message.get("method").is_some_and(|method| method.is("initialize")) {
            params.get("capabilities")
        } else {
            let meta = params.get("_meta").filter(|meta| meta.get(key::PROTOCOL_VERSION).is_some());
            meta.and_then(|meta| meta.get(key::CLIENT_CAPABILITIES))
        };
        capabilities.and_then(|found| found.get("elicitation")).map(Self::read).unwrap_or_default()
    }

    /// Of `capabilities.elicitation`: without any mode it is that of 2025-06-18.
    fn read(elicitation: Value<'_>) -> Self {
        if elicitation.kind() != Kind::Object {
            return Self::default();
        }
        let has = |mode| elicitation.get(mode).is_some_and(|mode| mode.kind() == Kind::Object);
        let is_plain = elicitation.get("form").is_none() && elicitation.get("url").is_none();
        Self { form: is_plain || has("form"), url: has("url") }
    }

    /// What of that there is in this version: forms came with 2025-06-18, pages with 2025-11-25.
    pub fn within(self, version: Version) -> Self {
        Self {
            form: self.form && version >= Version::V2025_06_18,
            url: self.url && version >= Version::V2025_11_25,
        }
    }
}

impl Question<'_> {
    /// A request of ours to a legacy client.
    pub fn request(&self, id: &str) -> Bytes {
        let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
        quote(id, &mut out);
        out.extend_from_slice(br#","method":"elicitation/create","params":"#);
        self.params(Era::Legacy, &mut out);
        out.push(b'}');
        out.into()
    }

    /// The result of a modern call that wants an answer first (MRTR, MCP 2026-07-28).
    pub fn input_required(&self, state: &str) -> Vec<u8> {
        let mut out = br#"{"resultType":"input_required","inputRequests":{"#.to_vec();
        quote(INPUT_KEY, &mut out);
        out.extend_from_slice(br#":{"method":"elicitation/create","params":"#);
        self.params(Era::Modern, &mut out);
        out.extend_from_slice(br#"}},"requestState":"#);
        quote(state, &mut out);
        out.push(b'}');
        out
    }

    /// A form has no fields: its buttons are the answer.
    fn params(&self, era: Era, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"message":"#);
        quote(self.text, out);
        match self.page {
            None => {
                out.extend_from_slice(br#","requestedSchema":{"type":"object","properties":{}}"#);
            }
            Some(page) => {
                out.extend_from_slice(br#","mode":"url","url":"#);
                quote(page.url, out);
                if era == Era::Legacy {
                    out.extend_from_slice(br#","elicitationId":"#);
                    quote(page.elicitation_id, out);
                }
            }
        }
        out.push(b'}');
    }
}

/// A word to a legacy client that was sent to a page: what it is for is done.
pub fn complete(elicitation_id: &str) -> Bytes {
    let mut out = br#"{"jsonrpc":"2.0","method":"notifications/elicitation/complete","#.to_vec();
    out.extend_from_slice(br#""params":{"elicitationId":"#);
    quote(elicitation_id, &mut out);
    out.extend_from_slice(b"}}");
    out.into()
}

/// A word to a legacy client that a request of ours needs no answer any more.
pub fn withdraw(id: &str) -> Bytes {
    let mut out =
        br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"#.to_vec();
    quote(id, &mut out);
    out.extend_from_slice(br#","reason":"no answer is needed any more"}}"#);
    out.into()
}

impl Said {
    /// Of an `ElicitResult`; nothing if it is none, or can be read in two ways.
    pub fn read(result: Value<'_>) -> Option<Self> {
        let mut actions = result
            .entries()
            .filter(|(name, _)| name.as_str().is_none_or(|name| key::folds_to(&name, "action")));
        let (_, action) = actions.next().filter(|(name, _)| name.is("action"))?;
        if actions.next().is_some() {
            return None;
        }
        match &*action.as_str()? {
            "accept" => Some(Self::Accept),
            "cancel" => Some(Self::Cancel),
            "decline" => Some(Self::Decline),
            _ => None,
        }
    }
}
