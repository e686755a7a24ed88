//! The page behind the link of the first sign-in.

use askama::Template;
use hyper::StatusCode;

use crate::cookie::Cookie;
use crate::deeds::account;
use crate::door::Asked;
use crate::house::House;
use crate::password;
use crate::random;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Anyone;
use crate::route::Route;
use crate::session::LIFETIME;

use super::frame::Frame;
use super::render;
use super::sign_in::{FORM_LIFETIME_S, posted};

#[derive(Template)]
#[template(path = "welcome.html")]
struct Page<'a> {
    frame: Frame,
    fault: &'a str,
    path: &'a str,
    nonce: &'a str,
    name: &'a str,
    chars_min: usize,
}

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/welcome/*", Anyone(|house, asked| Box::pin(async { show(house, asked) }))),
    Route::post("/welcome/*", Anyone(|house, asked| Box::pin(first(house, asked)))),
];

/// To look does not use it up: programs that check links do that, too.
fn show(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    check(house, asked)?;
    page(house, asked, (StatusCode::OK, ""), "")
}

/// Whoever comes first is the one who administers, and is signed in.
async fn first(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    check(house, asked)?;
    let form = posted(asked)?;
    let secure = house.edge.secure;
    let (sent, own) =
        (form.one("nonce").unwrap_or_default(), Cookie::Form.read(asked.headers, secure));
    let name = form.typed("name").unwrap_or_default();
    if !own.is_some_and(|own| random::same(&own, sent)) {
        let text = "The form had expired, or this browser takes no cookies. Try again.";
        return page(house, asked, (StatusCode::FORBIDDEN, text), name);
    }
    let new = form.one("password").unwrap_or_default();
    if form.one("again") != Some(new) {
        let text = "The two passwords are not the same: type them once more.";
        return page(house, asked, (StatusCode::BAD_REQUEST, text), name);
    }
    let account = match account::first(house, asked.id(), (name, new)).await {
        Ok(account) => account,
        Err(refusal) if refusal.status == StatusCode::BAD_REQUEST => {
            return page(house, asked, (refusal.status, &refusal.text), name);
        }
        Err(refusal) => return Err(refusal),
    };
    let token = account.token.ok_or_else(over)?;
    let session = house.sessions.begin(&account, token)?;
    let reply = reply::with_cookie(reply::see("/people"), &Cookie::Form.clear(secure));
    Ok(reply::with_cookie(reply, &Cookie::Session.set(&session, LIFETIME.as_secs(), secure)))
}

fn check(house: &House, asked: &Asked<'_>) -> Result<(), Refusal> {
    if house.welcome.is_open_to(asked.id()) { Ok(()) } else { Err(over()) }
}

fn over() -> Refusal {
    let text = "this link was used, or is older than an hour; there is an account by now, or the \
                console prints another link when it starts";
    Refusal::new(StatusCode::NOT_FOUND, "unknown", text)
}

fn page(
    house: &House,
    asked: &Asked<'_>,
    (status, fault): (StatusCode, &str),
    name: &str,
) -> Result<Reply, Refusal> {
    let secure = house.edge.secure;
    let nonce = match Cookie::Form.read(asked.headers, secure) {
        Some(nonce) => nonce,
        None => random::secret()?,
    };
    let page = Page {
        frame: Frame::elsewhere(house, None, "Welcome"),
        fault,
        path: asked.path,
        nonce: &nonce,
        name,
        chars_min: password::CHARS_MIN,
    };
    let reply = render(status, &page)?;
    Ok(reply::with_cookie(reply, &Cookie::Form.set(&nonce, FORM_LIFETIME_S, secure)))
}
