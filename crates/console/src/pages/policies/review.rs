//! Before a draft is put in force: what it would have done, and what it changes, by text and by
//! meaning.

use std::path::Path;

use askama::Template;
use hyper::StatusCode;
use toolgate_store::{Log, ReadError};

use crate::deeds::policy::{self, Checked};
use crate::door::Asked;
use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::pages::frame::{Frame, Section};
use crate::pages::render;
use crate::pages::sign_in::{check_nonce, posted};
use crate::reply::{self, Refusal, Reply};

use super::back_test::{self, BackTest};
use super::chart::{self, Shown};
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
    days: u64,
    /// Numbers of days to choose from, and the one that is chosen.
    spans: Vec<(u64, bool)>,
    back: Option<Shown>,
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
    let days = form.one("days").and_then(|days| days.parse().ok()).unwrap_or(DAYS);
    let days = days.clamp(1, DAYS_MAX);
    let (own, state) = (name.clone(), house.state.clone());
    let (draft, model) = house
        .apart(move |readers| {
            let model = model(readers, &state, (&own, &draft.text), days)?;
            Ok((draft, model))
        })
        .await?;
    let Model { newest, checked, diff, meaning, back } = model;
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
        days,
        spans: [1, 7, 30, 90].map(|span| (span, span == days)).to_vec(),
        back: back.map(|back| chart::shown(&back, days)),
        text: draft.text,
        preview: nonce(&form_path(&name)),
        put: nonce(&format!("{path}/put")),
        plain_name: name,
        path,
    };
    render(StatusCode::OK, &page)
}

/// All that the page is made of, read where nobody else waits.
struct Model {
    newest: u64,
    checked: Checked,
    diff: Vec<Line>,
    meaning: String,
    back: Option<BackTest>,
}

const DAYS: u64 = 7;
const DAYS_MAX: u64 = 366;
const DAY_MS: u64 = 24 * 3600 * 1000;

fn model(
    readers: &Readers,
    state: &Path,
    (name, text): (&str, &str),
    days: u64,
) -> Result<Model, ReadError> {
    let found = policy::find(readers, name)?;
    let checked = policy::check(name, text);
    let old = found.newest().map_or("", |newest| &newest.text);
    let (diff, meaning) = compared(&checked, (found.number(), old), text);
    let back = match (&checked.policy, Log::open(state)) {
        (Some(policy), Ok(log)) => {
            let now_ms = moment::now_ms();
            let span = (now_ms.saturating_sub(days * DAY_MS), now_ms);
            Some(back_test::back_test(&log, &readers.directory, (name, policy), span)?)
        }
        _ => None,
    };
    Ok(Model { newest: found.number(), checked, diff, meaning, back })
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
