//! The page of one tool: what it does, how dangerous that is and why, what to do about it; and
//! what it has become.

use askama::Template;
use hyper::StatusCode;
use toolgate_catalog::site::{Sheet, sheet};
use toolgate_catalog::{
    Finding, Fingerprint, Neighbours, Risk, Signal, Tool, diff, inspect, narrows, visible,
};
use toolgate_store::Power::Administer;
use toolgate_store::{PinnedTool, ReadError};

use crate::deeds::not_found;
use crate::door::Asked;
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::post::Post;
use crate::pages::render;
use crate::reply::{Refusal, Reply};

use super::known::{Known, KnownTool, parse};
use super::one::level;
use super::{href, pinned, tool_href};

#[derive(Template)]
#[template(path = "tool.html")]
struct Page {
    frame: Frame,
    server: Foreign,
    server_href: String,
    tool: View,
    accept: Option<Post>,
}

struct View {
    name: Foreign,
    /// As it is typed, if it can be.
    typed: String,
    title: Option<Foreign>,
    description: Option<Foreign>,
    category: &'static str,
    level: &'static str,
    score: u8,
    sheet: Sheet,
    policy: Foreign,
    controls: Vec<(&'static str, String, Foreign)>,
    params: Vec<(Foreign, Foreign)>,
    signals: Vec<Reason>,
    findings: Vec<Wrong>,
    state: &'static str,
    is_bare: bool,
    fingerprint: String,
    since: String,
    change: Option<Change>,
}

struct Reason {
    text: Foreign,
    quote: Option<Foreign>,
    weight: String,
}

struct Wrong {
    level: &'static str,
    text: Foreign,
    place: Foreign,
    quote: Foreign,
}

/// What there is to accept.
struct Change {
    is_gone: bool,
    since: String,
    /// Of what it has become: whoever accepts accepts this.
    fingerprint: String,
    short: String,
    /// Nothing where a definition was too long to keep.
    lines: Option<Vec<(bool, Foreign)>>,
    narrows: bool,
}

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (server, name) =
        (asked.id().to_owned(), asked.names.get(1).map_or("", String::as_str).to_owned());
    let (at, of) = (server.clone(), name.clone());
    let tool = house.apart(move |readers| view(readers, &at, &of)).await?;
    let unknown = "the server has shown no such tool; `toolgate tools list` has them all";
    let tool = tool.ok_or_else(|| not_found(unknown))?;
    let can_accept = somebody.may(Administer) && tool.change.is_some();
    let path = format!("{}/accept", tool_href(&server, &name));
    let page = Page {
        frame: Frame::new(house, somebody, format!("Tool {}", visible(&name)), Section::Servers),
        server: Foreign::of(&server),
        server_href: href(&server),
        tool,
        accept: can_accept.then(|| Post::to(somebody, path)).flatten(),
    };
    render(StatusCode::OK, &page)
}

fn view(readers: &Readers, server: &str, name: &str) -> Result<Option<View>, ReadError> {
    let known = Known::read(&readers.directory, server)?;
    let Some((tool, judged)) = known.one(name) else { return Ok(None) };
    let kept = readers.directory.pinned_tool(server, name)?;
    Ok(Some(of(server, tool, &judged, kept)))
}

fn of(
    server: &str,
    known: &KnownTool,
    judged: &(Tool<'_>, Risk),
    kept: Option<PinnedTool>,
) -> View {
    let (tool, risk) = judged;
    let sheet = sheet(server, judged);
    let some = |text: &str| (!text.trim().is_empty()).then(|| Foreign::of(text));
    let mut findings = risk.findings.clone();
    findings.extend(inspect(tool, &Neighbours::default()));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let pin = known.pin.as_ref();
    View {
        name: Foreign::of(&known.name),
        typed: copied(&known.name).to_owned(),
        title: some(&tool.title),
        description: some(&tool.description),
        category: risk.category.name(),
        level: level(risk.severity),
        score: risk.score,
        policy: Foreign::of(&sheet.policy),
        controls: controls(&sheet),
        params: sheet.params.iter().map(|(a, b)| (Foreign::of(a), Foreign::of(b))).collect(),
        sheet,
        signals: risk.signals.iter().map(reason).collect(),
        findings: findings.iter().map(wrong).collect(),
        state: pinned(pin),
        is_bare: known.is_bare,
        fingerprint: pin
            .map(|pin| Fingerprint::from(pin.fingerprint).to_string())
            .unwrap_or_default(),
        since: pin.map(|pin| moment::readable(pin.seen_ms)).unwrap_or_default(),
        change: kept.and_then(change),
    }
}

fn controls(sheet: &Sheet) -> Vec<(&'static str, String, Foreign)> {
    let one = |control: &toolgate_catalog::site::Advice| {
        (control.title, control.text.clone(), Foreign::of(&control.snippet))
    };
    sheet.controls.iter().map(one).collect()
}

fn reason(signal: &Signal) -> Reason {
    let weight =
        if signal.weight == 0.0 { String::new() } else { format!("{:+.1}", signal.weight) };
    let quote = signal.quote.as_deref().map(Foreign::of);
    Reason { text: Foreign::of(&signal.text), quote, weight }
}

fn wrong(finding: &Finding) -> Wrong {
    Wrong {
        level: level(finding.severity),
        text: Foreign::of(&finding.text),
        place: Foreign::of(&finding.place),
        quote: Foreign::of(&finding.quote),
    }
}

fn change(kept: PinnedTool) -> Option<Change> {
    let PinnedTool { pin, definition, changed_definition } = kept;
    let is_gone = pin.gone_ms.is_some();
    let to = pin.changed.filter(|_| !is_gone);
    if !is_gone && to.is_none() {
        return None;
    }
    let difference = match (definition.and_then(parse), changed_definition.and_then(parse)) {
        (Some(old), Some(new)) if !is_gone => {
            Some((diff(old.root(), new.root()), narrows(old.root(), new.root())))
        }
        _ => None,
    };
    let print = to.map(Fingerprint::from);
    Some(Change {
        is_gone,
        since: pin.gone_ms.or(pin.changed_ms).map(moment::readable).unwrap_or_default(),
        fingerprint: print.map(|print| print.to_string()).unwrap_or_default(),
        short: print.map(|print| print.short()).unwrap_or_default(),
        narrows: difference.as_ref().is_some_and(|(_, narrows)| *narrows),
        lines: difference.map(|(lines, _)| {
            lines.iter().map(|line| (line.is_new, Foreign::of(&line.text))).collect()
        }),
    })
}

/// A name that a shell might read in another way is not for copying.
fn copied(tool: &str) -> &str {
    let plain = tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if plain && !tool.starts_with('-') { tool } else { "TOOL" }
}
