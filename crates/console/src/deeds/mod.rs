//! What people change: asked for by a page or by a program, checked once, and done in one
//! transaction with its record.

pub(crate) mod account;
pub(crate) mod freeze;
pub(crate) mod grant;
pub(crate) mod organization;
pub(crate) mod policy;
pub(crate) mod server;

use hyper::StatusCode;
use toolgate_store::{Act, ChangeError};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::Refusal;

const NAME_BYTES_MAX: usize = 128;

/// Does all acts, or none. A gateway on the same state takes them up by itself.
pub(crate) async fn change(
    house: &House,
    somebody: &Somebody,
    acts: Vec<Act>,
) -> Result<(), Refusal> {
    changed(house, acts, &format!("account:{}", somebody.account.name)).await
}

async fn changed(house: &House, acts: Vec<Act>, by: &str) -> Result<(), Refusal> {
    match house.store.change(acts, by).await {
        Ok(_) => Ok(()),
        Err(ChangeError::Rejected(why)) => {
            Err(Refusal::new(StatusCode::CONFLICT, "rejected", why.to_string()))
        }
        Err(ChangeError::Unavailable(why)) => Err(Refusal::unavailable(&why.to_string())),
    }
}

/// Names stand in counters, records and lines for people: one visible word.
pub(crate) fn one_word(what: &str, name: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(plain) {
        let text = format!(
            "{what} is not a name: use letters, digits and `._-@+`, at most {NAME_BYTES_MAX} bytes"
        );
        return Err(Refusal::bad_request(text));
    }
    Ok(name.to_owned())
}

pub(crate) fn not_found(text: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "unknown", text)
}
