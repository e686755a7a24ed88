//! Lists as this caller may see them.

use bytes::Bytes;
use toolgate_policy::Subject;
use toolgate_protocol::list::List;
use toolgate_protocol::{Message, list};

use crate::inbox::clean;
use crate::snapshot::Snapshot;

/// The server's answer without the tools that the policy hides, and without the prompts and
/// resources that it denies whatever their arguments. All else stays as it was.
pub(crate) fn filter(snapshot: &Snapshot, what: List, reply: Message) -> Bytes {
    let policy = &snapshot.policy;
    let subject = match what {
        List::Prompts => Subject::Prompt,
        List::Resources | List::ResourceTemplates => Subject::Resource,
        List::Tools => Subject::Tool,
    };
    let omits = |name: &str| match what {
        List::ResourceTemplates => policy.omits_template(name),
        List::Prompts | List::Resources | List::Tools => policy.omits(subject, name),
    };
    if policy.omits_any(subject)
        && let Some(kept) = list::keep(reply.document(), what, |name| !omits(name))
    {
        return match Message::read(kept, toolgate_protocol::Side::Server) {
            Ok(reply) => clean(reply),
            Err(refusal) => refusal.to_bytes(),
        };
    }
    clean(reply)
}
