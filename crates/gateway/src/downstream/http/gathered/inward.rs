//! What servers say on their own account, in names that cannot meet those of other servers.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use toolgate_protocol::{Message, MessageKind, Side};

use crate::outbox::Inward;
use crate::session::Session;

use super::legacy::Legacy;

/// Passes on what belongs to no request, as long as the server's connection lasts.
pub(super) async fn pass(legacy: Weak<Legacy>, session: Weak<Session>, mut mail: Inward) {
    while let Some(mail) = mail.recv().await {
        let (Some(legacy), Some(session)) = (legacy.upgrade(), session.upgrade()) else { return };
        let said = mail.bytes().clone();
        if let Some(bytes) = translate(&legacy, &session, said) {
            legacy.unsolicited.aside(bytes).await;
        }
    }
}

/// One message as the client gets it; nothing if it is not for this client.
pub(super) fn translate(legacy: &Legacy, from: &Arc<Session>, bytes: Bytes) -> Option<Bytes> {
    let message = Message::read(bytes.clone(), Side::Server).ok()?;
    match message.kind() {
        MessageKind::Request => legacy.questions.ask(from, &message),
        MessageKind::Notification if message.is_method("notifications/cancelled") => {
            legacy.questions.cancelled(from, &message)
        }
        MessageKind::Notification => {
            let token = message.params().and_then(|params| params.get("progressToken"));
            let foreign = token.is_some_and(|token| legacy.table.is_foreign(from, token));
            (!foreign).then_some(bytes)
        }
        MessageKind::Response => None,
    }
}

/// To a modern client servers only ever notify.
pub(super) fn notification(bytes: Bytes) -> Option<Bytes> {
    let message = Message::read(bytes.clone(), Side::Server).ok()?;
    (message.kind() == MessageKind::Notification).then_some(bytes)
}
