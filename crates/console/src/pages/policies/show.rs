//! One policy: its text, what tools come to under it, where it is attached, all its revisions.

use askama::Template;
use hyper::StatusCode;
use toolgate_policy::Policy;
use toolgate_policy::document::edit;
use toolgate_store::{CONFIGURED, Power, ReadError};

use crate::deeds::policy::{self, Checked, Found};
use crate::door::Asked;
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::reply::{Refusal, Reply};

use super::comes_to::{ComesTo, comes_to};
use super::{Told, known, list, told};

#[derive(Template)]
#[template(path = "policy.html")]
struct Page {
    frame: Frame,
    path: String,
    name: Foreign,
    plain_name: String,
    revision: u64,
    since: String,
    shadow: bool,
    above_all: bool,
    grants: Vec<Foreign>,
    tests: (usize, usize),
    told: Vec<Told>,
    lines: Vec<Foreign>,
    tools: Vec<Tool>,
    revisions: Vec<Revision>,
    forms: Option<Forms>,
}

struct Tool {
    name: Foreign,
    servers: Vec<Foreign>,
    comes_to: ComesTo,
}

struct Revision {
    number: u64,
    since: String,
    lines: usize,
}

/// Of somebody who may edit.
struct Forms {
    mode: String,
}

struct Model {
    found: Found,
    checked: Checked,
    tools: Vec<Tool>,
}

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let name = asked.id().to_owned();
    let own = name.clone();
    let Some(model) = house.apart(move |readers| model(readers, &own)).await? else {
        return Err(policy::unknown(&name));
    };
    let Some(newest) = model.found.newest() else { return Err(policy::unknown(&name)) };
    let path = super::path(&name);
    let session = somebody.session.as_ref();
    let session = session.filter(|_| somebody.may(Power::Edit) && name != CONFIGURED);
    let directory = &model.found.directory;
    let outline = edit::outline(&newest.text);
    let revision = |policy: &toolgate_store::PolicyText| Revision {
        number: policy.revision,
        since: moment::readable(policy.put_ms),
        lines: policy.text.lines().count(),
    };
    let page = Page {
        frame: Frame::new(house, somebody, toolgate_catalog::visible(&name), Section::Policies),
        name: Foreign::of(&name),
        revision: newest.revision,
        since: moment::readable(newest.put_ms),
        shadow: outline.is_some_and(|outline| outline.shadow),
        above_all: directory.organization.as_ref() == Some(&name),
        grants: list::grants(directory, &name).iter().map(|grant| Foreign::of(grant)).collect(),
        tests: model.checked.tests,
        told: told(&model.checked.told, &newest.text),
        lines: newest.text.lines().map(Foreign::of).collect(),
        tools: model.tools,
        revisions: model.found.revisions.iter().rev().map(revision).collect(),
        forms: session.map(|session| Forms { mode: session.nonce(&format!("{path}/mode")) }),
        plain_name: name,
        path,
    };
    render(StatusCode::OK, &page)
}

fn model(readers: &Readers, name: &str) -> Result<Option<Model>, ReadError> {
    let found = policy::find(readers, name)?;
    let Some(newest) = found.newest() else { return Ok(None) };
    let checked = policy::check(name, &newest.text);
    let servers = known::servers(&found.directory, name);
    let known = known::tools(&found.directory, &readers.directory, &servers)?;
    let tools = match checked.policy.as_deref() {
        Some(policy) => tools(policy, &known),
        None => Vec::new(),
    };
    Ok(Some(Model { found, checked, tools }))
}

/// Those that the policy names, and those that servers were seen to have.
fn tools(policy: &Policy, known: &known::Tools) -> Vec<Tool> {
    let listed = policy.listed();
    let keys = listed.iter().map(|listed| listed.key()).filter(|key| !key.contains(['*', '?']));
    let mut names: Vec<&str> = keys.chain(known.keys().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let one = |name: &&str| Tool {
        name: Foreign::of(name),
        servers: known.get(*name).into_iter().flatten().map(|name| Foreign::of(name)).collect(),
        comes_to: comes_to(&[policy], name),
    };
    names.iter().map(one).collect()
}
