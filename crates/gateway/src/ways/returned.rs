//! What a modern call brings back: the client's word on a question of ours, or the right to go on
//! with a call that was approved.

use toolgate_json::Value;
use toolgate_protocol::elicitation::Said;
use toolgate_protocol::round::{self, Held};
use toolgate_protocol::{Message, Side};
use toolgate_store::Facts;

use crate::clock;
use crate::gate::Gate;

use super::ticket::{Kind, Named, Ticket};

/// A state of ours that belongs to the call which brought it.
#[derive(Debug)]
pub(crate) struct Returned {
    pub(super) ticket: Ticket,
    pub(super) said: Option<Said>,
}

/// The call as its server is to have it, and what it brought back for us. A state that is not ours
/// is the server's. One of ours for another call, of somebody else, or too old, is none: the call
/// is a new one.
pub(crate) fn take(gate: &Gate, message: Message) -> (Message, Option<Returned>) {
    if !round::has_rounds(&message) {
        return (message, None);
    }
    let state = round::state(&message);
    let Some(ticket) = state.and_then(|state| Ticket::open(&state, &gate.ways.seals)) else {
        return (message, None);
    };
    let returned = Returned { said: round::said(&message), ticket };
    let is_own = returned.ticket.expires_ms > clock::wall_ms()
        && returned.ticket.call == named(gate, message.document().root());
    let held = if is_own { returned.ticket.held.clone() } else { Held::default() };
    match Message::read(round::restore(&message, &held), Side::Client) {
        Ok(restored) => (restored, is_own.then_some(returned)),
        // Ours it stays, and the server makes nothing of it.
        Err(_) => (message, None),
    }
}

impl Returned {
    /// Under which facts the yes of the round before goes on.
    pub(crate) fn goes_on(&self, facts: &Facts) -> Option<Facts> {
        let Kind::Round(count) = self.ticket.kind else { return None };
        Some(bound(facts, count, &self.ticket.nonce))
    }

    /// How many rounds there were under one yes.
    pub(super) fn count(&self) -> u64 {
        match self.ticket.kind {
            Kind::Round(count) => count,
            Kind::Form | Kind::Page => 0,
        }
    }
}

/// What a yes that goes on is bound to: one round of one call, and nothing that a call could be.
pub(super) fn bound(facts: &Facts, count: u64, nonce: &str) -> Facts {
    Facts { method: format!("{} round {count} {nonce}", facts.method), ..facts.clone() }
}

/// Which call a message is. This is the whole message.
pub(super) fn named(gate: &Gate, message: Value<'_>) -> Named {
    let method = text(message.get("method"));
    let params = message.get("params");
    let is_read = method == "resources/read";
    let name = params.and_then(|params| params.get(if is_read { "uri" } else { "name" }));
    let arguments = params.and_then(|params| params.get("arguments"));
    Named {
        caller: (*gate.caller).clone(),
        method,
        name: text(name),
        digest: arguments.map(|arguments| gate.store.digest(arguments)),
    }
}

fn text(value: Option<Value<'_>>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().into_owned()
}
