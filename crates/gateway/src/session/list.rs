//! Lists as this caller may see them.

use bytes::Bytes;
use toolgate_policy::Subject;
use toolgate_protocol::list::List;
use toolgate_protocol::{Message, answer, list};

use crate::inbox::clean;
use crate::pins::{self, Pins};
use crate::session::Session;

/// The server's answer without the tools that the policy hides, and without the prompts and
/// resources that it denies whatever their arguments; without tools that are no longer what they
/// were, too: no model reads what they have become. All else stays as it was.
pub(crate) async fn filter(session: &Session, what: List, reply: Message) -> Bytes {
    let before = session.gate.snapshot();
    let before = before.pins.as_ref().filter(|_| what == List::Tools);
    let back = before.is_some_and(|pins| pins.miss_any(reply.document()));
    if what == List::Tools {
        session.definitions.note_shown();
        // What could not be pinned is not shown either.
        let _ = pins::see(&session.gate, reply.document()).await;
    }
    let snapshot = session.gate.snapshot();
    if snapshot.closed {
        let id = reply.id().map(toolgate_json::Value::raw);
        return answer::error(id, answer::UPSTREAM_FAILED, "the grant has ended", None);
    }
    let policy = &snapshot.policy;
    let pins = snapshot.pins.as_ref().filter(|_| what == List::Tools);
    let strange = pins.is_some_and(|pins| !pins.accept_all(reply.document()));
    if strange || back || pins.is_some_and(Pins::waver) {
        // Calls are decided on what the server says now.
        session.definitions.forget();
    }
    let subject = match what {
        List::Prompts => Subject::Prompt,
        List::Resources | List::ResourceTemplates => Subject::Resource,
        List::Tools => Subject::Tool,
    };
    let omits = |name: &str| match what {
        List::ResourceTemplates => policy.omits_template(name),
        List::Prompts | List::Resources | List::Tools => policy.omits(subject, name),
    };
    if !strange && !policy.omits_any(subject) {
        return clean(reply);
    }
    let kept = list::keep_items(reply.document(), what, |name, item| {
        !omits(name) && pins.is_none_or(|pins| pins.accept(name, item))
    });
    match kept.map(|kept| Message::read(kept, toolgate_protocol::Side::Server)) {
        Some(Ok(reply)) => clean(reply),
        Some(Err(refusal)) => refusal.to_bytes(),
        None => clean(reply),
    }
}
