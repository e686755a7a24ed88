//! An approved call whose server wants another round before it answers: it goes on under the same
//! yes (MRTR, MCP 2026-07-28).

use bytes::Bytes;
use toolgate_protocol::round::{self, Held};
use toolgate_protocol::{Era, Message, Side};
use toolgate_store::{Binding, Bound, Facts, Opened};

use crate::clock;
use crate::random;
use crate::request::Request;
use crate::session::Session;

use super::Returned;
use super::returned::bound;
use super::ticket::{Kind, Named, Ticket};

/// What a yes was bound to that let a call pass.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    pub(crate) facts: Facts,
    pub(crate) fingerprint: Option<[u8; 32]>,
    /// How long the yes counted then.
    pub(crate) left_ms: u64,
}

/// MCP 2026-07-28: clients give up by then.
const ROUNDS_MAX: u64 = 10;

/// Where a server wants another round of an approved call, its state goes inside of one of ours,
/// and the yes goes on: to be done before the call is closed. Any other answer stays as it is.
pub(crate) fn go_on(
    session: &Session,
    request: &Request,
    (opened, approved): (&Opened, Option<&Approved>),
    answer: &mut Message,
) {
    let wrapped = approved.and_then(|one| wrap(session, request, (opened, one), answer));
    let again =
        wrapped.and_then(|(text, next)| Some((Message::read(text, Side::Server).ok()?, next)));
    if let Some((wrapped, next)) = again {
        *answer = wrapped;
        opened.go_on(next);
    }
}

fn wrap(
    session: &Session,
    request: &Request,
    (opened, approved): (&Opened, &Approved),
    answer: &Message,
) -> Option<(Bytes, Binding)> {
    // All that a read asks for is bound, its state too: no two rounds of it are one call.
    let is_bound = request.era == Era::Modern && approved.facts.method != "resources/read";
    let approval = opened.approval().filter(|_| is_bound)?;
    let count = request.returned.as_ref().map_or(0, Returned::count) + 1;
    if count > ROUNDS_MAX {
        return None;
    }
    let Approved { facts, fingerprint, left_ms } = approved;
    let nonce = random::hex::<16>().ok()?;
    let wrapped = round::wrap(answer, |state| {
        let ticket = Ticket {
            kind: Kind::Round(count),
            approval: approval.to_owned(),
            call: Named {
                caller: (*facts.caller).clone(),
                method: facts.method.clone(),
                name: facts.tool.clone().unwrap_or_default(),
                digest: facts.arguments.as_ref().map(|arguments| arguments.digest.clone()),
            },
            expires_ms: clock::wall_ms().saturating_add(*left_ms),
            nonce: nonce.clone(),
            held: Held { state: state.map(str::to_owned), responses: None },
        };
        ticket.seal(&session.gate.ways.seals)
    })?;
    let facts = bound(facts, count, &nonce);
    let next = Bound { facts: &facts, fingerprint: fingerprint.as_ref() };
    Some((wrapped, session.gate.store.binding(next)))
}
