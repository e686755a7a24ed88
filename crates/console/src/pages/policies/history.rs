//! What a policy was: each revision with what it changed, put in force again; its shadow switch.

use askama::Template;
use hyper::StatusCode;
use toolgate_catalog::unified;
use toolgate_policy::compare::{compare, text as told};
use toolgate_policy::document;
use toolgate_policy::document::edit::{self, Edit};
use toolgate_store::{CONFIGURED, Power};

use crate::deeds::policy;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::pages::sign_in::{check_nonce, posted};
use crate::reply::{self, Refusal, Reply};

use super::fields;

#[derive(Template)]
#[template(path = "policy_revision.html")]
struct Page {
    frame: Frame,
    path: String,
    name: Foreign,
    plain_name: String,
    number: u64,
    newest: u64,
    since: String,
    diff: Vec<Line>,
    meaning: Foreign,
    lines: Vec<Foreign>,
    rollback: Option<String>,
}

/// A line of a diff.
pub(super) struct Line {
    /// For the stylesheet: `new`, `old`, `at` or nothing.
    pub(super) class: &'static str,
    pub(super) text: Foreign,
}

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let name = asked.id().to_owned();
    let number: Option<u64> = asked.names.get(1).and_then(|number| number.parse().ok());
    let own = name.clone();
    let found = house.apart(move |readers| policy::find(readers, &own)).await?;
    let this = number.and_then(|number| found.revision(number)).cloned();
    let Some(this) = this else { return Err(policy::unknown(&name)) };
    let before = found.revision(this.revision.saturating_sub(1)).cloned();
    let before = before.map(|before| before.text).unwrap_or_default();
    let (new, labels) = (this.text.clone(), labels(this.revision));
    let compared = tokio::task::spawn_blocking(move || {
        (diff(&before, &new), meaning([&labels.0, &labels.1], &before, &new))
    });
    let unavailable = |_| Refusal::unavailable("the revisions could not be compared");
    let (diff, meaning) = compared.await.map_err(unavailable)?;
    let (path, newest) = (super::path(&name), found.number());
    let may = somebody.may(Power::Edit) && newest != this.revision && name != CONFIGURED;
    let session = somebody.session.as_ref().filter(|_| may);
    let page = Page {
        frame: Frame::new(house, somebody, toolgate_catalog::visible(&name), Section::Policies),
        name: Foreign::of(&name),
        number: this.revision,
        newest,
        since: moment::readable(this.put_ms),
        diff,
        meaning: Foreign::lines(&meaning),
        lines: this.text.lines().map(Foreign::of).collect(),
        rollback: session.map(|session| session.nonce(&format!("{path}/rollback"))),
        plain_name: name,
        path,
    };
    render(StatusCode::OK, &page)
}

fn labels(revision: u64) -> (String, String) {
    (format!("revision {}", revision.saturating_sub(1)), format!("revision {revision}"))
}

pub(super) fn diff(old: &str, new: &str) -> Vec<Line> {
    let text = unified(["before", "after"], old, new);
    let line = |line: &str| Line {
        class: match line.as_bytes().first() {
            Some(b'+') => "new",
            Some(b'-') => "old",
            Some(b'@') => "at",
            _ => "",
        },
        text: Foreign::of(line),
    };
    // The first two lines only name the two sides.
    text.lines().skip(2).map(line).collect()
}

/// What the new text decides otherwise; nothing where one of them is no policy.
pub(super) fn meaning(labels: [&str; 2], old: &str, new: &str) -> String {
    let read = |text: &str| document::read("p", text).ok().map(|(policy, _)| policy);
    match (read(old), read(new)) {
        (Some(old), Some(new)) => told(labels, &compare(&old, &new), toolgate_catalog::visible),
        _ => String::new(),
    }
}

pub(super) async fn rollback(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = posted(asked)?;
    check_nonce(somebody, &(super::path(asked.id()) + "/rollback"), &form)?;
    let revision = form.one("revision").and_then(|number| number.parse().ok());
    let revision = revision.ok_or_else(|| Refusal::bad_request("`revision` is a number"))?;
    policy::rollback(house, somebody, (asked.id(), revision), fields::base(&form)?).await?;
    Ok(reply::see(&super::path(asked.id())))
}

/// The whole policy into shadow, or out of it.
pub(super) async fn mode(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (name, form) = (asked.id(), posted(asked)?);
    check_nonce(somebody, &(super::path(name) + "/mode"), &form)?;
    let found = house.read(|readers| policy::find(readers, name))?;
    let newest = found.newest().ok_or_else(|| policy::unknown(name))?;
    let shadow = form.one("mode") == Some("shadow");
    let text = edit::edit(&newest.text, &Edit::Mode { tool: None, shadow });
    let text = text.map_err(|why| Refusal::new(StatusCode::CONFLICT, "layout", why.to_string()))?;
    policy::put(house, somebody, (name, text), fields::base(&form)?).await?;
    Ok(reply::see(&super::path(name)))
}
