//! A client that makes itself known (RFC 7591): one without a secret, on this machine.

use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use toolgate_json::{Document, Reading, quote};

use crate::upstream::egress::{Ask, Egress};

use super::AuthError;
use super::client::{self, Client};
use super::metadata::text;
use super::token::answered;

pub(super) async fn register(
    egress: &Egress,
    endpoint: &str,
    redirect: &str,
) -> Result<Client, AuthError> {
    let to = egress.learned(endpoint)?;
    let mut headers = HeaderMap::new();
    for name in [ACCEPT, CONTENT_TYPE] {
        headers.insert(name, HeaderValue::from_static("application/json"));
    }
    let ask = Ask { method: Method::POST, headers, body: request(redirect) };
    let answer = egress.fetch(&to, ask).await?;
    let document = Document::parse(answer.body.clone(), Reading::Strict).ok();
    let root = document.as_ref().map(Document::root);
    let field = |key: &str| root.and_then(|root| text(root, key));
    if !answer.status.is_success() {
        return Err(match field("error") {
            Some(code) if answer.status.is_client_error() => {
                let description = field("error_description").unwrap_or_default();
                AuthError::refused(&to.to_string(), &code, &description)
            }
            Some(_) | None => answered(&to, answer.status),
        });
    }
    let id = field("client_id").ok_or_else(|| {
        AuthError::Unfit(format!("`{to}` answered a registration without a `client_id`"))
    })?;
    let method = field("token_endpoint_auth_method");
    let method = method.and_then(|text| client::Method::parse(&text));
    Ok(Client::new(id, field("client_secret"), method.unwrap_or(client::Method::Basic)))
}

fn request(redirect: &str) -> Bytes {
    let mut body = br#"{"client_name":"toolgate","application_type":"native","#.to_vec();
    body.extend_from_slice(br#""grant_types":["authorization_code","refresh_token"],"#);
    body.extend_from_slice(br#""response_types":["code"],"token_endpoint_auth_method":"none","#);
    body.extend_from_slice(br#""redirect_uris":["#);
    quote(redirect, &mut body);
    body.extend_from_slice(b"]}");
    body.into()
}
