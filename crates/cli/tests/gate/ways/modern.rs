//! Modern clients hear the question in the answer, and answer it with another round (MRTR).

use serde_json::{Value, json};
use toolgate_store::{State, Way as By};

use super::rig::{
    ASKED, BOTH, ELSEWHERE, FORM, answer, approvals, assert_ran, capabilities, nonce, pending, ran,
};
use crate::rig::{Client, Era, Rig, Way, assert_denied, ways};

pub(super) const KEY: &str = "dev.toolgate/approval";

pub(super) fn modern() -> impl Iterator<Item = Way> {
    ways().filter(|way| way.era == Era::Modern)
}

pub(super) async fn client(rig: &Rig, way: Way) -> Client {
    Client::start_with(rig, way, capabilities(FORM)).await
}

/// The first round: the question, and the state to come back with.
pub(super) async fn asked(client: &Client, arguments: Value) -> (Value, String) {
    let answer = client.call("nonce", arguments).await;
    let result = &answer["result"];
    assert_eq!(result["resultType"], "input_required", "{answer}");
    let question = result["inputRequests"][KEY].clone();
    assert_eq!(result["inputRequests"].as_object().unwrap().len(), 1, "{answer}");
    assert_eq!(question["method"], "elicitation/create", "{answer}");
    (question["params"].clone(), result["requestState"].as_str().unwrap().to_owned())
}

/// The next round, with these responses.
pub(super) async fn back(client: &Client, state: &str, responses: Value) -> Value {
    back_with(client, nonce(), state, responses).await
}

pub(super) async fn back_with(
    client: &Client,
    arguments: Value,
    state: &str,
    responses: Value,
) -> Value {
    let params = json!({"name": "nonce", "arguments": arguments, "requestState": state,
                        "inputResponses": responses});
    client.request("tools/call", params).await
}

pub(super) fn says(action: &str) -> Value {
    json!({KEY: {"action": action}})
}

/// The params of the one call that reached the server.
fn reached(rig: &Rig) -> Value {
    let calls = rig.ledger().calls_of("nonce");
    assert_eq!(calls.len(), 1);
    let message: Value = serde_json::from_slice(&calls[0].raw).unwrap();
    message["params"].clone()
}

#[tokio::test]
async fn a_yes_lets_one_call_pass_without_what_was_ours() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (question, state) = asked(&client, nonce()).await;
        let text = question["message"].as_str().unwrap();
        assert!(text.contains("tool: nonce") && text.contains(r#"nonce = "n""#), "{text}");
        assert_eq!(ran(&rig), 0, "{way:?}");
        assert_ran(&back(&client, &state, says("accept")).await);
        let params = reached(&rig);
        assert!(params.get("requestState").is_none(), "{way:?}: {params}");
        assert!(params.get("inputResponses").is_none(), "{way:?}: {params}");
        let one = &approvals(&rig)[0];
        assert_eq!((one.state, one.given.as_ref().unwrap().way), (State::Used, By::InClient));
    }
}

#[tokio::test]
async fn a_no_is_a_no_and_nobody_is_asked_twice() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (_, state) = asked(&client, nonce()).await;
        assert_denied(&back(&client, &state, says("decline")).await, "approval_denied");
        assert_denied(&client.call("nonce", nonce()).await, "approval_denied");
        assert_eq!((ran(&rig), approvals(&rig).len()), (0, 1), "{way:?}");
    }
}

#[tokio::test]
async fn what_was_declined_stays_open_for_others_and_is_not_asked_again() {
    for way in modern() {
        let rig = Rig::new(BOTH);
        let client = client(&rig, way).await;
        let (_, state) = asked(&client, nonce()).await;
        let id = pending(&back(&client, &state, says("decline")).await);
        assert_eq!(pending(&client.call("nonce", nonce()).await), id, "{way:?}");
        assert_eq!(ran(&rig), 0, "{way:?}");
        answer(&rig, &id, true).await;
        assert_ran(&client.call("nonce", nonce()).await);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

#[tokio::test]
async fn responses_of_a_wrong_shape_are_no_answer() {
    let way = modern().next().unwrap();
    for responses in [
        json!({}),
        json!({"approval": {"action": "accept"}}),
        json!({"Dev.Toolgate/Approval": {"action": "accept"}}),
        json!({KEY: "accept"}),
        json!({KEY: [{"action": "accept"}]}),
        json!({KEY: {"action": "Accept"}}),
        json!({KEY: {"action": true}}),
        json!({KEY: {"Action": "accept"}}),
        json!({KEY: {"action": "decline", "ACTION": "accept"}}),
        json!({KEY: {"action": "cancel"}}),
        json!([{KEY: {"action": "accept"}}]),
        json!("accept"),
        Value::Null,
    ] {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (_, state) = asked(&client, nonce()).await;
        let answer = back(&client, &state, responses.clone()).await;
        assert_ne!(answer["result"]["isError"], Value::Null, "{responses}: {answer}");
        assert_eq!(ran(&rig), 0, "{responses}");
    }
}

#[tokio::test]
async fn who_cannot_ask_anybody_waits_for_somebody_else_and_calls_again() {
    for way in modern() {
        for capabilities in [json!({}), capabilities(FORM)] {
            let rig = Rig::new(ELSEWHERE);
            let client = Client::start_with(&rig, way, capabilities).await;
            let id = pending(&client.call("nonce", nonce()).await);
            answer(&rig, &id, true).await;
            assert_ran(&client.call("nonce", nonce()).await);
            assert_ne!(pending(&client.call("nonce", nonce()).await), id, "{way:?}");
            assert_eq!(ran(&rig), 1, "{way:?}");
        }
    }
}

/// Somebody said yes while the question stood in the client: its answer is not needed any more.
#[tokio::test]
async fn a_round_passes_by_the_yes_of_somebody_else_too() {
    for way in modern() {
        let rig = Rig::new(BOTH);
        let client = client(&rig, way).await;
        let (_, state) = asked(&client, nonce()).await;
        answer(&rig, &approvals(&rig)[0].id, true).await;
        assert_ran(&back(&client, &state, says("decline")).await);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}
