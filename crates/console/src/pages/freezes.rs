//! What is frozen, and the forms that freeze and thaw.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Extent, Freeze};

use crate::deeds::freeze;
use crate::door::Asked;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;

use super::foreign::Foreign;
use super::frame::Frame;
use super::post::Post;
use super::render;
use super::sign_in::{check_nonce, posted};

#[derive(Template)]
#[template(path = "freezes.html")]
struct Page {
    frame: Frame,
    freezes: Vec<Line>,
    forms: Option<Forms>,
}

struct Line {
    kind: &'static str,
    /// Empty for everything.
    name: String,
    shown: Option<Foreign>,
    flag: Foreign,
    reason: Option<Foreign>,
    by: Foreign,
    since: String,
}

struct Forms {
    freeze: Post,
    thaw: Post,
    servers: Vec<String>,
    grants: Vec<String>,
}

const THAW: &str = "/freezes/thaw";

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/freezes", Session(Look, |house, who, _| Box::pin(async { show(house, who) }))),
    Route::post(
        "/freezes",
        Session(Administer, |house, who, asked| Box::pin(change(house, who, asked, true))),
    ),
    Route::post(
        THAW,
        Session(Administer, |house, who, asked| Box::pin(change(house, who, asked, false))),
    ),
];

fn show(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let forms = || {
        Some(Forms {
            freeze: Post::to(somebody, "/freezes")?,
            thaw: Post::to(somebody, THAW)?,
            servers: directory.servers.keys().cloned().collect(),
            grants: directory.grants.keys().cloned().collect(),
        })
    };
    let page = Page {
        frame: Frame::elsewhere(house, Some(somebody), "Freeze"),
        freezes: directory.freezes.iter().map(line).collect(),
        forms: somebody.may(Administer).then(forms).flatten(),
    };
    render(StatusCode::OK, &page)
}

fn line(freeze: &Freeze) -> Line {
    let (kind, name) = match &freeze.extent {
        Extent::All => ("all", ""),
        Extent::Grant(name) => ("grant", name.as_str()),
        Extent::Server(name) => ("server", name.as_str()),
    };
    let flag = if name.is_empty() { "--all".to_owned() } else { format!("--{kind} {name}") };
    Line {
        kind,
        name: name.to_owned(),
        shown: (!name.is_empty()).then(|| Foreign::of(name)),
        flag: Foreign::of(&flag),
        reason: freeze.reason.as_deref().map(Foreign::of),
        by: Foreign::of(&freeze.by),
        since: moment::readable(freeze.since_ms),
    }
}

async fn change(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
    stop: bool,
) -> Result<Reply, Refusal> {
    let form: Form = posted(asked)?;
    check_nonce(somebody, asked.path, &form)?;
    let extent = freeze::extent(form.one("extent").unwrap_or_default(), form.typed("name"))?;
    let reason = form.typed("reason").map(str::to_owned);
    if stop {
        freeze::freeze(house, somebody, extent, reason).await?;
    } else {
        freeze::thaw(house, somebody, extent, reason).await?;
    }
    Ok(reply::see("/freezes"))
}
