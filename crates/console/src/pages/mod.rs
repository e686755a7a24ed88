//! Pages for people: plain HTML that works without any script.
//!
//! Every template escapes what it is given. What strangers wrote passes through `foreign.rs`
//! before, which shows what would not be seen.

pub(crate) mod approvals;
mod arguments;
mod foreign;
mod frame;
pub(crate) mod sign_in;

use askama::Template;
use hyper::StatusCode;
use hyper::header::HeaderMap;

use crate::house::House;
use crate::reply::{self, Refusal, Reply};
use frame::Frame;

pub(crate) const STYLE: &str = include_str!("../../site/style.css");

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
    let frame = Frame::new(title, somebody.as_ref());
    let page = render(refusal.status, &Refused { frame, text: &refusal.text });
    refusal.dress(page.unwrap_or_else(|_| refusal.plain()))
}

fn render(status: StatusCode, page: &impl Template) -> Result<Reply, Refusal> {
    let text = page.render().map_err(|error| Refusal::unavailable(&error.to_string()))?;
    Ok(reply::html(status, text))
}
