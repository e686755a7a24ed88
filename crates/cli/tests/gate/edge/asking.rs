//! A server that needs something from the client before it answers: by request in the legacy era,
//! by another round of the same call in the modern one.

use serde_json::{Value, json};
use toolgate_testkit::Ledger;

use crate::rig::{Client, Era, GUARDED, Rig, assert_denied, assert_error, text, ways};

/// The responses with this id that reached the server.
fn responses(ledger: &Ledger, id: &Value) -> Vec<Value> {
    let messages = ledger.entries().into_iter().filter_map(|entry| entry.json);
    messages.filter(|json| json["method"].is_null() && json["id"] == *id).collect()
}

/// Answers the next question of this method, twice: once is enough, the second time it answers
/// nothing any more. Gives the question's id.
async fn answer_twice(client: &Client, method: &str, result: &Value) -> Value {
    let question = client.next_message().await;
    assert_eq!(question["method"], method);
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": result}).to_string();
    client.tell(&answer).await;
    client.tell(&answer).await;
    question["id"].clone()
}

#[tokio::test]
async fn a_servers_question_reaches_the_client_and_its_answer_the_server() {
    let accepted = json!({"action": "accept", "content": {"sure": true}});
    let questions = [
        ("elicitation", "elicitation/create", accepted),
        ("sampling", "sampling/createMessage", json!({"role": "assistant", "model": "m"})),
        ("roots", "roots/list", json!({"roots": [{"uri": "file:///srv"}]})),
        ("ping", "ping", json!({})),
    ];
    for way in ways().filter(|way| way.era == Era::Legacy) {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, way).await;
        for (kind, method, result) in &questions {
            let call = client.call("ask", json!({"kind": kind}));
            let (answer, id) = tokio::join!(call, answer_twice(&client, method, result));
            assert_eq!(text(&answer), format!("the client said {result}"), "{way:?}");
            assert_eq!(text(&client.call("nonce", json!({"nonce": "n"})).await), "n");
            assert_eq!(responses(&rig.ledger(), &id).len(), 1, "{way:?} {kind}");
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_client_reaches_the_server() {
    for way in ways().filter(|way| way.era == Era::Legacy) {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, way).await;
        let refusing = async {
            let question = client.next_message().await;
            let error = json!({"code": -1, "message": "the user said no"});
            let answer = json!({"jsonrpc": "2.0", "id": question["id"], "error": error});
            client.tell(&answer.to_string()).await;
        };
        let (answer, ()) = tokio::join!(client.call("ask", json!({})), refusing);
        assert!(text(&answer).contains("the user said no"), "{way:?}: {answer}");
    }
}

/// MRTR: the retry is a call like any other, decided, counted and recorded anew.
#[tokio::test]
async fn a_round_of_a_modern_call_is_decided_anew() {
    let policy = r#"{"version":"1","default":"deny","tools":{
        "ask":{"limits":[{"counter":"asked","window":"hour","max":3}],
               "deny_if":[{"path":"args.rounds","op":"gt","value":2}]}}}"#;
    for way in ways().filter(|way| way.era == Era::Modern) {
        let rig = Rig::new(policy);
        let client = Client::start(&rig, way).await;
        let arguments = json!({"kind": "elicitation", "rounds": 2});
        let mut params = json!({"name": "ask", "arguments": arguments});
        for _ in 0..2 {
            let answer = client.request("tools/call", params.clone()).await;
            assert_eq!(answer["result"]["resultType"], "input_required", "{way:?}: {answer}");
            let question = &answer["result"]["inputRequests"]["question"];
            assert_eq!(question["method"], "elicitation/create");
            params["requestState"] = answer["result"]["requestState"].clone();
            params["inputResponses"] = json!({"question": {"action": "accept"}});
        }
        // Other arguments under the state of an allowed call are other arguments.
        let mut changed = params.clone();
        changed["arguments"]["rounds"] = json!(3);
        let denied = client.request("tools/call", changed).await;
        assert_denied(&denied, "deny_if");
        let answer = client.request("tools/call", params.clone()).await;
        assert_eq!(text(&answer), r#"the client said {"action":"accept"}"#, "{way:?}");
        let over = client.request("tools/call", params).await;
        assert_denied(&over, "limit");
        assert_eq!(rig.ledger().calls_of("ask").len(), 3, "{way:?}");
        let log = rig.log();
        assert_eq!(log.iter().filter(|entry| entry["kind"] == "opened").count(), 3);
        assert_eq!(log.iter().filter(|entry| entry["kind"] == "denied").count(), 2);
    }
}

/// A modern server asks nothing outside an answer: nobody hears it, and it is told so.
#[tokio::test]
async fn what_a_client_cannot_do_is_said_by_the_server() {
    for way in ways().filter(|way| way.era == Era::Modern) {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, way).await;
        let answer = client.call("ask", json!({"kind": "telepathy"})).await;
        assert_error(&answer, -32021);
        assert_eq!(answer["error"]["data"]["requiredCapabilities"], json!({"telepathy": {}}));
    }
}
