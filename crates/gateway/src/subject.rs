//! What a message asks for, as policies name it, and whether they have a say in it.

use toolgate_json::NodeId;
use toolgate_policy::Subject;
use toolgate_protocol::{Message, SubjectKind, answer};

use crate::gate::Gate;
use crate::outbox::Answer;
use crate::request::Request;

/// What one request asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) subject: Subject,
    /// One name; `subscriptions/listen` may have more.
    pub(crate) names: Vec<String>,
    pub(crate) arguments: Option<NodeId>,
}

/// What the policies in force have to say in a message that goes through without them.
#[derive(Debug)]
pub(crate) enum Say {
    Decide(Asked),
    None,
    /// They have one, but what the message asks for cannot be told.
    Unclear,
}

impl Asked {
    /// Of a request that names something.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        let subjects = message.subjects()?;
        let (subject, arguments) = subjects.first().map(|one| (of(one.kind), one.arguments))?;
        let names = subjects.into_iter().map(|one| one.name).collect();
        Some(Self { subject, names, arguments })
    }
}

impl Say {
    /// In what is frozen, whatever names something is decided.
    pub(crate) fn of(gate: &Gate, message: &Message) -> Self {
        let snapshot = gate.snapshot();
        let decides = |subject| gate.is_frozen() || snapshot.policy.decides(subject);
        match message.subjects() {
            Some(subjects) if subjects.is_empty() => Self::None,
            Some(_) => match Asked::of(message) {
                Some(asked) if decides(asked.subject) => Self::Decide(asked),
                _ => Self::None,
            },
            None if may_ask(message).iter().any(|subject| decides(*subject)) => Self::Unclear,
            None => Self::None,
        }
    }
}

/// What a request with this method may be about.
fn may_ask(message: &Message) -> &'static [Subject] {
    match message.method().as_deref() {
        Some("completion/complete") => &[Subject::Prompt, Subject::Resource],
        Some("prompts/get") => &[Subject::Prompt],
        _ => &[Subject::Resource],
    }
}

fn of(kind: SubjectKind) -> Subject {
    match kind {
        SubjectKind::Prompt => Subject::Prompt,
        SubjectKind::PromptMention => Subject::PromptMention,
        SubjectKind::Resource => Subject::Resource,
        SubjectKind::ResourceMention => Subject::ResourceMention,
        SubjectKind::ServerRequest => Subject::ServerRequest,
        SubjectKind::Tool => Subject::Tool,
    }
}

/// The answer to a request whose subject cannot be told.
pub(crate) fn unclear(request: &Request) -> Answer {
    let text = "what the request asks for is missing, or can be read in two ways";
    Answer::plain(answer::error(Some(&request.id_raw), answer::INVALID_PARAMS, text, None))
}
