//! A server that asks back itself, behind a call that was approved: one yes is for all its rounds.

use serde_json::{Value, json};
use toolgate_store::State;

use super::modern::{KEY, client, modern, says};
use super::rig::{ASKED, FORM, approvals, capabilities};
use crate::rig::{Client, Era, Rig, text, ways};

fn arguments(rounds: u64) -> Value {
    json!({"kind": "elicitation", "rounds": rounds})
}

/// Says yes to the gate; gives the answer with the server's first question.
async fn approved(client: &Client, rounds: u64) -> Value {
    let first = client.call("ask", arguments(rounds)).await;
    assert!(first["result"]["inputRequests"][KEY].is_object(), "{first}");
    next(client, rounds, &first, says("accept")).await
}

async fn next(client: &Client, rounds: u64, before: &Value, responses: Value) -> Value {
    let state = before["result"]["requestState"].clone();
    let params = json!({"name": "ask", "arguments": arguments(rounds), "requestState": state,
                        "inputResponses": responses});
    client.request("tools/call", params).await
}

/// To the next question; gives its words.
async fn agree(client: &Client) -> String {
    let question = client.next_message().await;
    let result = json!({"action": "accept", "content": {"sure": true}});
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
    client.tell(&answer.to_string()).await;
    question["params"]["message"].as_str().unwrap().to_owned()
}

fn servers_answer() -> Value {
    json!({"question": {"action": "accept"}})
}

#[tokio::test]
async fn one_yes_is_for_all_rounds_of_a_call() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let mut answer = approved(&client, 3).await;
        for _ in 0..3 {
            let asked = &answer["result"]["inputRequests"];
            assert!(asked["question"].is_object() && asked[KEY].is_null(), "{way:?}: {answer}");
            answer = next(&client, 3, &answer, servers_answer()).await;
        }
        assert_eq!(text(&answer), r#"the client said {"action":"accept"}"#, "{way:?}: {answer}");
        assert_eq!(rig.ledger().calls_of("ask").len(), 4, "{way:?}");
        let approvals = approvals(&rig);
        assert_eq!(approvals.len(), 1, "{way:?}");
        assert_eq!(approvals[0].state, State::Used);
        let log = rig.log();
        let opened = log.iter().filter(|entry| entry["kind"] == "opened");
        let linked = opened.filter(|entry| entry["approval"] == *approvals[0].id).count();
        assert_eq!(linked, 4, "{way:?}");
    }
}

/// The sentinel would refuse it as well; it must not hear of it.
#[tokio::test]
async fn a_round_comes_once() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let asked = approved(&client, 1).await;
        let done = next(&client, 1, &asked, servers_answer()).await;
        assert!(text(&done).starts_with("the client said"), "{done}");
        let again = next(&client, 1, &asked, servers_answer()).await;
        assert!(again["result"]["inputRequests"][KEY].is_object(), "{way:?}: {again}");
        assert_eq!(rig.ledger().calls_of("ask").len(), 2, "{way:?}");
    }
}

#[tokio::test]
async fn a_yes_that_goes_on_is_for_no_other_call() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let asked = approved(&client, 1).await;
        // The same call from the start, and another one under that state.
        let fresh = client.call("ask", arguments(1)).await;
        assert!(fresh["result"]["inputRequests"][KEY].is_object(), "{way:?}: {fresh}");
        let other = next(&client, 2, &asked, servers_answer()).await;
        assert!(other["result"]["inputRequests"][KEY].is_object(), "{way:?}: {other}");
        assert_eq!(rig.ledger().calls_of("ask").len(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_legacy_server_asks_back_within_the_approved_call() {
    for way in ways().filter(|way| way.era == Era::Legacy) {
        let rig = Rig::new(ASKED);
        let client = Client::start_with(&rig, way, capabilities(FORM)).await;
        let answering = async { [agree(&client).await, agree(&client).await] };
        let (answer, asked) = tokio::join!(client.call("ask", arguments(1)), answering);
        assert!(text(&answer).contains(r#""sure":true"#), "{way:?}: {answer}");
        assert!(asked[0].starts_with("A policy wants"), "{asked:?}");
        assert_eq!(asked[1], "Are you sure?");
        assert_eq!(rig.ledger().calls_of("ask").len(), 1, "{way:?}");
    }
}
