//! Before a draft is put in force: what it changes, by text and by meaning.

use askama::Template;
use hyper::StatusCode;

use crate::deeds::policy::{self, Checked};
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::pages::sign_in::{check_nonce, posted};
use crate::reply::{self, Refusal, Reply};

use super::edit::{form_path, has_crlf};
use super::fields::Draft;
use super::history::{self, Line};
use super::{Told, told};

#[derive(Template)]
#[template(path = "policy_review.html")]
struct Page {
    frame: Frame,
    path: String,
    name: Foreign,
    plain_name: String,
    text: String,
    base: u64,
    newest: u64,
    told: Vec<Told>,
    is_good: bool,
    tests: (usize, usize),
    diff: Vec<Line>,
    meaning: Foreign,
    preview: String,
    put: String,
}

pub(super) async fn review(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (name, form) = (asked.id().to_owned(), posted(asked)?);
    check_nonce(somebody, &form_path(&name), &form)?;
    policy::check_name(&name)?;
    let draft = Draft::read(&form, has_crlf(house, &name)?)?;
    let own = name.clone();
    let (draft, newest, checked, (diff, meaning)) = house
        .apart(move |readers| {
            let found = policy::find(readers, &own)?;
            let checked = policy::check(&own, &draft.text);
            let old = found.newest().map_or("", |newest| &newest.text);
            let compared = compared(&checked, (found.number(), old), &draft.text);
            Ok((draft, found.number(), checked, compared))
        })
        .await?;
    let session = somebody.session.as_ref();
    let nonce = |path: &str| session.map(|session| session.nonce(path)).unwrap_or_default();
    let path = super::path(&name);
    let page = Page {
        frame: Frame::new(house, somebody, format!("Review {name}"), Section::Policies),
        name: Foreign::of(&name),
        base: draft.base,
        newest,
        told: told(&checked.told, &draft.text),
        is_good: checked.is_good(),
        tests: checked.tests,
        diff,
        meaning: Foreign::lines(&meaning),
        text: draft.text,
        preview: nonce(&form_path(&name)),
        put: nonce(&format!("{path}/put")),
        plain_name: name,
        path,
    };
    render(StatusCode::OK, &page)
}

fn compared(checked: &Checked, (number, old): (u64, &str), new: &str) -> (Vec<Line>, String) {
    let label = format!("revision {number}");
    let meaning = if checked.is_good() && number > 0 {
        history::meaning([&label, "the draft"], old, new)
    } else {
        String::new()
    };
    (history::diff(old, new), meaning)
}

pub(super) async fn put(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let (name, form) = (asked.id(), posted(asked)?);
    check_nonce(somebody, &(super::path(name) + "/put"), &form)?;
    let draft = Draft::read(&form, has_crlf(house, name)?)?;
    policy::put(house, somebody, (name, draft.text), draft.base).await?;
    Ok(reply::see(&super::path(name)))
}
