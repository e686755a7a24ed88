//! `tools/list` as this caller may see it.

use bytes::Bytes;
use toolgate_protocol::{Message, list};

use crate::inbox::clean;
use crate::pins::{self, Pins};
use crate::session::Session;

/// The server's answer without the tools that the policy hides, and without those that are no
/// longer what they were: no model reads what they have become. All else stays as it was.
pub(crate) async fn filter(session: &Session, reply: Message) -> Bytes {
    // What could not be pinned is not shown either.
    let _ = pins::see(&session.gate, reply.document()).await;
    let snapshot = session.gate.snapshot();
    let (policy, pins) = (&snapshot.policy, snapshot.pins.as_ref());
    let strange = pins.is_some_and(|pins| !pins.accept_all(reply.document()));
    if strange || pins.is_some_and(Pins::waver) {
        // Calls are decided on what the server says now.
        session.definitions.forget();
    }
    if !strange && !policy.hides_any() {
        return clean(reply);
    }
    let kept = list::keep_definitions(reply.document(), |name, tool| {
        !policy.hides(name) && pins.is_none_or(|pins| pins.accept(name, tool))
    });
    match kept.map(|kept| Message::read(kept, toolgate_protocol::Side::Server)) {
        Some(Ok(reply)) => clean(reply),
        Some(Err(refusal)) => refusal.to_bytes(),
        None => clean(reply),
    }
}
