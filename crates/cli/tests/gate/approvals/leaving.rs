//! A client that has left is never executed for.

use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_store::State;
use toolgate_testkit::{GUARD, notification};

use crate::rig::{Door, Era, Rig, call_text, settle, text};

use super::people::{HELD, People, waits_for};

/// A yes that comes too late stays unused. By the time that the gate has heard of the one to
/// `other`, which came behind it, it has heard of both.
async fn answered_too_late(rig: &Rig, id: &str, other: impl Future<Output = Value>) {
    let people = People::of(rig);
    let approve = async {
        let question = people.asked(2).await.remove(1);
        people.yes(id).await;
        people.yes(&question.id).await;
    };
    let (answer, ()) = tokio::join!(other, approve);
    assert_eq!(text(&answer), "3");
    assert_eq!(people.state_of(id), State::Approved);
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
}

fn sum() -> Value {
    json!({"a": 1, "b": 2})
}

#[tokio::test]
async fn a_cancelled_call_is_not_executed_and_the_yes_is_for_the_next_one() {
    let rig = Rig::new(HELD);
    let pipe = rig.pipe();
    pipe.open().await;
    let mut call = pipe.expect(&json!("c")).unwrap();
    pipe.send_line(call_text(Era::Legacy, r#""c""#, "echo", r#"{"message":"hi"}"#)).await.unwrap();
    let question = People::of(&rig).one().await;
    let cancelled = notification("notifications/cancelled", &json!({"requestId": "c"}));
    pipe.send_line(cancelled).await.unwrap();
    settle(&pipe).await;
    answered_too_late(&rig, &question.id, pipe.call("add", sum())).await;
    assert!(call.try_recv().is_err());
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
}

#[tokio::test]
async fn a_client_that_closes_its_side_hears_that_the_call_waits() {
    let rig = Rig::new(HELD);
    let pipe = rig.pipe();
    pipe.open().await;
    let call = pipe.expect(&json!("c")).unwrap();
    pipe.send_line(call_text(Era::Legacy, r#""c""#, "echo", r#"{"message":"hi"}"#)).await.unwrap();
    let question = People::of(&rig).one().await;
    pipe.close_stdin().await;
    let answer = tokio::time::timeout(GUARD, call).await.unwrap().unwrap().json;
    assert_eq!(waits_for(&answer), question.id);
    assert!(pipe.wait().await.success());
    People::of(&rig).yes(&question.id).await;
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
}

async fn dropped(era: Era) {
    let rig = Rig::new(HELD);
    let door = Door::open(rig.before_child()).await;
    let web = Arc::new(door.web());
    if era == Era::Legacy {
        web.open().await;
    }
    let calling = Arc::clone(&web);
    let call = tokio::spawn(async move {
        let arguments = json!({"message": "hi"});
        match era {
            Era::Legacy => calling.call("echo", arguments).await,
            Era::Modern => calling.modern_call("echo", arguments).await,
        }
    });
    let question = People::of(&rig).one().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    // The gate hears of a closed connection before it answers what comes behind.
    let other = door.web();
    assert_eq!(text(&other.modern_call("nonce", json!({"nonce": "n"})).await), "n");
    answered_too_late(&rig, &question.id, other.modern_call("add", sum())).await;
    let again = web.modern_call("echo", json!({"message": "hi"})).await;
    if era == Era::Modern {
        assert_eq!(text(&again), "hi");
    }
}

#[tokio::test]
async fn a_modern_client_that_hangs_up_is_not_executed_for() {
    dropped(Era::Modern).await;
}

#[tokio::test]
async fn a_legacy_client_that_hangs_up_is_not_executed_for() {
    dropped(Era::Legacy).await;
}

/// An event stream of a legacy client can be resumed: as long as nobody reads it nothing is
/// executed, and whoever comes back for it gets the answer.
#[tokio::test]
async fn a_legacy_stream_that_nobody_reads_is_not_executed_for_until_its_client_is_back() {
    let rig = Rig::new(HELD);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    let params = json!({"name": "echo", "arguments": {"message": "hi"},
                        "_meta": {"progressToken": "p"}});
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let reply = web.post(message.to_string(), &[]).await;
    assert!(reply.is_events());
    let mut events = reply.events();
    let mut last = None;
    while let Some(event) = events.next().await {
        last = event.id.clone().or(last);
        if event.data.contains("notifications/progress") {
            break;
        }
    }
    let people = People::of(&rig);
    let question = people.one().await;
    drop(events);
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n"})).await), "n");
    answered_too_late(&rig, &question.id, web.call("add", sum())).await;
    let mut rest = web.get(last.as_deref()).await.events();
    let answer = loop {
        let event = tokio::time::timeout(GUARD, rest.next()).await.unwrap().unwrap();
        if event.data.contains("\"result\"") {
            break event.data;
        }
    };
    assert!(answer.contains("\"hi\""), "{answer}");
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
}
