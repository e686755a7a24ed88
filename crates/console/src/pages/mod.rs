//! Pages for people: plain HTML that works without any script, and is more comfortable with one.
//!
//! Every template escapes what it is given. What strangers wrote passes through `foreign.rs`
//! before, which shows what would not be seen.

pub(crate) mod approvals;
mod arguments;
mod chart;
mod decision;
mod export;
mod foreign;
mod frame;
pub(crate) mod freezes;
pub(crate) mod grants;
mod live;
pub(crate) mod log;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod policies;
mod post;
mod precedent;
mod seen;
pub(crate) mod servers;
pub(crate) mod sign_in;
pub(crate) mod welcome;

use askama::Template;
use hyper::StatusCode;
use hyper::header::HeaderMap;

use crate::house::House;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Anyone;
use crate::route::Route;
use frame::Frame;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/style.css", Anyone(|_, _| Box::pin(async { Ok(reply::style(STYLE)) }))),
    Route::get("/log.js", Anyone(|_, _| Box::pin(async { Ok(reply::script(LOG)) }))),
    Route::get("/app.js", Anyone(|_, _| Box::pin(async { Ok(reply::script(SCRIPT)) }))),
    Route::get("/approvals.js", Anyone(|_, _| Box::pin(async { Ok(reply::script(ANSWERS)) }))),
    Route::get("/copy.js", Anyone(|_, _| Box::pin(async { Ok(reply::script(COPY)) }))),
];

const LOG: &str = include_str!("../../site/log.js");
const STYLE: &str = include_str!("../../site/style.css");
const SCRIPT: &str = include_str!("../../site/app.js");
const ANSWERS: &str = include_str!("../../site/approvals.js");
const COPY: &str = include_str!("../../site/copy.js");

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    frame: Frame,
    text: &'a str,
}

/// Says in one line why not.
pub(crate) fn refused(house: &House, headers: &HeaderMap, refusal: &Refusal) -> Reply {
    let somebody = house.by_session(headers).ok().flatten();
    let title = refusal.status.canonical_reason().unwrap_or("Not done").to_owned();
    let frame = Frame::elsewhere(house, somebody.as_ref(), title);
    let page = render(refusal.status, &Refused { frame, text: &refusal.text });
    refusal.dress(page.unwrap_or_else(|_| refusal.plain()))
}

fn render(status: StatusCode, page: &impl Template) -> Result<Reply, Refusal> {
    let text = page.render().map_err(|error| Refusal::unavailable(&error.to_string()))?;
    Ok(reply::html(status, text))
}
