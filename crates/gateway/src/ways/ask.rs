//! One question, by the best way that the client has.

use toolgate_policy::Call;
use toolgate_protocol::elicitation::{Abilities, Page, Question, Said};
use toolgate_protocol::{Era, answer, round};
use toolgate_store::{Answer as Given, AnswerError, Approver, Way};

use crate::clock;
use crate::outbox::Answer;
use crate::random;
use crate::request::Request;
use crate::session::Session;

use super::line::Heard;
use super::ticket::{Kind, Ticket};
use super::{returned, text};

/// A question that is open, and whether an answer through the client counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open<'a> {
    pub(crate) call: &'a Call,
    pub(crate) id: &'a str,
    pub(crate) left_ms: u64,
    pub(crate) in_client: bool,
    /// Nobody else may answer.
    pub(crate) alone: bool,
}

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Told {
    /// The client hears the question now, and answers it with another round.
    Again(Answer),
    /// Somebody else was faster.
    Elsewhere,
    /// The client does not wait any more.
    Left,
    /// Whoever sits there did not approve. Others still may.
    No,
    /// Whoever sits there went to the page.
    Opened,
    /// The answer is recorded.
    Settled,
    /// There is nobody to ask, or nothing that counts as an answer came.
    Unknown,
}

/// Where a question is shown.
enum Place {
    Form,
    Page(String),
}

/// Asks whoever sits in front of the client. To be dropped once the question is answered by other
/// ways, or has expired: then it is taken back.
pub(crate) async fn ask_client(session: &Session, request: &Request, open: Open<'_>) -> Told {
    let returned = request.returned.as_ref().filter(|one| one.ticket.approval == open.id);
    if let Some(returned) = returned
        && let Some(is_page) = returned.ticket.kind.is_page()
    {
        return match (returned.said, is_page) {
            (Some(said), is_page) => hear(session, open, is_page, said).await,
            // To be asked again would go on for ever.
            (None, _) => Told::Unknown,
        };
    }
    if session.gate.ways.has_declined(open.id) {
        return Told::Unknown;
    }
    match request.era {
        Era::Legacy => ask_now(session, request, open).await,
        Era::Modern => ask_again(session, request, open).unwrap_or(Told::Unknown),
    }
}

/// By a request of our own, while the call is open.
async fn ask_now(session: &Session, request: &Request, open: Open<'_>) -> Told {
    let Some(place) = place(session, session.line.abilities(), open) else { return Told::Unknown };
    let text = words(session, open);
    let question = Question { text: &text, page: place.page(open.id) };
    match session.line.ask(&session.gate, request, &question).await {
        Heard::Said(said) => hear(session, open, question.page.is_some(), said).await,
        Heard::Left => Told::Left,
        Heard::Cannot | Heard::Nothing => Told::Unknown,
    }
}

/// By an answer that wants another round; nothing if it cannot be had.
fn ask_again(session: &Session, request: &Request, open: Open<'_>) -> Option<Told> {
    let message = open.call.message.root();
    if !request.has_rounds {
        return None;
    }
    let place = place(session, Abilities::declared(message), open)?;
    let text = words(session, open);
    let question = Question { text: &text, page: place.page(open.id) };
    let ticket = Ticket {
        kind: if question.page.is_some() { Kind::Page } else { Kind::Form },
        approval: open.id.to_owned(),
        call: returned::named(&session.gate, message),
        expires_ms: clock::wall_ms().saturating_add(open.left_ms),
        nonce: random::hex::<16>().ok()?,
        held: round::held(message),
    };
    let result = question.input_required(&ticket.seal(&session.gate.ways.seals)?);
    Some(Told::Again(Answer::plain(answer::result(&request.id_raw, &result))))
}

/// A page comes first, if anybody can answer there: the gateway knows who it is.
fn place(session: &Session, abilities: Abilities, open: Open<'_>) -> Option<Place> {
    match &session.gate.ways.pages {
        Some(pages) if abilities.url && !open.alone => {
            Some(Place::Page(format!("{pages}/{}", open.id)))
        }
        _ if abilities.form && open.in_client => Some(Place::Form),
        _ => None,
    }
}

impl Place {
    fn page<'a>(&'a self, id: &'a str) -> Option<Page<'a>> {
        match self {
            Self::Form => None,
            Self::Page(url) => Some(Page { url, elicitation_id: id }),
        }
    }
}

fn words(session: &Session, open: Open<'_>) -> String {
    text::question(open.call, session.client().as_deref(), open.id, open.left_ms)
}

/// To have been at a page is no answer: that is given there.
async fn hear(session: &Session, open: Open<'_>, is_page: bool, said: Said) -> Told {
    match (said, is_page) {
        (Said::Accept, true) => Told::Opened,
        (Said::Accept, false) => settle(session, open, true).await,
        (Said::Decline, false) if open.alone => settle(session, open, false).await,
        (Said::Decline, _) => {
            session.gate.ways.note_declined(open.id);
            Told::No
        }
        (Said::Cancel, _) => Told::No,
    }
}

/// Records the answer.
async fn settle(session: &Session, open: Open<'_>, yes: bool) -> Told {
    let by = Approver {
        issuer: "client".to_owned(),
        subject: session.gate.caller.grant.clone(),
        way: Way::InClient,
        grant: Some(session.gate.caller.grant.clone()),
    };
    let given = Given { yes, by, reason: None };
    match session.gate.store.answer(open.id, given).await {
        Ok(_) => Told::Settled,
        Err(AnswerError::NotInClient { .. }) => Told::Unknown,
        // It was answered meanwhile, or is over.
        Err(_) => Told::Elsewhere,
    }
}
