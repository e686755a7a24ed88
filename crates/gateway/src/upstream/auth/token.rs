//! The token endpoint: one request, one answer (OAuth 2.1 section 3.2).

use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use toolgate_json::{Document, Reading, Value};

use crate::upstream::egress::{Answer, Ask, Destination, Egress};

use super::client::Client;
use super::metadata::text;
use super::words::harmless;
use super::{AuthError, form};

/// What an authorization server granted. Not `Debug`: it is nothing but secrets.
pub(super) struct Granted {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    /// From now on.
    pub(super) lifetime_s: Option<u64>,
}

/// Asks `endpoint` with `fields`, for `resource` only (RFC 8707).
pub(super) async fn ask(
    egress: &Egress,
    endpoint: &str,
    client: &Client,
    fields: &[(&'static str, &str)],
) -> Result<Granted, AuthError> {
    let to = egress.learned(endpoint)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, form);
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (*name, (*value).into())).collect();
    client.prove(&mut pairs, &mut headers);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = Bytes::from(form::encode(&pairs));
    let answer = egress.fetch(&to, Ask { method: Method::POST, headers, body }).await?;
    read(&to, &answer)
}

fn read(to: &Destination, answer: &Answer) -> Result<Granted, AuthError> {
    let document = Document::parse(answer.body.clone(), Reading::Strict).ok();
    let root = document.as_ref().map(Document::root);
    if answer.status != StatusCode::OK {
        return Err(refusal(to, answer.status, root));
    }
    let unfit = |what: &str| AuthError::Unfit(format!("`{to}` answered a token request {what}"));
    let root = root.ok_or_else(|| unfit("with something that is not JSON"))?;
    let kind = text(root, "token_type").unwrap_or_default();
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(unfit(&format!("with a token of type `{}`, not `Bearer`", harmless(&kind))));
    }
    let access = text(root, "access_token").filter(|token| is_token(token));
    let lifetime = root.get("expires_in").and_then(|value| {
        let text = value.as_str().or_else(|| value.as_number().map(Into::into))?;
        text.split('.').next()?.parse().ok()
    });
    Ok(Granted {
        access: access.ok_or_else(|| unfit("without a usable `access_token`"))?,
        refresh: text(root, "refresh_token"),
        lifetime_s: lifetime,
    })
}

/// RFC 6749, section 5.2; anything else is trouble that may pass.
fn refusal(to: &Destination, status: StatusCode, root: Option<Value<'_>>) -> AuthError {
    match root.and_then(|root| Some((text(root, "error")?, text(root, "error_description")))) {
        Some((code, description)) if status.is_client_error() => {
            AuthError::refused(&to.to_string(), &code, &description.unwrap_or_default())
        }
        Some(_) | None => answered(to, status),
    }
}

/// A status that says nothing else.
pub(super) fn answered(to: &Destination, status: StatusCode) -> AuthError {
    let text = format!("`{to}` answered {}", status.as_u16());
    if status.is_redirection() {
        return AuthError::Unfit(format!("{text}; redirects are not followed"));
    }
    AuthError::Unreachable(text)
}

/// RFC 6750, section 2.1, and whatever else can stand in a header without harm.
fn is_token(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_graphic())
}
