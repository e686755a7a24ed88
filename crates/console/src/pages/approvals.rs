//! The questions that wait for a person, and each of them with all that is known.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::{self, Look};
use toolgate_store::{Approval, Given, State, Way, Which};

use crate::answering::{self, Said};
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::random;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;

use super::arguments::Arguments;
use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::precedent::{self, Precedent};
use super::render;
use super::sign_in::{check_nonce, posted};

#[derive(Template)]
#[template(path = "approvals.html")]
struct List {
    frame: Frame,
    pending: Vec<Line>,
    ended: Vec<Line>,
    more: usize,
}

/// One question among others.
struct Line {
    id: String,
    what: Foreign,
    server: Foreign,
    who: Foreign,
    /// How the arguments begin.
    start: Option<Foreign>,
    asked: String,
    when: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "approval.html")]
struct Page {
    frame: Frame,
    id: String,
    what: Foreign,
    method: Foreign,
    server: Foreign,
    principal: Foreign,
    grant: Foreign,
    client: Option<Foreign>,
    words: Option<Foreign>,
    rules: Vec<(Foreign, usize)>,
    approvers: Vec<Foreign>,
    fingerprint: Option<String>,
    decision_id: String,
    asked: String,
    expires: String,
    left: String,
    state: &'static str,
    answered: Option<Answered>,
    used: Option<String>,
    arguments: Option<Arguments>,
    has_arguments: bool,
    is_cut: bool,
    arguments_bytes: u64,
    precedent: Precedent,
    forms: Option<Forms>,
}

struct Answered {
    yes: bool,
    by: Foreign,
    way: &'static str,
    when: String,
    reason: Option<Foreign>,
}

/// Of somebody who may answer.
struct Forms {
    approve: String,
    deny: String,
    /// Whether a yes needs the word that what is folded was looked at.
    looked: bool,
}

const ENDED_MAX: usize = 50;
/// Enough to tell questions apart; nobody can answer where only these are shown.
const START_CHARS: usize = 140;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/approvals", Session(Look, |house, who, _| Box::pin(list(house, who)))),
    Route::get(
        "/approvals/*",
        Session(Look, |house, who, asked| Box::pin(show(house, who, asked))),
    ),
    Route::post(
        "/approvals/*/approve",
        Session(Power::Answer, |house, who, asked| Box::pin(answer(house, who, asked, true))),
    ),
    Route::post(
        "/approvals/*/deny",
        Session(Power::Answer, |house, who, asked| Box::pin(answer(house, who, asked, false))),
    ),
];

async fn list(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    let all = house.apart(|readers| readers.approvals.list(Which::All)).await?;
    let (pending, mut ended): (Vec<_>, Vec<_>) =
        all.iter().partition(|approval| approval.state == State::Pending);
    ended.reverse();
    let more = ended.len().saturating_sub(ENDED_MAX);
    let page = List {
        frame: Frame::new(house, somebody, "Approvals", Section::Approvals),
        pending: pending.into_iter().map(line).collect(),
        ended: ended.into_iter().take(ENDED_MAX).map(line).collect(),
        more,
    };
    render(StatusCode::OK, &page)
}

fn line(approval: &Approval) -> Line {
    let now_ms = moment::now_ms();
    let age = |at_ms: u64| format!("{} ago", moment::span(now_ms.saturating_sub(at_ms)));
    let when = match (&approval.given, approval.state) {
        (_, State::Pending) => format!("{} left", moment::span(approval.left_ms)),
        (Some(given), _) => age(given.answered_ms),
        (None, _) => String::new(),
    };
    Line {
        id: approval.id.clone(),
        what: Foreign::of(what(approval)),
        server: Foreign::of(&approval.caller.server),
        who: Foreign::of(&principal(approval)),
        start: approval.arguments.as_deref().filter(|text| !text.is_empty()).map(start),
        asked: age(approval.asked_ms),
        when,
        state: state(approval.state),
    }
}

fn start(arguments: &str) -> Foreign {
    let start: String = arguments.chars().take(START_CHARS).collect();
    let more = if start.len() < arguments.len() { " …" } else { "" };
    Foreign::of(&(start + more))
}

async fn show(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let approval = find(house, asked.id())?;
    let precedent = precedent::of(house, &approval).await?;
    render(StatusCode::OK, &Page { precedent, ..page(house, somebody, &approval) })
}

/// Acts on a posted form, then leads back to the page.
async fn answer(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
    yes: bool,
) -> Result<Reply, Refusal> {
    let form = posted(asked)?;
    check_nonce(somebody, asked.path, &form)?;
    let reason = answering::reason(form.one("reason").unwrap_or_default())?;
    if yes {
        let approval = find(house, asked.id())?;
        check_looked(&approval, form.one("looked"))?;
    }
    let said = Said { id: asked.id(), yes, unread: form.one("looked") == Some("yes"), reason };
    answering::by_account(house, somebody, said).await?;
    Ok(reply::see(&format!("/approvals/{}", asked.id())))
}

/// Nobody says yes to what they cannot have seen.
fn check_looked(approval: &Approval, looked: Option<&str>) -> Result<(), Refusal> {
    if must_look(approval) && looked != Some("yes") {
        let text = "long arguments are folded: look at all of them, and say that you did";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "not_looked", text));
    }
    Ok(())
}

fn must_look(approval: &Approval) -> bool {
    let arguments = approval.arguments.as_deref().map(Arguments::of);
    approval.is_cut() || arguments.is_some_and(|arguments| arguments.is_folded())
}

fn find(house: &House, id: &str) -> Result<Approval, Refusal> {
    let found = house.read(|readers| readers.approvals.show(id))?;
    found.ok_or_else(|| answering::unknown(id))
}

fn page(house: &House, somebody: &Somebody, approval: &Approval) -> Page {
    let id = approval.id.clone();
    let arguments = approval.arguments.as_deref().filter(|text| !text.is_empty());
    let open = approval.state == State::Pending;
    let session = somebody.session.as_ref().filter(|_| open && somebody.may(Power::Answer));
    let forms = session.map(|session| Forms {
        approve: session.nonce(&format!("/approvals/{id}/approve")),
        deny: session.nonce(&format!("/approvals/{id}/deny")),
        looked: must_look(approval),
    });
    let rule = |rule: &toolgate_store::Rule| (Foreign::of(&rule.pointer), rule.layer);
    let title = format!("{} at {}", what(approval), approval.caller.server);
    Page {
        frame: Frame::new(house, somebody, toolgate_catalog::visible(&title), Section::Approvals),
        what: Foreign::of(what(approval)),
        method: Foreign::of(&approval.method),
        server: Foreign::of(&approval.caller.server),
        principal: Foreign::of(&principal(approval)),
        grant: Foreign::of(&approval.caller.grant),
        client: approval.client.as_deref().map(Foreign::of),
        words: approval.words.as_deref().map(Foreign::of),
        rules: approval.rules.iter().map(rule).collect(),
        approvers: approval.approvers.iter().map(|name| Foreign::of(name)).collect(),
        fingerprint: approval.fingerprint.as_ref().map(|bytes| random::hex(bytes)),
        decision_id: approval.decision_id.clone(),
        asked: moment::readable(approval.asked_ms),
        expires: moment::readable(approval.expires_ms),
        left: if open { moment::span(approval.left_ms) } else { String::new() },
        state: state(approval.state),
        answered: approval.given.as_ref().map(answered),
        used: approval.used.clone(),
        has_arguments: approval.arguments_bytes > 0,
        arguments: arguments.map(Arguments::of),
        is_cut: approval.arguments.is_some() && approval.is_cut(),
        arguments_bytes: approval.arguments_bytes,
        precedent: Precedent::default(),
        forms,
        id,
    }
}

fn answered(given: &Given) -> Answered {
    let way = match given.way {
        Way::Cli => "on the command line",
        Way::Console => "here",
        Way::InClient => "through the client that makes the call",
        Way::Webhook => "by a signed answer",
    };
    Answered {
        yes: given.yes,
        by: Foreign::of(&given.name()),
        way,
        when: moment::readable(given.answered_ms),
        reason: given.reason.as_deref().map(Foreign::of),
    }
}

fn what(approval: &Approval) -> &str {
    approval.tool.as_deref().unwrap_or(&approval.method)
}

fn principal(approval: &Approval) -> String {
    let principal = &approval.caller.principal;
    format!("{}:{}", principal.issuer, principal.subject)
}

pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Approved => "approved, not used yet",
        State::Denied => "denied",
        State::Expired => "expired",
        State::Pending => "waiting",
        State::Used => "approved and used",
        State::Withdrawn => "withdrawn",
    }
}
