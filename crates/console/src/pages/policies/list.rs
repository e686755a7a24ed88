//! All policies.

use askama::Template;
use hyper::StatusCode;
use toolgate_policy::document;
use toolgate_store::{Directory, PolicyText, Power};

use crate::deeds::policy;
use crate::door::Asked;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::reply::{self, Refusal, Reply};

#[derive(Template)]
#[template(path = "policies.html")]
struct List {
    frame: Frame,
    policies: Vec<Line>,
    may_edit: bool,
}

struct Line {
    path: String,
    name: Foreign,
    revision: u64,
    since: String,
    /// The grants under it, and whether it stands above all.
    above_all: bool,
    grants: Vec<Foreign>,
    mode: &'static str,
    tests: String,
}

pub(super) async fn list(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    if let Some(name) = Form::parse(asked.query).as_ref().and_then(|form| form.one("new")) {
        policy::check_name(name.trim())?;
        return Ok(reply::see(&format!("{}/edit", super::path(name.trim()))));
    }
    let policies = house.apart(|readers| Ok(lines(&readers.directory.read()?))).await?;
    let frame = Frame::new(house, somebody, "Policies", Section::Policies);
    render(StatusCode::OK, &List { frame, policies, may_edit: somebody.may(Power::Edit) })
}

fn lines(directory: &Directory) -> Vec<Line> {
    directory.policies.values().map(|policy| line(directory, policy)).collect()
}

fn line(directory: &Directory, policy: &PolicyText) -> Line {
    let found = policy::check(&policy.name, &policy.text);
    let outline = document::edit::outline(&policy.text);
    let tests = match (found.policy, found.tests) {
        (None, _) => "has errors".to_owned(),
        (Some(_), (_, 0)) => "none".to_owned(),
        (Some(_), (passed, all)) => format!("{passed} of {all} pass"),
    };
    Line {
        path: super::path(&policy.name),
        name: Foreign::of(&policy.name),
        revision: policy.revision,
        since: moment::readable(policy.put_ms),
        above_all: directory.organization.as_ref() == Some(&policy.name),
        grants: grants(directory, &policy.name).iter().map(|name| Foreign::of(name)).collect(),
        mode: if outline.is_some_and(|outline| outline.shadow) { "shadow" } else { "enforced" },
        tests,
    }
}

/// Live grants under a policy.
pub(super) fn grants(directory: &Directory, policy: &str) -> Vec<String> {
    let live = directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
    let under = live.filter(|grant| grant.policy.as_deref() == Some(policy));
    under.map(|grant| grant.name.clone()).collect()
}
