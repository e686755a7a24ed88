//! Questions as JSON, and answers to them.

use hyper::StatusCode;
use toolgate_store::{Approval, Given, State, Which};

use crate::answering::{self, Said};
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::reply::{self, Refusal, Reply};
use crate::{moment, random};

use super::told::{Field, Of, Shape};

const STATES: Of = Of::Word(&["approved", "denied", "expired", "pending", "used", "withdrawn"]);

pub(super) const QUERY: &[Field] = &[Field::maybe("state", STATES, "Only those in this state")];

const UNREAD: Field = Field::maybe(
    "unread",
    Of::Flag,
    "Needed for a yes where only the start of the arguments is kept",
);

pub(super) const REASON: Shape = Shape::of(
    "Reason",
    &[
        Field::maybe("reason", Of::Text, "Why, in at most 500 characters; the agent hears it"),
        UNREAD,
    ],
);

pub(super) const SIGNED: Shape = Shape::of(
    "SignedAnswer",
    &[
        Field::needed("id", Of::Text, ""),
        Field::needed("decision", Of::Word(&["approve", "deny"]), ""),
        Field::needed("by", Of::Text, "Who says so"),
        Field::maybe("reason", Of::Text, "Why, in at most 500 characters; the agent hears it"),
        UNREAD,
    ],
);

pub(super) const ALL: Shape = Shape::of(
    "Approvals",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("approvals", Of::List(&Of::Shape(&ONE)), "Oldest first"),
    ],
);

pub(super) const ONE: Shape = Shape::of(
    "Approval",
    &[
        Field::needed("id", Of::Text, ""),
        Field::needed("state", STATES, ""),
        Field::needed("server", Of::Text, ""),
        Field::needed("grant", Of::Text, ""),
        Field::needed("principal", Of::Shape(&PRINCIPAL), "Who calls"),
        Field::maybe("client", Of::Text, "What it calls itself"),
        Field::needed("method", Of::Text, ""),
        Field::maybe("tool", Of::Text, ""),
        Field::maybe("fingerprint", Of::Text, "Of the tool's definition that the yes is bound to"),
        Field::needed("rules", Of::List(&Of::Shape(&RULE)), "Those that want it"),
        Field::maybe("words", Of::Text, "Of the rules"),
        Field::needed("approvers", Of::List(&Of::Text), "Who may answer; empty for all who may"),
        Field::needed("revision", Of::Text, "Of the policy"),
        Field::needed("decision_id", Of::Text, "The record that asks"),
        Field::needed("asked", Of::Moment, ""),
        Field::needed("expires", Of::Moment, ""),
        Field::needed("left_ms", Of::Number, ""),
        Field::needed("arguments_bytes", Of::Number, ""),
        Field::maybe("arguments", Of::Any, "Canonical; gone once the question has ended"),
        Field::maybe("arguments_start", Of::Text, "In their place where more than 256 KiB came"),
        Field::maybe("answer", Of::Shape(&GIVEN), ""),
        Field::maybe("used", Of::Text, "The decision that let the call through"),
    ],
);

const PRINCIPAL: Shape = Shape::of(
    "Principal",
    &[Field::needed("issuer", Of::Text, ""), Field::needed("subject", Of::Text, "")],
);

const RULE: Shape = Shape::of(
    "Rule",
    &[
        Field::needed("pointer", Of::Text, "Where it stands in its document"),
        Field::needed("layer", Of::Number, "Which policy that is in; 0 is the outermost"),
    ],
);

const GIVEN: Shape = Shape::of(
    "Answer",
    &[
        Field::needed("yes", Of::Flag, ""),
        Field::needed("by", Of::Text, ""),
        Field::needed("way", Of::Text, ""),
        Field::maybe("reason", Of::Text, ""),
        Field::needed("at", Of::Moment, ""),
    ],
);

pub(super) fn list(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let wanted = asked.parameter("state").and_then(State::parse);
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
    let said = Said {
        id: asked.id(),
        yes,
        unread: asked.flag("unread"),
        reason: answering::reason(&asked.text("reason").unwrap_or_default())?,
    };
    let approval = answering::by_account(house, somebody, said).await?;
    Ok(reply::json(StatusCode::OK, to_json(&approval)))
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
