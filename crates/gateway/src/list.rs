//! `tools/list` as this caller may see it.

use bytes::Bytes;
use toolgate_policy::Subject;
use toolgate_protocol::list::List;
use toolgate_protocol::{Message, list};

use crate::inbox::clean;
use crate::snapshot::Snapshot;

/// The server's answer without the tools that the policy hides. All else stays as it was.
pub(crate) fn filter(snapshot: &Snapshot, reply: Message) -> Bytes {
    let policy = &snapshot.policy;
    if policy.omits_any(Subject::Tool)
        && let Some(kept) = list::keep(reply.document(), List::Tools, |name| !policy.hides(name))
    {
        return match Message::read(kept, toolgate_protocol::Side::Server) {
            Ok(reply) => clean(reply),
            Err(refusal) => refusal.to_bytes(),
        };
    }
    clean(reply)
}
