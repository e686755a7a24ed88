//! The one page that shows a grant's token: the answer to the form that made it.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Token;

use crate::house::House;
use crate::identity::Somebody;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::reply::{Refusal, Reply};

use super::href;
use super::snippet::{self, Snippet, Way};

pub(super) struct Minted<'a> {
    pub(super) name: &'a str,
    pub(super) servers: &'a [String],
    pub(super) token: Token,
    /// Of the gateway, as clients reach it.
    pub(super) address: String,
}

#[derive(Template)]
#[template(path = "minted.html")]
struct Page {
    frame: Frame,
    name: Foreign,
    href: String,
    token: String,
    snippets: Vec<Snippet>,
}

/// Where `serve` listens if nobody says otherwise.
const USUAL: &str = "http://127.0.0.1:8480";
const ADDRESS_BYTES_MAX: usize = 200;

pub(super) fn usual_address(house: &House) -> String {
    house.gateway.clone().unwrap_or_else(|| USUAL.to_owned())
}

/// It stands in files and on command lines of others: nothing in it may need quoting.
pub(super) fn address(house: &House, typed: Option<&str>) -> Result<String, Refusal> {
    let Some(typed) = typed else { return Ok(usual_address(house)) };
    let rest = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]/~".contains(&byte);
    let fits =
        |rest: &str| !rest.is_empty() && rest.len() <= ADDRESS_BYTES_MAX && rest.bytes().all(plain);
    if !rest.is_some_and(fits) {
        let text = "the address of the gateway is one like `https://toolgate.example.com`";
        return Err(Refusal::bad_request(text));
    }
    Ok(typed.trim_end_matches('/').to_owned())
}

pub(super) fn page(
    house: &House,
    somebody: &Somebody,
    minted: &Minted<'_>,
) -> Result<Reply, Refusal> {
    let Minted { name, servers, token, address } = minted;
    let (called, url) = match servers {
        [one] => (one.as_str(), format!("{address}/mcp/{one}")),
        _ => ("toolgate", format!("{address}/mcp")),
    };
    let snippets = snippet::all(&Way { name: called, url: &url, token: token.as_str() });
    let page = Page {
        frame: Frame::new(house, somebody, "A new token", Section::Grants),
        name: Foreign::of(name),
        href: href(name),
        token: token.as_str().to_owned(),
        snippets,
    };
    render(StatusCode::OK, &page)
}
