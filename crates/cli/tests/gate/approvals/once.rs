//! One yes, one execution: whatever is repeated, restarted or killed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use toolgate_store::State;
use toolgate_testkit::{GUARD, Pipe};

use crate::rig::{Rig, assert_denied, denial, text};

use super::people::{AT_ONCE, People, waits_for};

#[tokio::test]
async fn of_64_equal_calls_at_once_a_yes_lets_one_pass() {
    let rig = Rig::new(AT_ONCE);
    let door = Arc::new(rig.door().await);
    let call = |door: Arc<crate::rig::Door>| async move {
        door.web().modern_call("echo", json!({"message": "hi"})).await
    };
    let id = waits_for(&call(Arc::clone(&door)).await);
    People::of(&rig).yes(&id).await;
    let calls: Vec<_> = (0..64).map(|_| tokio::spawn(call(Arc::clone(&door)))).collect();
    let (mut passed, mut asked) = (0, std::collections::BTreeSet::new());
    for one in calls {
        let answer = one.await.unwrap();
        if denial(&answer).is_empty() {
            assert_eq!(text(&answer), "hi");
            passed += 1;
        } else {
            asked.insert(waits_for(&answer));
        }
    }
    assert_eq!(passed, 1);
    assert_eq!(asked.len(), 1, "those that did not pass share one new question: {asked:?}");
    assert!(!asked.contains(&id));
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
}

#[tokio::test]
async fn a_question_and_a_yes_survive_the_gate() {
    let rig = Rig::new(AT_ONCE);
    let people = People::of(&rig);
    let pipe = rig.pipe();
    pipe.open().await;
    let id = waits_for(&pipe.call("echo", json!({"message": "hi"})).await);
    pipe.close().await;
    people.yes(&id).await;
    let pipe = rig.pipe();
    pipe.open().await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
    assert_ne!(waits_for(&pipe.call("echo", json!({"message": "hi"})).await), id);
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
}

/// The yes is used up in the very entry that lets the call through: whatever happens behind it,
/// the record says that the outcome is unknown, and nothing is executed again.
#[tokio::test]
async fn a_gate_that_is_killed_behind_the_admission_never_executes_twice() {
    let rig = Rig::new(&AT_ONCE.replace("slow: {}", "slow: {require_approval: true}"));
    let pipe = Arc::new(rig.pipe());
    pipe.open().await;
    let arguments = json!({"ms": 600_000});
    let id = waits_for(&pipe.call("slow", arguments.clone()).await);
    People::of(&rig).yes(&id).await;
    let calling = Arc::clone(&pipe);
    let params = json!({"name": "slow", "arguments": arguments});
    let call = tokio::spawn(async move { calling.try_request("tools/call", params).await });
    used(&rig, &id).await;
    pipe.kill().await;
    assert_eq!(call.await.unwrap(), None);
    let output =
        rig.toolgate("audit").args(["verify", "--state"]).arg(rig.scratch.state()).output();
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(said.contains("outcome unknown of 1"), "{said}");
    let pipe = rig.pipe();
    pipe.open().await;
    assert_ne!(waits_for(&pipe.call("slow", json!({"ms": 600_000})).await), id);
    assert!(rig.ledger().calls_of("slow").len() <= 1);
}

async fn used(rig: &Rig, id: &str) {
    let used = async {
        while People::of(rig).state_of(id) != State::Used {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(GUARD, used).await.unwrap();
}

#[tokio::test]
async fn a_flood_is_capped_and_says_so() {
    let rig = Rig::new(&AT_ONCE.replace("hold: 0s", "hold: 0s, pending_max: 3"));
    let pipe = rig.pipe();
    pipe.open().await;
    let call = async |pipe: &Pipe, n: usize| pipe.call("add", json!({"a": n, "b": 1})).await;
    for n in 0..3 {
        waits_for(&call(&pipe, n).await);
    }
    let full = call(&pipe, 3).await;
    assert_denied(&full, "approvals_full");
    assert!(text(&full).contains("too many calls wait"), "{full}");
    waits_for(&call(&pipe, 1).await);
    assert_eq!(People::of(&rig).pending().len(), 3);
    assert_eq!(rig.ledger().calls_of("add").len(), 0);
}

#[tokio::test]
async fn rules_that_name_nobody_in_common_deny() {
    let rig = Rig::new(
        "version: \"1\"\ndefault: deny\ntools:\n  \"*\": {require_approval: true, approvers: [max]}\n  \
         echo: {require_approval: true, approvers: [olga]}\n",
    );
    let pipe = rig.pipe();
    pipe.open().await;
    assert_denied(&pipe.call("echo", json!({"message": "hi"})).await, "approval_impossible");
    assert!(People::of(&rig).pending().is_empty());
}
