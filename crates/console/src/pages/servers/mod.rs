//! Servers and their tools: registered, asked, judged; what they say now against what they said.

mod known;
mod one;
mod tool;

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Directory, Extent, Pin, ReadError, Server};

use crate::deeds::server;
use crate::door::Asked;
use crate::form::{Form, segment};
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;
use crate::servers::NewServer;

use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::post::Post;
use super::render;
use super::sign_in::{check_nonce, posted};

#[derive(Template)]
#[template(path = "servers.html")]
struct List {
    frame: Frame,
    servers: Vec<Line>,
    register: Option<Post>,
}

/// One server among others.
struct Line {
    name: Foreign,
    href: String,
    by: Foreign,
    origin: &'static str,
    tools: usize,
    /// Tools that are no longer what they were, or gone.
    changed: usize,
    grants: usize,
    is_frozen: bool,
}

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/servers", Session(Look, |house, who, _| Box::pin(async { list(house, who) }))),
    Route::post(
        "/servers",
        Session(Administer, |house, who, asked| Box::pin(register(house, who, asked))),
    ),
    Route::get(
        "/servers/*",
        Session(Look, |house, who, asked| Box::pin(one::show(house, who, asked))),
    ),
    Route::post(
        "/servers/*/test",
        Session(Administer, |house, who, asked| Box::pin(one::test(house, who, asked))),
    ),
    Route::post(
        "/servers/*/scan",
        Session(Administer, |house, who, asked| Box::pin(scan(house, who, asked))),
    ),
    Route::post(
        "/servers/*/credentials",
        Session(Administer, |house, who, asked| Box::pin(credentials(house, who, asked))),
    ),
    Route::post(
        "/servers/*/remove",
        Session(Administer, |house, who, asked| Box::pin(remove(house, who, asked))),
    ),
    Route::get(
        "/servers/*/tools/*",
        Session(Look, |house, who, asked| Box::pin(tool::show(house, who, asked))),
    ),
    Route::post(
        "/servers/*/tools/*/accept",
        Session(Administer, |house, who, asked| Box::pin(accept(house, who, asked))),
    ),
];

fn list(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let page = List {
        frame: Frame::new(house, somebody, "Servers", Section::Servers),
        servers: directory.servers.values().map(|server| line(house, &directory, server)).collect(),
        register: somebody.may(Administer).then(|| Post::to(somebody, "/servers")).flatten(),
    };
    render(StatusCode::OK, &page)
}

fn line(house: &House, directory: &Directory, server: &Server) -> Line {
    let pins = directory.pins.get(&server.name);
    let all = || pins.into_iter().flat_map(|pins| pins.values());
    let live = directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
    Line {
        name: Foreign::of(&server.name),
        href: href(&server.name),
        by: by(house, server),
        origin: server.origin.as_str(),
        tools: all().count(),
        changed: all().filter(|pin| pin.changed.is_some() || pin.gone_ms.is_some()).count(),
        grants: live.filter(|grant| grant.servers.contains(&server.name)).count(),
        is_frozen: is_frozen(directory, &server.name),
    }
}

fn by(house: &House, server: &Server) -> Foreign {
    let described = house.servers.describe(&server.spec);
    let text = described.map_or_else(|why| format!("cannot be read: {why}"), |reached| reached.by);
    Foreign::of(&text)
}

fn is_frozen(directory: &Directory, server: &str) -> bool {
    let extents = [Extent::All, Extent::Server(server.to_owned())];
    extents.iter().any(|extent| directory.freezes.get(extent).is_some())
}

/// How dangerous a tool is, for whoever answers for a call of it.
pub(super) struct Brief {
    pub(super) href: String,
    pub(super) category: &'static str,
    pub(super) level: &'static str,
    pub(super) score: u8,
    pub(super) signals: Vec<Foreign>,
    pub(super) state: &'static str,
}

/// Nothing where the tool's definition is not known.
pub(super) fn brief(
    readers: &Readers,
    server: &str,
    tool: &str,
) -> Result<Option<Brief>, ReadError> {
    let known = known::Known::read(&readers.directory, server)?;
    Ok(known.one(tool).map(|(known, (_, risk))| Brief {
        href: tool_href(server, tool),
        category: risk.category.name(),
        level: one::level(risk.severity),
        score: risk.score,
        signals: risk.signals.iter().map(|signal| Foreign::of(&signal.text)).collect(),
        state: pinned(known.pin.as_ref()),
    }))
}

/// How a tool stands against what it was at first sight.
fn pinned(pin: Option<&Pin>) -> &'static str {
    match pin {
        None => "not pinned yet",
        Some(Pin { gone_ms: Some(_), .. }) => "gone",
        Some(Pin { changed: Some(_), .. }) => "changed",
        Some(_) => "unchanged",
    }
}

fn href(name: &str) -> String {
    format!("/servers/{}", segment(name))
}

fn tool_href(server: &str, tool: &str) -> String {
    format!("{}/tools/{}", href(server), segment(tool))
}

fn checked(somebody: &Somebody, asked: &Asked<'_>) -> Result<Form, Refusal> {
    let form = posted(asked)?;
    check_nonce(somebody, asked.path, &form)?;
    Ok(form)
}

async fn register(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let text = |name| form.typed(name).map(str::to_owned);
    let name = text("name").ok_or_else(|| Refusal::bad_request("the server needs a name"))?;
    let url = text("url").ok_or_else(|| Refusal::bad_request("the server needs an address"))?;
    let header = text("header").zip(form.one("value").filter(|value| !value.is_empty()));
    let header = header.map(|(name, value)| (name, value.to_owned()));
    let (transport, tools_changed) = (text("transport"), text("tools_changed"));
    let led = href(&name);
    let new = NewServer { name, url, transport, tools_changed, header };
    server::register(house, somebody, new).await?;
    Ok(reply::see(&led))
}

async fn scan(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    server::scan(house, somebody, asked.id()).await?;
    Ok(reply::see(&href(asked.id())))
}

async fn credentials(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let header = form.typed("header").ok_or_else(|| Refusal::bad_request("name the header"))?;
    let value = form.one("value").filter(|value| !value.is_empty()).map(str::to_owned);
    server::set_header(house, somebody, asked.id(), (header.to_owned(), value)).await?;
    Ok(reply::see(&href(asked.id())))
}

async fn remove(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    server::remove(house, somebody, asked.id()).await?;
    Ok(reply::see("/servers"))
}

async fn accept(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let (at, tool) = (asked.id(), asked.names.get(1).map_or("", String::as_str));
    server::accept(house, somebody, (at, tool), form.typed("fingerprint")).await?;
    Ok(reply::see(&href(at)))
}
