//! Answers that come signed, from whoever was told of a question by a webhook.

use hyper::StatusCode;
use hyper::header::HeaderMap;
use toolgate_store::{Delivery, DeliveryError, SigningKey};

use crate::answering::{self, Said};
use crate::door::Asked;
use crate::house::House;
use crate::moment;
use crate::reply::{self, Refusal, Reply};

use super::approvals;

const HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const NAME_BYTES_MAX: usize = 128;

/// Whose secret it has to be is known only once the body was read, so it is read before anybody
/// has vouched for it, and nothing is done with what it says but look for the question.
pub(super) async fn signed_answer(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let needed = |name| asked.text(name).unwrap_or_default();
    let id = needed("id");
    let key = key(house, &id)?;
    let delivery = checked(&key, asked.headers, &asked.body)?;
    let yes = needed("decision") == "approve";
    let by = name(needed("by"))?;
    let reason = answering::reason(&needed("reason"))?;
    let said = Said { id: &id, yes, unread: asked.flag("unread"), reason };
    let approval = answering::by_delivery(house, by, delivery, said).await?;
    Ok(reply::json(StatusCode::OK, approvals::to_json(&approval)))
}

/// That of the webhook that was told of the question. Who signs with nothing hears the same of a
/// question that is not there as of one whose secret is another.
fn key(house: &House, id: &str) -> Result<SigningKey, Refusal> {
    let found = house.read(|readers| readers.approvals.show(id))?;
    let source = found.and_then(|approval| approval.signed_by);
    let source = source.ok_or_else(|| unsigned(&DeliveryError::Signature))?;
    let unusable = |why: String| {
        let text = format!("the secret of this question's webhook cannot be used here: {why}");
        Refusal::unavailable(&text)
    };
    let secret = (house.read_secret)(&source).map_err(unusable)?;
    SigningKey::of(&secret).map_err(unusable)
}

fn checked(key: &SigningKey, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal> {
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    let [Some(id), Some(timestamp), Some(signature)] = HEADERS.map(one) else {
        return Err(unsigned(&DeliveryError::Headers));
    };
    let checked = key.check([id, timestamp, signature], body, moment::now_ms());
    checked.map_err(|error| unsigned(&error))
}

fn unsigned(error: &DeliveryError) -> Refusal {
    let code = match error {
        DeliveryError::Headers => "headers",
        DeliveryError::Signature => "signature",
        DeliveryError::Stale => "stale",
    };
    Refusal::new(StatusCode::UNAUTHORIZED, code, error.to_string())
}

/// It stands in records: one visible word, as the names of accounts.
fn name(by: String) -> Result<String, Refusal> {
    let plain = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    if by.is_empty() || by.len() > NAME_BYTES_MAX || !by.chars().all(plain) {
        let text = "`by` is a name of letters, digits and `._-@+`, at most 128 bytes";
        return Err(Refusal::bad_request(text));
    }
    Ok(by)
}
