//! The builder beside the text. A draft lives in the browser until it is put in force.

use std::collections::BTreeSet;

use askama::Template;
use hyper::StatusCode;
use toolgate_policy::document::edit::{self, Edit};
use toolgate_policy::{Policy, document};
use toolgate_store::ReadError;

use crate::deeds::policy::{self, Checked, Found};
use crate::door::Asked;
use crate::form::Form;
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::pages::sign_in::{check_nonce, posted};
use crate::reply::{Refusal, Reply};

use super::builder::{Builder, OPS, builder};
use super::comes_to::{ComesTo, comes_to};
use super::fields::Draft;
use super::{Told, known, told};

#[derive(Template)]
#[template(path = "policy_edit.html")]
struct Page {
    frame: Frame,
    path: String,
    name: Foreign,
    nonce: String,
    text: String,
    base: u64,
    newest: u64,
    open: String,
    refused: Option<Foreign>,
    told: Vec<Told>,
    is_good: bool,
    tests: (usize, usize),
    builder: Option<Builder>,
    ops: &'static [(&'static str, &'static str)],
    grants: Vec<String>,
    seen_as: String,
    seen: Vec<Seen>,
}

/// A tool through the eyes of a grant.
struct Seen {
    name: Foreign,
    server: Foreign,
    comes_to: ComesTo,
}

/// All that the page is made of, read and checked where nobody else waits.
struct Model {
    found: Found,
    checked: Checked,
    builder: Option<Builder>,
    seen: Vec<Seen>,
}

/// A policy that does not exist yet begins with nothing allowed.
const BEGINNING: &str = "version: \"1\"\ndefault: deny\ntools: {}\n";

pub(super) async fn open(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let name = asked.id();
    policy::check_name(name)?;
    let found = house.read(|readers| policy::find(readers, name))?;
    let query = Form::parse(asked.query);
    let own = |key: &str| query.as_ref().and_then(|form| form.one(key)).unwrap_or_default();
    let wanted = own("revision").parse().ok().and_then(|number| found.revision(number));
    let text = wanted.or(found.newest()).map_or(BEGINNING, |policy| &policy.text).to_owned();
    let (open, base) = (own("tool").to_owned(), found.number());
    let draft = Draft { text, base, open, seen_as: String::new() };
    page(house, somebody, name, (draft, None)).await
}

pub(super) async fn preview(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (name, form) = (asked.id(), posted(asked)?);
    check_nonce(somebody, &form_path(name), &form)?;
    let mut draft = Draft::read(&form, has_crlf(house, name)?)?;
    let refused = draft.act(&form).err();
    page(house, somebody, name, (draft, refused)).await
}

/// A rule that somebody made elsewhere joins the policy as it is in force, as a draft.
pub(super) async fn draft(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (name, form) = (asked.id(), posted(asked)?);
    check_nonce(somebody, asked.path, &form)?;
    policy::check_name(name)?;
    let found = house.read(|readers| policy::find(readers, name))?;
    let text = found.newest().map_or(BEGINNING, |policy| &policy.text).to_owned();
    let own = |key: &str| form.one(key).unwrap_or_default().to_owned();
    let (open, base) = (own("tool"), found.number());
    let mut draft = Draft { text, base, open, seen_as: String::new() };
    let add = Edit::AddRule { tool: draft.open.clone(), text: own("rule_yaml") };
    let refused = match edit::edit(&draft.text, &add) {
        Ok(text) => {
            draft.text = text;
            None
        }
        Err(why) => Some(why.to_string()),
    };
    page(house, somebody, name, (draft, refused)).await
}

/// One nonce for all that only looks at a draft.
pub(super) fn form_path(name: &str) -> String {
    super::path(name) + "/preview"
}

pub(super) fn has_crlf(house: &House, name: &str) -> Result<bool, Refusal> {
    let found = house.read(|readers| readers.directory.revisions(name))?;
    Ok(found.last().is_some_and(|policy| policy.text.contains("\r\n")))
}

async fn page(
    house: &House,
    somebody: &Somebody,
    name: &str,
    (draft, refused): (Draft, Option<String>),
) -> Result<Reply, Refusal> {
    policy::check_name(name)?;
    let own = name.to_owned();
    let (draft, model) = house
        .apart(move |readers| {
            let model = model(readers, &own, &draft)?;
            Ok((draft, model))
        })
        .await?;
    let title = format!("Edit {name}");
    let grants = model.found.directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
    let session = somebody.session.as_ref();
    let page = Page {
        frame: Frame::new(house, somebody, title, Section::Policies),
        path: super::path(name),
        name: Foreign::of(name),
        nonce: session.map(|session| session.nonce(&form_path(name))).unwrap_or_default(),
        newest: model.found.number(),
        base: draft.base,
        refused: refused.as_deref().map(Foreign::of),
        told: told(&model.checked.told, &draft.text),
        is_good: model.checked.is_good(),
        tests: model.checked.tests,
        builder: model.builder,
        ops: OPS,
        grants: grants.map(|grant| grant.name.clone()).collect(),
        seen: model.seen,
        text: draft.text,
        open: draft.open,
        seen_as: draft.seen_as,
    };
    render(StatusCode::OK, &page)
}

fn model(readers: &Readers, name: &str, draft: &Draft) -> Result<Model, ReadError> {
    let found = policy::find(readers, name)?;
    let (directory, reader) = (&found.directory, &readers.directory);
    let checked = policy::check(name, &draft.text);
    let servers = known::servers(directory, name);
    let tools = known::tools(directory, reader, &servers)?;
    let having = tools.get(&draft.open).cloned().unwrap_or_default();
    let arguments = known::arguments(reader, &having, &draft.open)?;
    let outline = edit::outline(&draft.text);
    let policy = checked.policy.as_deref();
    let builder =
        outline.map(|outline| builder(&outline, policy, (&tools, &arguments), &draft.open));
    let seen = match policy {
        Some(policy) => seen(readers, &found, (name, policy), &draft.seen_as)?,
        None => Vec::new(),
    };
    Ok(Model { found, checked, builder, seen })
}

/// What a grant would have with this draft in the place of the policy, wherever that stands.
fn seen(
    readers: &Readers,
    found: &Found,
    (name, draft): (&str, &Policy),
    grant: &str,
) -> Result<Vec<Seen>, ReadError> {
    let directory = &found.directory;
    let Some(grant) = directory.grants.get(grant) else { return Ok(Vec::new()) };
    let above = directory.organization.as_deref().filter(|above| *above != name);
    let above = above.and_then(|above| directory.policies.get(above));
    let above = above.and_then(|above| document::read(&above.name, &above.text).ok());
    let policies: Vec<&Policy> = above.iter().map(|(policy, _)| policy).chain([draft]).collect();
    let mut seen = Vec::new();
    for server in &grant.servers {
        let only = BTreeSet::from([server.clone()]);
        let tools = known::tools(directory, &readers.directory, &only)?;
        seen.extend(tools.keys().map(|tool| Seen {
            name: Foreign::of(tool),
            server: Foreign::of(server),
            comes_to: comes_to(&policies, tool),
        }));
    }
    Ok(seen)
}
