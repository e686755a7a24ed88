//! One message to one webhook, signed, until it is taken or it makes no sense any more.

use std::sync::Arc;
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use toolgate_policy::Webhook;
use toolgate_store::SigningKey;

use crate::clock;
use crate::report::report_seldom;
use crate::upstream::egress::{Ask, Egress};

use super::message::Message;
use super::read_secret;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Before another try, twice as long after each.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// About four minutes in all, unless the question expires before.
const TRIES_MAX: u32 = 8;

/// Why a message was not taken.
enum Untaken {
    /// Another time may be better.
    Later(String),
    /// Never in this form.
    Never(String),
}

/// Tries until somebody takes it, or `left` is over. Nothing hangs on it: the question stands
/// whatever comes of this.
pub(super) async fn deliver(to: Arc<Webhook>, message: Message, left: Duration) {
    let tries = async {
        let mut pause = PAUSE_MIN;
        for again in (0..TRIES_MAX).rev() {
            match send(&to, &message).await {
                Ok(()) => return,
                Err(Untaken::Later(why)) if again > 0 => tell(&why, "it is tried again"),
                Err(Untaken::Later(why) | Untaken::Never(why)) => {
                    return tell(&why, "the question waits all the same");
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    };
    let _ = tokio::time::timeout(left, tries).await;
}

async fn send(to: &Webhook, message: &Message) -> Result<(), Untaken> {
    // The operator wrote the URL. No redirect is followed.
    let never = |error: &dyn std::fmt::Display| Untaken::Never(error.to_string());
    let egress = Egress::new(&[&to.url]).map_err(|error| never(&error))?;
    let destination = egress.learned(&to.url).map_err(|error| never(&error))?;
    let headers = headers(to, message)?;
    let ask = Ask { method: Method::POST, headers, body: message.body.clone() };
    let later = |error| Untaken::Later(format!("{error}"));
    let answer = egress.fetch(&destination, ask).await.map_err(later)?;
    let why = format!("`{destination}` answered {}", answer.status);
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(Untaken::Later(why)),
        status if status.is_server_error() => Err(Untaken::Later(why)),
        _ => Err(Untaken::Never(why)),
    }
}

/// Signed anew with every try: a signature is good for minutes.
fn headers(to: &Webhook, message: &Message) -> Result<HeaderMap, Untaken> {
    let unusable = |why: String| Untaken::Never(format!("the secret cannot be used: {why}"));
    let odd = |_| Untaken::Never("a header cannot be written".to_owned());
    let at_s = clock::wall_ns() / 1_000_000_000;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ID, HeaderValue::try_from(&message.id).map_err(odd)?);
    headers.insert(TIMESTAMP, HeaderValue::from(at_s));
    if let Some(named) = &to.secret {
        let secret = read_secret(named).map_err(unusable)?;
        let key = SigningKey::of(&secret).map_err(unusable)?;
        let signature = key.sign(&message.id, at_s, &message.body);
        headers.insert(SIGNATURE, HeaderValue::try_from(signature).map_err(odd)?);
    }
    Ok(headers)
}

fn tell(why: &str, what: &str) {
    report_seldom(&format!(
        "a webhook (`approvals.notify`) was not told of a question: {why}; {what}"
    ));
}
