//! Questions as JSON, and answers to them.

use hyper::StatusCode;
use toolgate_store::{Approval, Given, State, Which};

use crate::answering::{self, Said};
use crate::door::Asked;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::reply::{self, Refusal, Reply};
use crate::{moment, random};

use super::read;

pub(super) fn list(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let wanted = state(asked.query)?;
    let which = if wanted == Some(State::Pending) { Which::Pending } else { Which::All };
    let all = house.read(|readers| readers.approvals.list(which))?;
    let matching = all.iter().filter(|one| wanted.is_none_or(|state| one.state == state));
    let approvals = json::array(matching.map(to_json));
    let object = Object::new().raw("version", "1").raw("approvals", &approvals);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

pub(super) fn show(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let found = house.read(|readers| readers.approvals.show(asked.id()))?;
    let approval = found.ok_or_else(|| answering::unknown(asked.id()))?;
    Ok(reply::json(StatusCode::OK, to_json(&approval)))
}

pub(super) async fn answer(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
    yes: bool,
) -> Result<Reply, Refusal> {
    let said = Said { id: asked.id(), yes, reason: reason(asked)? };
    let approval = answering::by_account(house, somebody, said).await?;
    Ok(reply::json(StatusCode::OK, to_json(&approval)))
}

/// `state=pending` and the like; nothing for all.
fn state(query: &str) -> Result<Option<State>, Refusal> {
    if query.is_empty() {
        return Ok(None);
    }
    let states = "`approved`, `denied`, `expired`, `pending`, `used` or `withdrawn`";
    let wrong = || Refusal::bad_request(format!("the only parameter is `state`: {states}"));
    let form = Form::parse(query).ok_or_else(wrong)?;
    form.one("state").and_then(State::parse).map(Some).ok_or_else(wrong)
}

/// A body says why, or there is none.
fn reason(asked: &Asked<'_>) -> Result<Option<String>, Refusal> {
    if asked.body.is_empty() {
        return Ok(None);
    }
    let document = read::object(asked.body.clone(), &["reason"])?;
    answering::reason(&read::text(&document, "reason")?.unwrap_or_default())
}

pub(super) fn to_json(approval: &Approval) -> String {
    let caller = &approval.caller;
    let principal = Object::new()
        .text("issuer", &caller.principal.issuer)
        .text("subject", &caller.principal.subject)
        .finish();
    let rules = approval.rules.iter().map(|rule| {
        let layer = rule.layer.to_string();
        Object::new().text("pointer", &rule.pointer).raw("layer", &layer).finish()
    });
    let names = approval.approvers.iter().map(|name| json::string(name));
    let fingerprint = approval.fingerprint.as_ref().map(|bytes| random::hex(bytes));
    let object = Object::new()
        .text("id", &approval.id)
        .text("state", approval.state.as_str())
        .text("server", &caller.server)
        .text("grant", &caller.grant)
        .raw("principal", &principal)
        .maybe_text("client", approval.client.as_deref())
        .text("method", &approval.method)
        .maybe_text("tool", approval.tool.as_deref())
        .maybe_text("fingerprint", fingerprint.as_deref())
        .raw("rules", &json::array(rules))
        .maybe_text("words", approval.words.as_deref())
        .raw("approvers", &json::array(names))
        .text("revision", &approval.revision)
        .text("decision_id", &approval.decision_id)
        .text("asked", &moment::utc(approval.asked_ms))
        .text("expires", &moment::utc(approval.expires_ms))
        .raw("left_ms", &approval.left_ms.to_string());
    let object = arguments(object, approval);
    let object = match &approval.given {
        Some(given) => object.raw("answer", &answer_json(given)),
        None => object,
    };
    object.maybe_text("used", approval.used.as_deref()).finish()
}

/// As they are, or their start as a text where not all of it is kept.
fn arguments(object: Object, approval: &Approval) -> Object {
    let object = object.raw("arguments_bytes", &approval.arguments_bytes.to_string());
    match approval.arguments.as_deref().filter(|text| !text.is_empty()) {
        Some(text) if approval.is_cut() => object.text("arguments_start", text),
        Some(text) => object.raw("arguments", text),
        None => object,
    }
}

fn answer_json(given: &Given) -> String {
    Object::new()
        .raw("yes", if given.yes { "true" } else { "false" })
        .text("by", &given.name())
        .text("way", given.way.as_str())
        .maybe_text("reason", given.reason.as_deref())
        .text("at", &moment::utc(given.answered_ms))
        .finish()
}
