//! Grants: who may use which servers, under which policy; and all that can be done with one.

mod budgets;
mod minted;
mod one;
mod snippet;

use askama::Template;
use hyper::StatusCode;
use toolgate_policy::{Caller, Principal};
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{CONFIGURED, Directory, Extent, Grant};

use crate::deeds::grant::{self, Mint};
use crate::door::Asked;
use crate::form::{Form, segment};
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;

use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::post::Post;
use super::sign_in::{check_nonce, posted};
use super::{render, seen};

#[derive(Template)]
#[template(path = "grants.html")]
struct List {
    frame: Frame,
    grants: Vec<Line>,
    mint: Option<MintForm>,
}

/// One grant among others.
struct Line {
    name: Foreign,
    href: String,
    principal: Foreign,
    servers: Vec<Foreign>,
    policy: Option<Foreign>,
    state: State,
    seen: String,
}

/// How a grant stands: a word, and whether calls pass.
struct State {
    word: &'static str,
    more: String,
    is_live: bool,
}

/// What there is to choose from.
struct MintForm {
    post: Post,
    servers: Vec<String>,
    policies: Vec<String>,
    address: String,
}

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/grants", Session(Look, |house, who, _| Box::pin(list(house, who)))),
    Route::post(
        "/grants",
        Session(Administer, |house, who, asked| Box::pin(mint(house, who, asked))),
    ),
    Route::get(
        "/grants/*",
        Session(Look, |house, who, asked| Box::pin(one::show(house, who, asked))),
    ),
    Route::post(
        "/grants/*/rotate",
        Session(Administer, |house, who, asked| Box::pin(rotate(house, who, asked))),
    ),
    Route::post(
        "/grants/*/revoke",
        Session(Administer, |house, who, asked| Box::pin(revoke(house, who, asked))),
    ),
    Route::post(
        "/grants/*/policy",
        Session(Administer, |house, who, asked| Box::pin(attach_policy(house, who, asked))),
    ),
    Route::post(
        "/grants/*/servers",
        Session(Administer, |house, who, asked| Box::pin(attach_servers(house, who, asked))),
    ),
];

async fn list(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let seen = seen::last_calls(house, |caller| &caller.grant).await?;
    let line = |grant: &Grant| Line {
        name: Foreign::of(&grant.name),
        href: href(&grant.name),
        principal: Foreign::of(&principal(grant)),
        servers: grant.servers.iter().map(|server| Foreign::of(server)).collect(),
        policy: grant.policy.as_deref().map(Foreign::of),
        state: state(&directory, grant),
        seen: last(seen.get(&grant.name)),
    };
    let page = List {
        frame: Frame::new(house, somebody, "Grants", Section::Grants),
        grants: directory.grants.values().map(line).collect(),
        mint: somebody.may(Administer).then(|| mint_form(house, somebody, &directory)).flatten(),
    };
    render(StatusCode::OK, &page)
}

fn mint_form(house: &House, somebody: &Somebody, directory: &Directory) -> Option<MintForm> {
    Some(MintForm {
        post: Post::to(somebody, "/grants")?,
        servers: directory.servers.keys().cloned().collect(),
        policies: policies(directory),
        address: minted::usual_address(house),
    })
}

/// Those that a grant can come under.
fn policies(directory: &Directory) -> Vec<String> {
    directory.policies.keys().filter(|name| *name != CONFIGURED).cloned().collect()
}

fn last(ms: Option<&u64>) -> String {
    let ago = |ms: &u64| format!("{} ago", moment::span(moment::now_ms().saturating_sub(*ms)));
    ms.map(ago).unwrap_or_default()
}

fn principal(grant: &Grant) -> String {
    format!("{}:{}", grant.issuer, grant.subject)
}

fn href(name: &str) -> String {
    format!("/grants/{}", segment(name))
}

fn state(directory: &Directory, grant: &Grant) -> State {
    let now_ms = moment::now_ms();
    let ended = |word, at| State { word, more: moment::readable(at), is_live: false };
    match (grant.revoked_ms, grant.expires_ms) {
        (Some(at), _) => return ended("revoked", at),
        (None, Some(at)) if at <= now_ms => return ended("expired", at),
        (None, _) => {}
    }
    let frozen: Vec<_> =
        grant.servers.iter().filter_map(|at| frozen(directory, grant, at)).collect();
    if let [first, ..] = frozen[..]
        && frozen.len() == grant.servers.len()
    {
        let more = match first {
            Extent::All => "everything is".to_owned(),
            Extent::Grant(_) => String::new(),
            Extent::Server(_) => "at all of its servers".to_owned(),
        };
        return State { word: "frozen", more, is_live: false };
    }
    let more = grant.expires_ms.map(|at| format!("until {}", moment::readable(at)));
    State { word: "live", more: more.unwrap_or_default(), is_live: true }
}

/// What stops its calls at this server.
fn frozen<'a>(directory: &'a Directory, grant: &Grant, server: &str) -> Option<&'a Extent> {
    let principal = Principal { issuer: grant.issuer.clone(), subject: grant.subject.clone() };
    let caller = Caller { principal, grant: grant.name.clone(), server: server.to_owned() };
    directory.freezes.of(&caller).map(|freeze| &freeze.extent)
}

fn checked(somebody: &Somebody, asked: &Asked<'_>) -> Result<Form, Refusal> {
    let form = posted(asked)?;
    check_nonce(somebody, asked.path, &form)?;
    Ok(form)
}

/// The token is on this answer and on no other.
async fn mint(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let address = minted::address(house, form.typed("address"))?;
    let servers = form.all("server");
    let mint = Mint {
        name: form.typed("name").unwrap_or_default(),
        principal: form.typed("principal"),
        servers: servers.clone(),
        policy: form.typed("policy"),
        lifetime: form.typed("lifetime"),
    };
    let name = mint.name;
    let token = grant::mint(house, somebody, mint).await?;
    minted::page(house, somebody, &minted::Minted { name, servers: &servers, token, address })
}

async fn rotate(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let address = minted::address(house, form.typed("address"))?;
    let there = grant::find(house, asked.id())?;
    let token = grant::rotate(house, somebody, asked.id()).await?;
    let (name, servers) = (asked.id(), &*there.servers);
    minted::page(house, somebody, &minted::Minted { name, servers, token, address })
}

async fn revoke(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    grant::revoke(house, somebody, asked.id()).await?;
    Ok(reply::see(&href(asked.id())))
}

async fn attach_policy(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let policy = form.typed("policy").ok_or_else(|| Refusal::bad_request("choose a policy"))?;
    grant::attach_policy(house, somebody, asked.id(), policy).await?;
    Ok(reply::see(&href(asked.id())))
}

async fn attach_servers(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    grant::attach_servers(house, somebody, asked.id(), form.all("server")).await?;
    Ok(reply::see(&href(asked.id())))
}
