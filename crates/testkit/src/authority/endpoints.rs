//! The authorization server: metadata, registration, login, tokens.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::guard::lock;

use super::book::{Book, Client, Code, Login, Seen};
use super::wire::{self, Reply, Site, empty, escape};

pub(super) struct Endpoints {
    book: Arc<Mutex<Book>>,
}

/// RFC 6749, section 5.2.
struct No(u16, &'static str, &'static str);

impl Endpoints {
    pub(super) fn new(book: Arc<Mutex<Book>>) -> Endpoints {
        Endpoints { book }
    }
}

impl Site for Endpoints {
    async fn answer(&self, mut seen: Seen, _headers: HeaderMap) -> Reply {
        let mut book = lock(&self.book);
        let reply = match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/.well-known/oauth-authorization-server") => metadata(&book),
            ("GET", "/authorize") => authorize(&mut book, &seen),
            ("POST", "/register") if book.rules.has_registration => register(&mut book, &seen),
            ("POST", "/token") => token(&mut book, &seen),
            _ => empty(404),
        };
        seen.status = reply.status().as_u16();
        book.seen.push(seen);
        reply
    }
}

fn metadata(book: &Book) -> Reply {
    let (rules, issuer) = (&book.rules, &book.issuer);
    let own = |path: &str| format!("{issuer}{path}");
    let or_own = |url: &Option<String>, path| url.clone().unwrap_or_else(|| own(path));
    let mut document = json!({
        "issuer": or_own(&rules.issuer, ""),
        "authorization_endpoint": or_own(&rules.authorization_endpoint, "/authorize"),
        "token_endpoint": or_own(&rules.token_endpoint, "/token"),
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": rules.client_methods,
        "authorization_response_iss_parameter_supported": rules.iss.is_some(),
    });
    if rules.has_s256 {
        document["code_challenge_methods_supported"] = json!(["plain", "S256"]);
    }
    if rules.has_registration {
        document["registration_endpoint"] = json!(own("/register"));
    }
    if !rules.scopes.is_empty() {
        document["scopes_supported"] = json!(rules.scopes);
    }
    wire::json(200, &document)
}

/// RFC 7591.
fn register(book: &mut Book, seen: &Seen) -> Reply {
    let asked: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let redirects: Option<Vec<String>> =
        serde_json::from_value(asked["redirect_uris"].clone()).ok();
    let local = |url: &String| url.starts_with("http://127.0.0.1:");
    let Some(redirects) = redirects.filter(|urls| !urls.is_empty() && urls.iter().all(local))
    else {
        return wire::json(400, &json!({"error": "invalid_redirect_uri"}));
    };
    let id = format!("registered-{}", book.number());
    let client = Client { secret: None, redirects: Some(redirects) };
    book.clients.insert(id.clone(), client);
    wire::json(201, &json!({"client_id": id, "token_endpoint_auth_method": "none"}))
}

/// The person agrees at once. Nobody is redirected to where the client does not live.
fn authorize(book: &mut Book, seen: &Seen) -> Reply {
    let field = |name| seen.field(name).unwrap_or_default();
    let (id, redirect) = (field("client_id"), field("redirect_uri"));
    let fits = book.clients.get(id).is_some_and(|client| match &client.redirects {
        Some(known) => known.iter().any(|url| url == redirect),
        None => redirect.starts_with("http://127.0.0.1:"),
    });
    let whole = field("response_type") == "code"
        && field("code_challenge_method") == "S256"
        && field("code_challenge").len() == 43
        && field("resource") == book.rules.resource.as_deref().unwrap_or(&book.url);
    if !fits || !whole {
        return wire::json(400, &json!({"error": "invalid_request"}));
    }
    let answer = if let Some((error, words)) = &book.rules.denied {
        format!("error={}&error_description={}", escape(error), escape(words))
    } else {
        let code = format!("c0de-{}", book.number());
        let [client, redirect, challenge] =
            [id, redirect, field("code_challenge")].map(str::to_owned);
        book.codes.insert(code.clone(), Code { client, redirect, challenge });
        format!("code={code}")
    };
    let iss = book.rules.iss.as_ref().map(|iss| iss.as_deref().unwrap_or(&book.issuer));
    let iss = iss.map(|iss| format!("&iss={}", escape(iss))).unwrap_or_default();
    let answer = format!("{answer}&state={}{iss}", escape(field("state")));
    let mut reply = empty(302);
    wire::header(&mut reply, "location", &format!("{redirect}?{answer}"));
    reply
}

fn token(book: &mut Book, seen: &Seen) -> Reply {
    if let Some(status) = book.rules.token_status {
        let mut reply = empty(status);
        wire::header(&mut reply, "location", &format!("{}/elsewhere", book.issuer));
        return reply;
    }
    if let Some((error, words)) = &book.rules.refused {
        return wire::json(400, &json!({"error": error, "error_description": words}));
    }
    match grant(book, seen) {
        Ok(granted) => wire::json(200, &granted),
        Err(No(status, error, words)) => {
            wire::json(status, &json!({"error": error, "error_description": words}))
        }
    }
}

fn grant(book: &mut Book, seen: &Seen) -> Result<Value, No> {
    let field = |name| seen.field(name).unwrap_or_default();
    let (id, proved) = client(book, seen)?;
    let wanted = book.rules.resource.as_deref().unwrap_or(&book.url);
    if field("resource") != wanted {
        return Err(No(400, "invalid_target", "the resource is another"));
    }
    let login = match field("grant_type") {
        "authorization_code" => {
            redeem(book, seen, &id)?;
            Some(Login { number: book.number(), client: id })
        }
        "refresh_token" => {
            let spent = book.spend(field("refresh_token"), &id);
            Some(spent.ok_or(No(400, "invalid_grant", "the refresh token is not good"))?)
        }
        "client_credentials" if proved => None,
        "client_credentials" => return Err(No(401, "invalid_client", "this needs a secret")),
        _ => return Err(No(400, "unsupported_grant_type", "")),
    };
    let mut granted =
        json!({"access_token": book.access_token(), "token_type": book.rules.token_type});
    if let Some(seconds) = book.rules.expires_in_s {
        granted["expires_in"] = json!(seconds);
    }
    if let Some(login) = login.filter(|_| book.rules.has_refresh) {
        granted["refresh_token"] = json!(book.refresh_token(login));
    }
    Ok(granted)
}

fn redeem(book: &mut Book, seen: &Seen, id: &str) -> Result<(), No> {
    let field = |name| seen.field(name).unwrap_or_default();
    let code = book.codes.remove(field("code"));
    let code = code.ok_or(No(400, "invalid_grant", "no such code, or used before"))?;
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    if code.client != id || code.redirect != field("redirect_uri") || code.challenge != proof {
        return Err(No(400, "invalid_grant", "the code was for somebody else"));
    }
    Ok(())
}

/// Who asks, and whether by a secret. In one way only (RFC 6749, section 2.3).
fn client(book: &Book, seen: &Seen) -> Result<(String, bool), No> {
    let no = No(401, "invalid_client", "unknown client, or not its secret");
    let basic = seen.header("authorization").map(|value| {
        let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (id, secret) = pair.split_once(':')?;
        Some(("client_secret_basic", wire::unescape(id), Some(wire::unescape(secret))))
    });
    let (method, id, secret) = match (basic, seen.field("client_id"), seen.field("client_secret")) {
        (Some(Some(basic)), None, None) => basic,
        (None, Some(id), Some(secret)) => {
            ("client_secret_post", id.to_owned(), Some(secret.to_owned()))
        }
        (None, Some(id), None) => ("none", id.to_owned(), None),
        _ => return Err(no),
    };
    let known = book.clients.get(&id).filter(|client| client.secret == secret);
    if known.is_none() || !book.rules.client_methods.contains(&method) {
        return Err(no);
    }
    Ok((id, secret.is_some()))
}
