//! Policies: read, checked, put in force, rolled back. Nothing is put in force whose tests fail, or
//! in place of a revision that its author has not seen.

use std::sync::Arc;

use hyper::StatusCode;
use toolgate_policy::Policy;
use toolgate_policy::document::{self, Diagnostic, Severity};
use toolgate_store::{Act, CONFIGURED, Directory, PolicyText, ReadError};

use crate::house::{House, Readers};
use crate::identity::Somebody;
use crate::reply::Refusal;

/// A document that was looked at.
pub(crate) struct Checked {
    /// Also of one whose tests fail; nothing where it has other errors.
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) told: Vec<Diagnostic>,
    /// Of its tests: those that pass, and all.
    pub(crate) tests: (usize, usize),
}

pub(crate) fn check(name: &str, text: &str) -> Checked {
    let examined = document::examine(name, text).ok().map(|(examined, _)| examined);
    let told = match document::read(name, text) {
        Ok((_, told)) | Err(told) => told,
    };
    let trials = examined.as_ref().map_or(&[][..], |examined| &examined.trials);
    let tests = (trials.iter().filter(|trial| trial.passed()).count(), trials.len());
    Checked { policy: examined.map(|examined| examined.policy), told, tests }
}

impl Checked {
    pub(crate) fn is_good(&self) -> bool {
        self.told.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
    }
}

/// Everything there is of one policy, as of one moment.
pub(crate) struct Found {
    pub(crate) directory: Directory,
    /// Oldest first; none for a policy that is not there yet.
    pub(crate) revisions: Vec<PolicyText>,
}

impl Found {
    pub(crate) fn newest(&self) -> Option<&PolicyText> {
        self.revisions.last()
    }

    /// 0 if there is none.
    pub(crate) fn number(&self) -> u64 {
        self.newest().map_or(0, |newest| newest.revision)
    }

    pub(crate) fn revision(&self, number: u64) -> Option<&PolicyText> {
        self.revisions.iter().find(|policy| policy.revision == number)
    }
}

pub(crate) fn find(readers: &Readers, name: &str) -> Result<Found, ReadError> {
    let revisions = readers.directory.revisions(name)?;
    Ok(Found { directory: readers.directory.read()?, revisions })
}

pub(crate) fn unknown(name: &str) -> Refusal {
    let text = format!("there is no policy `{}`", toolgate_catalog::visible(name));
    super::not_found(text)
}

/// Names stand in records and paths: one visible word.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    super::one_word("a policy's name", name)?;
    if name == CONFIGURED {
        let text = "this policy is the configuration's own: change it there";
        return Err(Refusal::new(StatusCode::CONFLICT, "configured", text));
    }
    Ok(())
}

/// A new revision in place of `base`. Gives its number.
pub(crate) async fn put(
    house: &House,
    somebody: &Somebody,
    (name, text): (&str, String),
    base: u64,
) -> Result<u64, Refusal> {
    check_name(name)?;
    let (own, read) = (name.to_owned(), text.clone());
    let checked = tokio::task::spawn_blocking(move || check(&own, &read)).await;
    let checked = checked.map_err(|_| Refusal::unavailable("the policy could not be checked"))?;
    if !checked.is_good() {
        return Err(faulty(&checked));
    }
    let act = Act::PutPolicy { name: name.to_owned(), text };
    change(house, somebody, name, (act, base)).await
}

/// An older revision as a new one, in place of `base`. Gives its number.
pub(crate) async fn rollback(
    house: &House,
    somebody: &Somebody,
    (name, revision): (&str, u64),
    base: u64,
) -> Result<u64, Refusal> {
    check_name(name)?;
    let act = Act::RollbackPolicy { name: name.to_owned(), revision };
    change(house, somebody, name, (act, base)).await
}

async fn change(
    house: &House,
    somebody: &Somebody,
    name: &str,
    (act, base): (Act, u64),
) -> Result<u64, Refusal> {
    let number = |house: &House| house.read(|readers| find(readers, name)).map(|f| f.number());
    let newest = number(house)?;
    if newest != base {
        return Err(outdated(name, newest, base));
    }
    let expect = Act::ExpectPolicy { name: name.to_owned(), revision: base };
    super::change(house, somebody, vec![expect, act]).await?;
    number(house)
}

fn outdated(name: &str, newest: u64, base: u64) -> Refusal {
    let text = format!(
        "policy `{name}` is at revision {newest} by now, and this was written for revision {base}: \
         look at what has changed, then repeat it"
    );
    Refusal::new(StatusCode::PRECONDITION_FAILED, "outdated", text)
}

fn faulty(checked: &Checked) -> Refusal {
    let errors = checked.told.iter().filter(|told| told.severity == Severity::Error);
    let first = errors.clone().next().map(ToString::to_string).unwrap_or_default();
    let more = match errors.count() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let text = format!("nothing was put in force: {first}{more}");
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "faulty", text)
}
