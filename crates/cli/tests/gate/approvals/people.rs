//! Whoever is asked, in a process of their own.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use toolgate_store::{
    Answer, AnswerError, Approval, ApprovalReader, Approver, Durability, Options, State, Store,
    Way, Which,
};
use toolgate_testkit::GUARD;

use crate::rig::{Rig, decision};

/// Answers at once that a call waits.
pub(super) const AT_ONCE: &str = "\
version: \"1\"
default: deny
approvals: {hold: 0s, approvers: olga}
tools: {echo: {require_approval: true}, add: {require_approval: true}, nonce: {}, slow: {}}
";

/// Keeps calls open. Nobody at the client is asked.
pub(super) const HELD: &str = "\
version: \"1\"
default: deny
approvals: {approvers: olga}
tools: {echo: {require_approval: true}, add: {require_approval: true}, nonce: {}, slow: {}}
";

pub(super) struct People {
    state: PathBuf,
}

impl People {
    pub(super) fn of(rig: &Rig) -> People {
        People { state: rig.scratch.state() }
    }

    fn reader(&self) -> ApprovalReader {
        ApprovalReader::open(&self.state).unwrap()
    }

    pub(super) fn pending(&self) -> Vec<Approval> {
        self.reader().list(Which::Pending).unwrap()
    }

    pub(super) fn shown(&self, id: &str) -> Approval {
        self.reader().show(id).unwrap().unwrap()
    }

    pub(super) fn state_of(&self, id: &str) -> State {
        self.reader().state(id).unwrap().unwrap()
    }

    /// The questions, once there are so many.
    pub(super) async fn asked(&self, count: usize) -> Vec<Approval> {
        // The gate may still be making the directory.
        let there = || ApprovalReader::open(&self.state).ok()?.list(Which::Pending).ok();
        let asked = async {
            loop {
                match there() {
                    Some(there) if there.len() == count => return there,
                    _ => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let asked = tokio::time::timeout(GUARD, asked).await;
        asked.unwrap_or_else(|_| panic!("{} questions, not {count}", self.pending().len()))
    }

    /// The one question.
    pub(super) async fn one(&self) -> Approval {
        self.asked(1).await.remove(0)
    }

    pub(super) async fn answer(&self, id: &str, answer: Answer) -> Result<Approval, AnswerError> {
        let options = Options { durability: Durability::Normal };
        let store = Store::open(&self.state, options).unwrap();
        let answered = store.answer(id, answer).await;
        store.finish().await.unwrap();
        answered
    }

    pub(super) async fn yes(&self, id: &str) {
        let answer = Answer { yes: true, by: olga(), reason: None };
        self.answer(id, answer).await.unwrap();
    }

    pub(super) async fn no(&self, id: &str, reason: &str) {
        let answer = Answer { yes: false, by: olga(), reason: Some(reason.to_owned()) };
        self.answer(id, answer).await.unwrap();
    }
}

pub(super) fn olga() -> Approver {
    Approver { issuer: "os".to_owned(), subject: "olga".to_owned(), way: Way::Cli, grant: None }
}

/// The question that a call waits for, as its agent heard of it.
#[track_caller]
pub(super) fn waits_for(answer: &Value) -> String {
    let facts = decision(answer);
    assert_eq!(facts["effect"], "pending", "{answer}");
    assert_eq!(facts["code"], "approval_pending", "{answer}");
    assert_eq!(facts["retryable"], true, "{answer}");
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    facts["approval_id"].as_str().unwrap().to_owned()
}
