//! The page of one grant.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::Administer;
use toolgate_store::{Directory, Grant};

use crate::deeds::not_found;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::post::Post;
use crate::pages::{render, seen};
use crate::reply::{Refusal, Reply};

use super::budgets::{self, Budgets};
use super::{State, href, last, minted, policies, principal, state};

#[derive(Template)]
#[template(path = "grant.html")]
struct Page {
    frame: Frame,
    name: Foreign,
    /// As it is typed behind `toolgate grant`.
    typed: Foreign,
    principal: Foreign,
    state: State,
    servers: Vec<ServerLine>,
    policy: Option<Foreign>,
    organization: Option<Foreign>,
    has_token: bool,
    created: String,
    seen: String,
    records_max: usize,
    budgets: Budgets,
    forms: Option<Forms>,
}

struct ServerLine {
    name: Foreign,
    href: String,
    is_frozen: bool,
}

/// Of an admin, while the grant is one.
struct Forms {
    policy: Post,
    policies: Vec<Choice>,
    servers: Post,
    all_servers: Vec<Choice>,
    rotate: Post,
    address: String,
    revoke: Post,
}

struct Choice {
    name: String,
    chosen: bool,
}

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let unknown = "there is no such grant; `toolgate grant list` has them all";
    let grant = directory.grants.get(asked.id()).ok_or_else(|| not_found(unknown))?;
    let seen = seen::last_calls(house, |caller| &caller.grant).await?;
    let budgets = budgets::of(house, &directory, grant).await?;
    let title = toolgate_catalog::visible(&format!("Grant {}", grant.name));
    let server = |name: &String| ServerLine {
        name: Foreign::of(name),
        href: format!("/servers/{}", crate::form::segment(name)),
        is_frozen: super::frozen(&directory, grant, name).is_some(),
    };
    let is_over = grant.revoked_ms.is_some();
    let page = Page {
        frame: Frame::new(house, somebody, title, Section::Grants),
        name: Foreign::of(&grant.name),
        typed: Foreign::of(&grant.name),
        principal: Foreign::of(&principal(grant)),
        state: state(&directory, grant),
        servers: grant.servers.iter().map(server).collect(),
        policy: grant.policy.as_deref().map(Foreign::of),
        organization: directory.organization.as_deref().map(Foreign::of),
        has_token: grant.token.is_some(),
        created: moment::readable(grant.created_ms),
        seen: last(seen.get(&grant.name)),
        records_max: seen::RECORDS_MAX,
        budgets,
        forms: (somebody.may(Administer) && !is_over)
            .then(|| forms(house, somebody, &directory, grant))
            .flatten(),
    };
    render(StatusCode::OK, &page)
}

fn forms(
    house: &House,
    somebody: &Somebody,
    directory: &Directory,
    grant: &Grant,
) -> Option<Forms> {
    let post = |act: &str| Post::to(somebody, format!("{}/{act}", href(&grant.name)));
    let policy = |name: String| Choice { chosen: grant.policy.as_ref() == Some(&name), name };
    let server =
        |name: &String| Choice { chosen: grant.servers.contains(name), name: name.clone() };
    Some(Forms {
        policy: post("policy")?,
        policies: policies(directory).into_iter().map(policy).collect(),
        servers: post("servers")?,
        all_servers: directory.servers.keys().map(server).collect(),
        rotate: post("rotate")?,
        address: minted::usual_address(house),
        revoke: post("revoke")?,
    })
}
