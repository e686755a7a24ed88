//! A round of a modern call (MRTR, MCP 2026-07-28): what of it is ours, and the call without that.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use toolgate_json::{Kind, Value, quote};

use crate::cut::cut;
use crate::elicitation::{INPUT_KEY, Said};
use crate::message::{Era, Message};
use crate::splice::splice;

/// What a server wanted back with the next round, while the client was asked something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub state: Option<String>,
    /// `inputResponses` as it came: JSON.
    pub responses: Option<String>,
}

/// Whether an answer may ask for input: these, and modern ones only.
pub fn has_rounds(message: &Message) -> bool {
    let methods = ["prompts/get", "resources/read", "tools/call"];
    message.era() == Era::Modern && methods.iter().any(|method| message.is_method(method))
}

/// What the round brings along for whoever made its `requestState`.
pub fn state(message: &Message) -> Option<Cow<'_, str>> {
    message.params()?.get("requestState")?.as_str()
}

/// What the client says to our question.
pub fn said(message: &Message) -> Option<Said> {
    Said::read(message.params()?.get("inputResponses")?.get(INPUT_KEY)?)
}

/// What a call brings along for its server. This is the whole message.
pub fn held(message: Value<'_>) -> Held {
    let params = message.get("params");
    let state = params.and_then(|params| params.get("requestState")?.as_str());
    let responses = params.and_then(|params| params.get("inputResponses"));
    Held {
        state: state.map(Cow::into_owned),
        responses: responses.map(|value| String::from_utf8_lossy(value.raw()).into_owned()),
    }
}

/// The call as its server is to have it, once the state is known to be ours: with what was held
/// for the server in its place, or without.
pub fn restore(message: &Message, held: &Held) -> Bytes {
    let Some(params) = message.params() else { return message.bytes().clone() };
    let mut state = Vec::new();
    if let Some(text) = &held.state {
        quote(text, &mut state);
    }
    let responses = match &held.responses {
        Some(responses) => responses.clone().into_bytes(),
        None => foreign(params.get("inputResponses")),
    };
    let fill = |name: Value<'_>| -> Option<&[u8]> {
        if name.is("requestState") {
            Some(&state)
        } else if name.is("inputResponses") {
            Some(&responses)
        } else {
            None
        }
    };
    let mut members = Vec::new();
    let mut edits: Vec<(Range<usize>, &[u8])> = Vec::new();
    for (name, value) in params.entries() {
        let (range, new) = (name.span().start..value.span().end, fill(name));
        members.push((range, !new.is_some_and(<[u8]>::is_empty)));
        if let Some(new) = new.filter(|new| !new.is_empty()) {
            edits.push((value.span(), new));
        }
    }
    edits.extend(cut(&members).into_iter().map(|range| (range, &b""[..])));
    let mut more = Vec::new();
    for (name, new) in [("inputResponses", &responses), ("requestState", &state)] {
        if params.get(name).is_none() && !new.is_empty() {
            more.push(b',');
            quote(name, &mut more);
            more.push(b':');
            more.extend_from_slice(new);
        }
    }
    // A call has a name, so that a comma has something before it.
    let end = params.span().end - 1;
    edits.push((end..end, &more));
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    splice(message.bytes(), &edits)
}

/// The responses that are not ours; empty if there are none.
fn foreign(responses: Option<Value<'_>>) -> Vec<u8> {
    let Some(responses) = responses else { return Vec::new() };
    if responses.kind() != Kind::Object {
        return responses.raw().to_vec();
    }
    let entries = responses.entries().filter(|(name, _)| !name.is(INPUT_KEY));
    let mut out = Vec::new();
    for (name, value) in entries {
        out.push(if out.is_empty() { b'{' } else { b',' });
        out.extend_from_slice(name.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
    }
    if !out.is_empty() {
        out.push(b'}');
    }
    out
}

/// A server's answer that asks for input, under a state of ours; nothing if it asks for none, or
/// the answer can be read in two ways.
pub fn wrap(answer: &Message, seal: impl FnOnce(Option<&str>) -> Option<String>) -> Option<Bytes> {
    let result = answer.result()?;
    if !result.get("resultType")?.is("input_required") {
        return None;
    }
    let before = result.get("requestState");
    let inner = before.map(|state| state.as_str().ok_or(())).transpose().ok()?;
    let mut quoted = Vec::new();
    quote(&seal(inner.as_deref())?, &mut quoted);
    let (range, new) = if let Some(state) = before {
        (state.span(), quoted)
    } else {
        let end = result.span().end - 1;
        (end..end, [br#","requestState":"#, quoted.as_slice()].concat())
    };
    Some(splice(answer.bytes(), &[(range, &new)]))
}
