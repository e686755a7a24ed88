//! A state that was made, changed, stolen or used is none: the call is a new one.

use serde_json::{Value, json};
use toolgate_store::State;

use super::modern::{KEY, asked, back, back_with, client, modern, says};
use super::rig::{
    ASKED, BOTH, FORM, answer, approvals, assert_ran, capabilities, nonce, pending, ran,
};
use crate::rig::{Rig, Serving};

#[track_caller]
fn assert_asked_anew(answer: &Value) {
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    assert!(answer["result"]["inputRequests"][KEY].is_object(), "{answer}");
}

#[tokio::test]
async fn a_forged_state_lets_nothing_pass() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, nonce()).await;
    let middle = state.len() / 2;
    let flipped = if &state[middle..=middle] == "A" { "B" } else { "A" };
    for forged in [
        String::new(),
        "toolgate.".to_owned(),
        "toolgate.e30".to_owned(),
        state[..state.len() - 1].to_owned(),
        format!("{}{flipped}{}", &state[..middle], &state[middle + 1..]),
        state.to_uppercase(),
        approvals(&rig)[0].id.clone(),
    ] {
        assert_asked_anew(&back(&client, &forged, says("accept")).await);
    }
    assert_eq!(ran(&rig), 0);
    assert_ran(&back(&client, &state, says("accept")).await);
    assert_eq!(ran(&rig), 1);
}

#[tokio::test]
async fn a_state_is_used_once() {
    for way in modern() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (_, state) = asked(&client, nonce()).await;
        assert_ran(&back(&client, &state, says("accept")).await);
        assert_asked_anew(&back(&client, &state, says("accept")).await);
        assert_asked_anew(&back(&client, &state, says("accept")).await);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

#[tokio::test]
async fn at_the_same_time_too_a_state_is_used_once() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, nonce()).await;
    let mut passed = 0;
    let [a, b, c, d] = [(); 4].map(|()| back(&client, &state, says("accept")));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    for answer in [a, b, c, d] {
        if answer["result"]["resultType"] == "input_required" {
            assert_asked_anew(&answer);
        } else {
            assert_ran(&answer);
            passed += 1;
        }
    }
    assert_eq!((passed, ran(&rig)), (1, 1));
}

#[tokio::test]
async fn a_state_is_for_one_call() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, nonce()).await;
    for other in [json!({"nonce": "other"}), json!({"nonce": "n", "more": 1}), json!({})] {
        assert_asked_anew(&back_with(&client, other, &state, says("accept")).await);
    }
    let ask = json!({"name": "ask", "arguments": {"nonce": "n"}, "requestState": state,
                     "inputResponses": says("accept")});
    assert_asked_anew(&client.request("tools/call", ask).await);
    assert_eq!(rig.ledger().calls().len(), 0);
    // The order of keys is no other call.
    let rig = Rig::new(ASKED);
    let client = self::client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, json!({"nonce": "n", "z": 1, "a": {"y": 1, "b": 2}})).await;
    let text = format!(
        r#"{{"name":"nonce","arguments":{{"a":{{"b":2,"y":1}},"z":1,"nonce":"n"}},"requestState":"{state}","inputResponses":{}}}"#,
        says("accept")
    );
    let params: Value = serde_json::from_str(&text).unwrap();
    assert_ran(&client.request("tools/call", params).await);
}

#[tokio::test]
async fn another_principal_makes_nothing_of_a_state() {
    let rig = Rig::new(ASKED);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    let serving = Serving::start(rig, servers).await;
    let [ann, eve] = ["ann", "eve"].map(|name| serving.grant(name, &["a", "b"]));
    let web = |server: &str, token: &str| {
        serving.web(server, token).with_capabilities(capabilities(FORM))
    };
    let first = web("a", &ann).modern_call("nonce", nonce()).await;
    let state = first["result"]["requestState"].clone();
    let params = json!({"name": "nonce", "arguments": nonce(), "requestState": state,
                        "inputResponses": says("accept")});
    for (server, token) in [("a", &eve), ("b", &ann), ("b", &eve)] {
        let answer = web(server, token).modern_request("tools/call", params.clone()).await;
        assert_asked_anew(&answer);
    }
    let reached = ["a", "b"].map(|name| serving.ledger(name).calls_of("nonce").len());
    assert_eq!(reached, [0, 0]);
    assert_ran(&web("a", &ann).modern_request("tools/call", params).await);
}

#[tokio::test]
async fn a_state_of_a_policy_that_has_changed_lets_nothing_pass() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, nonce()).await;
    let before = approvals(&rig)[0].revision.clone();
    rig.scratch.policy(&ASKED.replace(r#""echo":{}"#, r#""echo":{},"big":{}"#));
    // The new policy is in force once it allows what it did not allow before.
    while client.call("big", json!({"size": 1})).await["result"]["isError"] == true {}
    assert_asked_anew(&back(&client, &state, says("accept")).await);
    assert_eq!(ran(&rig), 0);
    assert_ne!(approvals(&rig).pop().unwrap().revision, before);
}

#[tokio::test]
async fn a_state_whose_question_somebody_else_answered_with_no_lets_nothing_pass() {
    let rig = Rig::new(BOTH);
    let client = client(&rig, modern().next().unwrap()).await;
    let (_, state) = asked(&client, nonce()).await;
    answer(&rig, &approvals(&rig)[0].id, false).await;
    let denied = back(&client, &state, says("accept")).await;
    assert_eq!(denied["result"]["isError"], true, "{denied}");
    assert_eq!((ran(&rig), approvals(&rig)[0].state), (0, State::Denied));
    let again = client.call("nonce", nonce()).await;
    assert_eq!(again["result"]["isError"], true, "{again}");
}

/// What is not ours is the server's: it goes there as it came.
#[tokio::test]
async fn a_state_of_the_server_is_the_servers() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let params = json!({"name": "echo", "arguments": {"message": "m"}, "requestState": "theirs",
                        "inputResponses": {"q": {"action": "accept"}}});
    client.request("tools/call", params.clone()).await;
    let message: Value = serde_json::from_slice(&rig.ledger().calls()[0].raw).unwrap();
    for key in ["requestState", "inputResponses"] {
        assert_eq!(message["params"][key], params[key]);
    }
}

/// What belongs to the server waits inside of our state while the person is asked.
#[tokio::test]
async fn what_came_along_for_the_server_reaches_it_after_the_yes() {
    let rig = Rig::new(ASKED);
    let client = client(&rig, modern().next().unwrap()).await;
    let theirs = json!({"q": {"action": "accept"}});
    let first = back(&client, "theirs", theirs.clone()).await;
    assert_asked_anew(&first);
    let state = first["result"]["requestState"].as_str().unwrap();
    assert_ran(&back(&client, state, says("accept")).await);
    let message: Value = serde_json::from_slice(&rig.ledger().calls_of("nonce")[0].raw).unwrap();
    assert_eq!(message["params"]["requestState"], "theirs");
    assert_eq!(message["params"]["inputResponses"], theirs);
    assert_ne!(pending_or_asked(&client.call("nonce", nonce()).await), "");
}

fn pending_or_asked(answer: &Value) -> String {
    match answer["result"]["requestState"].as_str() {
        Some(state) => state.to_owned(),
        None => pending(answer),
    }
}
