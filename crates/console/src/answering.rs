//! An answer, whichever way it came: what is asked of it before the store hears it, and what the
//! store's refusal means to whoever gave it.

use hyper::StatusCode;
use toolgate_store::{Answer, AnswerError, Approval, Approver, Delivery, Power, Way};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::Refusal;

/// Accounts are vouched for by toolgate itself.
const ISSUER: &str = "toolgate";
const WEBHOOK: &str = "webhook";

const REASON_CHARS_MAX: usize = 500;

/// A yes or a no to one question, and why.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) id: &'a str,
    pub(crate) yes: bool,
    /// Whoever says yes knows that more was sent than anybody can read here.
    pub(crate) unread: bool,
    pub(crate) reason: Option<String>,
}

pub(crate) async fn by_account(
    house: &House,
    somebody: &Somebody,
    said: Said<'_>,
) -> Result<Approval, Refusal> {
    let approval = house.read(|readers| readers.approvals.show(said.id))?;
    let approval = approval.ok_or_else(|| unknown(said.id))?;
    somebody.check_at(Power::Answer, [&*approval.caller.server])?;
    check_read(&approval, &said)?;
    let (issuer, subject) = (ISSUER.to_owned(), somebody.account.name.clone());
    let by = Approver { issuer, subject, way: Way::Console, grant: None };
    let answer = Answer { yes: said.yes, by, reason: said.reason };
    house.store.answer(said.id, answer).await.map_err(|error| refusal(&error))
}

/// By whomever the holder of a webhook's secret names.
pub(crate) async fn by_delivery(
    house: &House,
    name: String,
    delivery: Delivery,
    said: Said<'_>,
) -> Result<Approval, Refusal> {
    let approval = house.read(|readers| readers.approvals.show(said.id))?;
    check_read(&approval.ok_or_else(|| unknown(said.id))?, &said)?;
    let way = Way::Webhook;
    let by = Approver { issuer: WEBHOOK.to_owned(), subject: name, way, grant: None };
    let answer = Answer { yes: said.yes, by, reason: said.reason };
    let answered = house.store.answer_delivered(said.id, answer, delivery).await;
    answered.map_err(|error| refusal(&error))
}

/// Nobody says yes by mistake to what they cannot have read.
fn check_read(approval: &Approval, said: &Said<'_>) -> Result<(), Refusal> {
    if said.yes && approval.is_cut() && !said.unread {
        let text = format!(
            "only the start of the arguments ({} bytes) is kept: deny, or say `unread` to approve \
             them all the same",
            approval.arguments_bytes
        );
        return Err(Refusal::new(StatusCode::CONFLICT, "unread", text));
    }
    Ok(())
}

/// Nothing where nothing was written.
pub(crate) fn reason(text: &str) -> Result<Option<String>, Refusal> {
    let text = text.trim();
    if text.chars().count() > REASON_CHARS_MAX {
        let text = format!("the reason is longer than {REASON_CHARS_MAX} characters");
        return Err(Refusal::bad_request(text));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

pub(crate) fn unknown(id: &str) -> Refusal {
    refusal(&AnswerError::Unknown { id: id.to_owned() })
}

pub(crate) fn refusal(error: &AnswerError) -> Refusal {
    let (status, code) = match error {
        AnswerError::Answered { .. } => (StatusCode::CONFLICT, "answered"),
        AnswerError::Expired { .. } => (StatusCode::CONFLICT, "expired"),
        AnswerError::NotAnApprover { .. } => (StatusCode::FORBIDDEN, "not_an_approver"),
        AnswerError::NotInClient { .. } => (StatusCode::FORBIDDEN, "not_in_client"),
        AnswerError::OwnCall { .. } => (StatusCode::FORBIDDEN, "own_call"),
        AnswerError::Replayed { .. } => (StatusCode::CONFLICT, "replayed"),
        AnswerError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        AnswerError::Unknown { .. } => (StatusCode::NOT_FOUND, "unknown"),
        AnswerError::Used { .. } => (StatusCode::CONFLICT, "used"),
        AnswerError::Withdrawn { .. } => (StatusCode::CONFLICT, "withdrawn"),
    };
    Refusal::new(status, code, error.to_string())
}
