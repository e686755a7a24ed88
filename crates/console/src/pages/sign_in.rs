//! Signing in and out.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::Look;

use crate::cookie::Cookie;
use crate::door::Asked;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::random;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::{Anyone, Session};
use crate::route::Route;
use crate::session::LIFETIME;
use crate::{moment, route};

use super::frame::Frame;
use super::render;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    frame: Frame,
    /// What was wrong with the last try; empty if there was none.
    fault: &'a str,
    nonce: &'a str,
    next: &'a str,
    lifetime: String,
}

const NEXT: &str = "/";
pub(super) const FORM_LIFETIME_S: u64 = 60 * 60;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/sign-in", Anyone(|house, asked| Box::pin(async { form(house, asked) }))),
    Route::post("/sign-in", Anyone(|house, asked| Box::pin(sign_in(house, asked)))),
    Route::post(
        "/sign-out",
        Session(Look, |house, who, asked| Box::pin(async { sign_out(house, who, asked) })),
    ),
];

/// The page itself.
fn form(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    page(house, asked, (StatusCode::OK, ""), NEXT)
}

/// In place of a page that is only for somebody who has signed in.
pub(crate) fn wanted(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let status = if asked.path == "/" { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    page(house, asked, (status, ""), asked.path)
}

async fn sign_in(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = posted(asked)?;
    let sent = form.one("nonce").unwrap_or_default();
    let own = Cookie::Form.read(asked.headers, house.edge.secure);
    let next = form.one("next").unwrap_or_default();
    if !own.is_some_and(|own| random::same(&own, sent)) {
        let text = "The form had expired, or this browser takes no cookies. Try again.";
        return page(house, asked, (StatusCode::FORBIDDEN, text), next);
    }
    let found = match form.typed("name") {
        Some(name) => house.by_password(name, form.one("password").unwrap_or_default()).await,
        None => house.by_token(form.one("token").unwrap_or_default().trim()),
    };
    let (account, hash) = match found {
        Ok(found) => found,
        Err(refusal) if refusal.status == StatusCode::SERVICE_UNAVAILABLE => return Err(refusal),
        Err(refusal) => {
            let page = page(house, asked, (refusal.status, &refusal.text), next)?;
            return Ok(refusal.dress(page));
        }
    };
    let name = house.sessions.begin(&account, hash)?;
    let secure = house.edge.secure;
    let reply = reply::see(if route::is_page(next) { next } else { NEXT });
    let reply = reply::with_cookie(reply, &Cookie::Form.clear(secure));
    Ok(reply::with_cookie(reply, &Cookie::Session.set(&name, LIFETIME.as_secs(), secure)))
}

fn sign_out(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    check_nonce(somebody, asked.path, &posted(asked)?)?;
    let secure = house.edge.secure;
    if let Some(name) = Cookie::Session.read(asked.headers, secure) {
        house.sessions.end(&name);
    }
    Ok(reply::with_cookie(reply::see("/sign-in"), &Cookie::Session.clear(secure)))
}

pub(super) fn posted(asked: &Asked<'_>) -> Result<Form, Refusal> {
    let form = std::str::from_utf8(&asked.body).ok().and_then(Form::parse);
    form.ok_or_else(|| Refusal::bad_request("the form is not readable as UTF-8"))
}

/// A form that did not come from a page of this very session is not acted on.
pub(super) fn check_nonce(somebody: &Somebody, path: &str, form: &Form) -> Result<(), Refusal> {
    let sent = form.one("nonce").unwrap_or_default();
    let due = somebody.session.as_ref().map(|session| session.nonce(path));
    if due.is_some_and(|due| random::same(&due, sent)) {
        return Ok(());
    }
    let text = "the form does not come from this session: open the page again and repeat it";
    Err(Refusal::new(StatusCode::FORBIDDEN, "nonce", text))
}

fn page(
    house: &House,
    asked: &Asked<'_>,
    (status, fault): (StatusCode, &str),
    next: &str,
) -> Result<Reply, Refusal> {
    let secure = house.edge.secure;
    // Other tabs of this browser keep their forms.
    let nonce = match Cookie::Form.read(asked.headers, secure) {
        Some(nonce) => nonce,
        None => random::secret()?,
    };
    let next = if route::is_page(next) { next } else { NEXT };
    let lifetime = moment::span(u64::try_from(LIFETIME.as_millis()).unwrap_or(u64::MAX));
    let page = SignIn {
        frame: Frame::elsewhere(house, None, "Sign in"),
        fault,
        nonce: &nonce,
        next,
        lifetime,
    };
    let reply = render(status, &page)?;
    Ok(reply::with_cookie(reply, &Cookie::Form.set(&nonce, FORM_LIFETIME_S, secure)))
}
