//! Policies that want a yes, clients that say it, and somebody else who can.

use std::time::Duration;

use serde_json::{Value, json};
use toolgate_store::{
    Answer, Approval, ApprovalReader, Approver, Durability, Options, Store, Way as By, Which,
};
use toolgate_testkit::GUARD;

use crate::rig::{Client, Rig, decision, text};

/// An answer through the client counts.
pub(super) const ASKED: &str = r#"{"version":"1","default":"deny",
    "approvals":{"approvers":["in_client"],"hold":"0s"},
    "tools":{"nonce":{"require_approval":true},"ask":{"require_approval":true},"echo":{}}}"#;

/// It does, and so does that of somebody else.
pub(super) const BOTH: &str = r#"{"version":"1","default":"deny",
    "approvals":{"approvers":["in_client","olga"],"hold":"0s"},
    "tools":{"nonce":{"require_approval":true},"echo":{}}}"#;

/// It does not: somebody else has to say yes.
pub(super) const ELSEWHERE: &str = r#"{"version":"1","default":"deny",
    "approvals":{"approvers":["olga"],"hold":"0s"},
    "tools":{"nonce":{"require_approval":true},"echo":{}}}"#;

/// The call is kept open, for as long as no test lasts.
pub(super) const HELD: &str = r#"{"version":"1","default":"deny",
    "approvals":{"approvers":["in_client","olga"],"hold":"200s"},
    "tools":{"nonce":{"require_approval":true},"echo":{}}}"#;

pub(super) const FORM: &str = r#"{"elicitation":{}}"#;

pub(super) fn capabilities(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// How often the call that wants a yes reached the server.
pub(super) fn ran(rig: &Rig) -> usize {
    rig.ledger().calls_of("nonce").len()
}

/// Everything sent before has been decided, and has reached the server if it was to.
pub(super) async fn settle(client: &Client) {
    let answer = client.call("echo", json!({"message": "settled"})).await;
    assert!(text(&answer).contains("settled"), "{answer}");
}

#[track_caller]
pub(super) fn assert_ran(answer: &Value) {
    assert_eq!(text(answer), "n", "{answer}");
    assert!(decision(answer).is_null(), "{answer}");
}

/// The id of the approval that a call waits for.
#[track_caller]
pub(super) fn pending(answer: &Value) -> String {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(decision(answer)["effect"], "pending", "{answer}");
    let id = decision(answer)["approval_id"].as_str().unwrap();
    assert!(id.starts_with("apr_") && text(answer).contains(id), "{answer}");
    id.to_owned()
}

pub(super) fn nonce() -> Value {
    json!({"nonce": "n"})
}

/// All questions so far, the oldest first.
pub(super) fn approvals(rig: &Rig) -> Vec<Approval> {
    ApprovalReader::open(&rig.scratch.state()).unwrap().list(Which::All).unwrap()
}

/// Waits for an open question; gives its id.
pub(super) async fn open(rig: &Rig) -> String {
    let looking = async {
        loop {
            let reader = ApprovalReader::open(&rig.scratch.state());
            let list = reader.ok().and_then(|reader| reader.list(Which::Pending).ok());
            if let Some(first) = list.unwrap_or_default().first() {
                return first.id.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, looking).await.unwrap()
}

/// Olga's answer, by the command line.
pub(super) async fn answer(rig: &Rig, id: &str, yes: bool) {
    let store = Store::open(&rig.scratch.state(), Options { durability: Durability::Normal });
    let (issuer, subject) = ("os".to_owned(), "olga".to_owned());
    let by = Approver { issuer, subject, way: By::Cli, grant: None };
    store.unwrap().answer(id, Answer { yes, by, reason: None }).await.unwrap();
}
