//! People: accounts, their roles, passwords and sessions; and who changed what.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Account, Kind, Log, Role};

use crate::cookie::Cookie;
use crate::deeds::account::{self, Part};
use crate::door::Asked;
use crate::form::{Form, segment};
use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::password;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;
use crate::session::Listed;

use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::post::Post;
use super::render;
use super::sign_in::{check_nonce, posted};

#[derive(Template)]
#[template(path = "people.html")]
struct People {
    frame: Frame,
    accounts: Vec<Line>,
    sessions: Vec<SessionLine>,
    password: Option<Post>,
    chars_min: usize,
    add: Option<AddForm>,
}

struct Line {
    name: Foreign,
    role: &'static str,
    servers: Vec<Foreign>,
    has_password: bool,
    made: String,
    revoked: String,
    forms: Option<Forms>,
}

/// Of an admin.
struct Forms {
    typed: Foreign,
    role: Post,
    roles: Vec<(&'static str, bool)>,
    servers: String,
    revoke: Post,
}

struct AddForm {
    post: Post,
    roles: Vec<&'static str>,
}

struct SessionLine {
    account: Foreign,
    begun: String,
    used: String,
    is_this: bool,
    end: Option<Post>,
}

#[derive(Template)]
#[template(path = "account_made.html")]
struct Made {
    frame: Frame,
    name: Foreign,
    role: &'static str,
    token: String,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct Changes {
    frame: Frame,
    lines: Vec<ChangeLine>,
    records: usize,
}

struct ChangeLine {
    when: String,
    by: Foreign,
    code: Foreign,
    subject: Foreign,
    text: Foreign,
}

pub(crate) const ROUTES: &[Route] = &[
    Route::get(
        "/people",
        Session(Look, |house, who, asked| Box::pin(async { list(house, who, asked) })),
    ),
    Route::post(
        "/people",
        Session(Administer, |house, who, asked| Box::pin(add(house, who, asked))),
    ),
    Route::get("/people/changes", Session(Look, |house, who, _| Box::pin(changes(house, who)))),
    Route::post(
        "/people/password",
        Session(Look, |house, who, asked| Box::pin(set_password(house, who, asked))),
    ),
    Route::post(
        "/people/sessions/*/end",
        Session(Look, |house, who, asked| Box::pin(async { end_session(house, who, asked) })),
    ),
    Route::post(
        "/people/*/role",
        Session(Administer, |house, who, asked| Box::pin(set_role(house, who, asked))),
    ),
    Route::post(
        "/people/*/revoke",
        Session(Administer, |house, who, asked| Box::pin(revoke(house, who, asked))),
    ),
];

const CHANGES_MAX: usize = 200;
const RECORDS_MAX: usize = 20_000;

fn list(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let read = |readers: &crate::house::Readers| {
        let accounts = readers.directory.accounts()?.into_iter();
        let with = |account: Account| {
            let password = readers.directory.password_of(&account.name)?;
            Ok((account, password.is_some()))
        };
        accounts.map(with).collect::<Result<Vec<_>, _>>()
    };
    let accounts = house.read(read)?;
    let is_admin = somebody.may_everywhere(Administer);
    let own = Cookie::Session.read(asked.headers, house.edge.secure);
    let own = own.map(|name| crate::session::id(&name)).unwrap_or_default();
    let sessions = house.sessions.list().into_iter();
    let sessions = sessions.filter(|one| is_admin || one.account == somebody.account.name);
    let roles = || Role::ALL.map(Role::as_str).to_vec();
    let add = || Some(AddForm { post: Post::to(somebody, "/people")?, roles: roles() });
    let page = People {
        frame: Frame::new(house, somebody, "People", Section::People),
        accounts: accounts.into_iter().map(|one| line(somebody, is_admin, one)).collect(),
        sessions: sessions.map(|one| session(somebody, &own, &one)).collect(),
        password: Post::to(somebody, "/people/password"),
        chars_min: password::CHARS_MIN,
        add: is_admin.then(add).flatten(),
    };
    render(StatusCode::OK, &page)
}

fn line(somebody: &Somebody, is_admin: bool, (account, has_password): (Account, bool)) -> Line {
    let is_live = account.revoked_ms.is_none();
    let post = |act: &str| Post::to(somebody, format!("/people/{}/{act}", segment(&account.name)));
    let forms = || {
        Some(Forms {
            typed: Foreign::of(&account.name),
            role: post("role")?,
            roles: Role::ALL.map(|role| (role.as_str(), role == account.role)).to_vec(),
            servers: account.servers.join(" "),
            revoke: post("revoke")?,
        })
    };
    Line {
        name: Foreign::of(&account.name),
        role: account.role.as_str(),
        servers: account.servers.iter().map(|server| Foreign::of(server)).collect(),
        has_password,
        made: moment::readable(account.created_ms),
        revoked: account.revoked_ms.map(moment::readable).unwrap_or_default(),
        forms: (is_admin && is_live).then(forms).flatten(),
    }
}

fn session(somebody: &Somebody, own: &str, one: &Listed) -> SessionLine {
    SessionLine {
        account: Foreign::of(&one.account),
        begun: format!("{} ago", moment::span(one.begun_ms)),
        used: format!("{} ago", moment::span(one.used_ms)),
        is_this: one.id == own,
        end: Post::to(somebody, format!("/people/sessions/{}/end", one.id)),
    }
}

fn checked(somebody: &Somebody, asked: &Asked<'_>) -> Result<Form, Refusal> {
    let form = posted(asked)?;
    check_nonce(somebody, asked.path, &form)?;
    Ok(form)
}

fn part(form: &Form) -> Result<Part, Refusal> {
    let servers = form.typed("servers").unwrap_or_default();
    let servers = servers.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned);
    Part::read(form.one("role").unwrap_or_default(), servers.collect())
}

/// The token is on this answer and on no other.
async fn add(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let (name, part) = (form.typed("name").unwrap_or_default(), part(&form)?);
    let role = part.role.as_str();
    let token = account::add(house, somebody, name, part).await?;
    let page = Made {
        frame: Frame::new(house, somebody, "A new account", Section::People),
        name: Foreign::of(name),
        role,
        token: token.as_str().to_owned(),
    };
    render(StatusCode::OK, &page)
}

async fn set_role(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    account::set_role(house, somebody, asked.id(), part(&form)?).await?;
    Ok(reply::see("/people"))
}

async fn revoke(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    account::revoke(house, somebody, asked.id()).await?;
    Ok(reply::see("/people"))
}

async fn set_password(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = checked(somebody, asked)?;
    let new = form.one("password").unwrap_or_default();
    if form.one("again") != Some(new) {
        return Err(Refusal::bad_request("the two are not the same: type it once more"));
    }
    account::set_password(house, somebody, new).await?;
    let own = Cookie::Session.read(asked.headers, house.edge.secure);
    house.sessions.end_others(&somebody.account.name, own.as_deref());
    Ok(reply::see("/people"))
}

/// One's own; anybody's for who administers everything.
fn end_session(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    checked(somebody, asked)?;
    let only = (!somebody.may_everywhere(Administer)).then_some(&*somebody.account.name);
    if !house.sessions.end_listed(asked.id(), only) {
        return Err(crate::deeds::not_found("there is no such session any more"));
    }
    Ok(reply::see("/people"))
}

async fn changes(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    let state = house.state.clone();
    let look = move || {
        let log = Log::open(&state).map_err(|error| error.to_string())?;
        let mut lines = Vec::new();
        for entry in log.entries_back(u64::MAX).take(RECORDS_MAX) {
            let entry = entry.map_err(|error| error.to_string())?;
            let Kind::Changed(changed) = entry.kind else { continue };
            lines.push(ChangeLine {
                when: moment::readable(entry.wall_ms),
                by: Foreign::of(&changed.by),
                code: Foreign::of(&changed.code.replace('_', " ")),
                subject: Foreign::of(&changed.subject),
                text: Foreign::of(&changed.text),
            });
            if lines.len() == CHANGES_MAX {
                break;
            }
        }
        Ok::<_, String>(lines)
    };
    let looked = tokio::task::spawn_blocking(look).await;
    let looked = looked.unwrap_or_else(|_| Err("the log could not be read".to_owned()));
    let page = Changes {
        frame: Frame::new(house, somebody, "Changes", Section::People),
        lines: looked.map_err(|why| Refusal::unavailable(&why))?,
        records: RECORDS_MAX,
    };
    render(StatusCode::OK, &page)
}
