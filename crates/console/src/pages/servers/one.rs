//! The page of one server: how it is reached, and what there is to know of its tools.

use askama::Template;
use hyper::StatusCode;
use toolgate_catalog::{Risk, Severity, visible};
use toolgate_store::Power::Administer;
use toolgate_store::{Directory, Origin, Server};

use crate::deeds::not_found;
use crate::deeds::server;
use crate::door::Asked;
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::post::Post;
use crate::pages::render;
use crate::reply::{Refusal, Reply};
use crate::servers::{Reached, Tested};

use super::known::{Known, KnownTool};
use super::{checked, href, is_frozen, pinned, tool_href};

#[derive(Template)]
#[template(path = "server.html")]
struct Page {
    frame: Frame,
    name: Foreign,
    reached: Reached,
    by: Foreign,
    headers: Vec<(Foreign, Foreign)>,
    trouble: Option<Foreign>,
    origin: &'static str,
    is_frozen: bool,
    grants: Vec<(String, Foreign)>,
    tools: Vec<ToolLine>,
    scanned: String,
    tested: Option<TestedView>,
    forms: Option<Forms>,
}

struct ToolLine {
    name: Foreign,
    href: String,
    category: &'static str,
    level: &'static str,
    score: u8,
    signals: Vec<Foreign>,
    more_signals: usize,
    attacks: usize,
    state: &'static str,
    is_stopped: bool,
}

struct TestedView {
    who: Foreign,
    versions: Foreign,
    era: &'static str,
    tested: Tested,
    remarks: Vec<Foreign>,
}

struct Forms {
    test: Post,
    scan: Post,
    /// Nothing for a command, or what the config file has.
    credentials: Option<Post>,
    remove: Option<Post>,
}

const SIGNALS_MAX: usize = 3;

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    page(house, somebody, asked.id(), None).await
}

/// What it says now is on the answer.
pub(super) async fn test(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    let tested = server::test(house, somebody, asked.id()).await?;
    page(house, somebody, asked.id(), Some(tested)).await
}

async fn page(
    house: &House,
    somebody: &Somebody,
    name: &str,
    tested: Option<Tested>,
) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let unknown = "there is no such server; `toolgate server list` has them all";
    let server = directory.servers.get(name).ok_or_else(|| not_found(unknown))?;
    let own = name.to_owned();
    let look = move |readers: &Readers| {
        let known = Known::read(&readers.directory, &own)?;
        let lines: Vec<_> =
            known.judged().iter().map(|(tool, (_, risk))| line(&own, tool, risk)).collect();
        Ok((lines, known.survey.map(|survey| moment::readable(survey.last_ms))))
    };
    let (tools, scanned) = house.apart(look).await?;
    let described = house.servers.describe(&server.spec);
    let trouble = described.as_ref().err().map(|why| Foreign::of(why));
    let reached = described.unwrap_or_default();
    let foreign = |(name, at): &(String, String)| (Foreign::of(name), Foreign::of(at));
    let page = Page {
        frame: Frame::new(house, somebody, format!("Server {}", visible(name)), Section::Servers),
        name: Foreign::of(name),
        by: Foreign::of(&reached.by),
        headers: reached.headers.iter().map(foreign).collect(),
        trouble,
        origin: server.origin.as_str(),
        is_frozen: is_frozen(&directory, name),
        grants: grants(&directory, name),
        tools,
        scanned: scanned.unwrap_or_default(),
        tested: tested.map(view),
        forms: somebody.may(Administer).then(|| forms(somebody, server, &reached)).flatten(),
        reached,
    };
    render(StatusCode::OK, &page)
}

fn grants(directory: &Directory, server: &str) -> Vec<(String, Foreign)> {
    let live = directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
    let using = live.filter(|grant| grant.servers.iter().any(|one| one == server));
    let link = |name: &str| format!("/grants/{}", crate::form::segment(name));
    using.map(|grant| (link(&grant.name), Foreign::of(&grant.name))).collect()
}

fn forms(somebody: &Somebody, server: &Server, reached: &Reached) -> Option<Forms> {
    let post = |act: &str| Post::to(somebody, format!("{}/{act}", href(&server.name)));
    let is_own = server.origin != Origin::Config;
    let is_far = is_own && !reached.is_command;
    Some(Forms {
        test: post("test")?,
        scan: post("scan")?,
        credentials: if is_far { post("credentials") } else { None },
        remove: if is_own { post("remove") } else { None },
    })
}

fn line(server: &str, tool: &KnownTool, risk: &Risk) -> ToolLine {
    let state = pinned(tool.pin.as_ref());
    ToolLine {
        name: Foreign::of(&tool.name),
        href: tool_href(server, &tool.name),
        category: risk.category.name(),
        level: level(risk.severity),
        score: risk.score,
        signals: risk.signals.iter().take(SIGNALS_MAX).map(|s| Foreign::of(&s.text)).collect(),
        more_signals: risk.signals.len().saturating_sub(SIGNALS_MAX),
        attacks: toolgate_catalog::site::attacks_on(risk).len(),
        state,
        is_stopped: matches!(state, "changed" | "gone"),
    }
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn view(tested: Tested) -> TestedView {
    let words = [tested.name.as_deref(), tested.version.as_deref()];
    let who = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    TestedView {
        who: Foreign::of(&who),
        versions: Foreign::of(&tested.versions.join(", ")),
        era: if tested.is_legacy { "with sessions" } else { "without sessions" },
        remarks: tested.remarks.iter().map(|remark| Foreign::of(remark)).collect(),
        tested,
    }
}
