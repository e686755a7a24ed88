//! Legacy clients hear a request of the gate's own while their call is open.

use serde_json::{Value, json};
use toolgate_store::{State, Way as By};

use super::rig::{
    ASKED, BOTH, ELSEWHERE, FORM, HELD, answer, approvals, assert_ran, capabilities, nonce, open,
    pending, ran, settle,
};
use crate::rig::{BACKS, Back, Client, Era, Front, Rig, Way, assert_denied, ways};

fn legacy() -> impl Iterator<Item = Way> {
    ways().filter(|way| way.era == Era::Legacy)
}

const STDIO: Way = Way { front: Front::Stdio, back: Back::Child, era: Era::Legacy };
const HTTP: Way = Way { front: Front::Http, back: Back::Child, era: Era::Legacy };

async fn client(rig: &Rig, way: Way) -> Client {
    Client::start_with(rig, way, capabilities(FORM)).await
}

/// Sends what answers a question, under any id.
async fn say(client: &Client, id: &Value, members: &str) {
    client.tell(&format!(r#"{{"jsonrpc":"2.0","id":{id},{members}}}"#)).await;
}

async fn say_each(client: &Client, ids: &[Value], members: &str) {
    for id in ids {
        say(client, id, members).await;
    }
}

/// Calls, answers the question, and gives both.
async fn call(client: &Client, members: &str) -> (Value, Value) {
    let answering = async {
        let question = client.next_message().await;
        say(client, &question["id"], members).await;
        question
    };
    tokio::join!(client.call("nonce", nonce()), answering)
}

const ACCEPT: &str = r#""result":{"action":"accept","content":{}}"#;
const DECLINE: &str = r#""result":{"action":"decline"}"#;

/// What reached the server and is no request or notification.
fn responses(rig: &Rig) -> usize {
    let messages = rig.ledger().entries().into_iter().filter_map(|entry| entry.json);
    messages.filter(|json| json["method"].is_null()).count()
}

#[tokio::test]
async fn a_yes_lets_one_call_pass_and_the_server_hears_nothing_of_it() {
    for way in legacy() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        for count in 1..=2 {
            let (answer, question) = call(&client, ACCEPT).await;
            assert_ran(&answer);
            assert_eq!(question["method"], "elicitation/create", "{way:?}");
            let params = &question["params"];
            assert_eq!(params["requestedSchema"], json!({"type": "object", "properties": {}}));
            let text = params["message"].as_str().unwrap();
            let parts = ["tool: nonce", r#"nonce = "n""#, "server: ", "asked by: ", "minutes"];
            let missing: Vec<_> = parts.iter().filter(|part| !text.contains(**part)).collect();
            assert!(missing.is_empty(), "{missing:?}: {text}");
            assert_eq!(ran(&rig), count, "{way:?}");
        }
        assert_eq!(responses(&rig), 0, "{way:?}");
        let given = approvals(&rig).into_iter().map(|one| (one.state, one.given.unwrap().way));
        assert_eq!(given.collect::<Vec<_>>(), [(State::Used, By::InClient); 2]);
    }
}

#[tokio::test]
async fn a_no_is_a_no_and_nobody_is_asked_twice() {
    for way in legacy() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (denied, _) = call(&client, DECLINE).await;
        assert_denied(&denied, "approval_denied");
        // Nobody answers, so that this would hang if somebody were asked.
        assert_denied(&client.call("nonce", nonce()).await, "approval_denied");
        settle(&client).await;
        assert_eq!((ran(&rig), approvals(&rig).len()), (0, 1), "{way:?}");
    }
}

#[tokio::test]
async fn what_was_declined_stays_open_for_others_and_is_not_asked_again() {
    for way in legacy() {
        let rig = Rig::new(BOTH);
        let client = client(&rig, way).await;
        let (declined, _) = call(&client, DECLINE).await;
        let id = pending(&declined);
        assert_eq!(pending(&client.call("nonce", nonce()).await), id, "{way:?}");
        assert_eq!(ran(&rig), 0, "{way:?}");
        answer(&rig, &id, true).await;
        assert_ran(&client.call("nonce", nonce()).await);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

#[tokio::test]
async fn what_is_no_answer_lets_nothing_pass() {
    for members in [
        r#""result":{"action":"cancel"}"#,
        r#""result":{"action":"ACCEPT"}"#,
        r#""result":{"action":["accept"]}"#,
        r#""result":{"action":"decline","Action":"accept"}"#,
        r#""result":{"content":{"approve":true}}"#,
        r#""result":{}"#,
        r#""error":{"code":-1,"message":"the user said no"}"#,
    ] {
        let rig = Rig::new(ASKED);
        let client = client(&rig, STDIO).await;
        let (answer, _) = call(&client, members).await;
        pending(&answer);
        settle(&client).await;
        assert_eq!(ran(&rig), 0, "{members}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_what_it_says_is_not_asked_again() {
    for way in legacy() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let cannot = r#""error":{"code":-32601,"message":"Method not found"}"#;
        let (refused, _) = call(&client, cannot).await;
        let id = pending(&refused);
        let again = client.call("nonce", json!({"nonce": "other"})).await;
        assert_ne!(pending(&again), id, "{way:?}");
        assert_eq!(ran(&rig), 0);
    }
}

/// No other session's, no server's, and none that was answered before.
#[tokio::test]
async fn only_the_questions_own_id_answers_it() {
    for way in legacy() {
        let rig = Rig::new(ASKED);
        let client = client(&rig, way).await;
        let (first, used) = call(&client, ACCEPT).await;
        assert_ran(&first);
        let answering = async {
            let question = client.next_message().await;
            let id = question["id"].as_str().unwrap();
            let last = id.len() - 1;
            let upper = json!(id.to_uppercase());
            let (cut, altered) = (json!(&id[..last]), json!(format!("{}9", &id[..last])));
            let others = [used["id"].clone(), json!(1), json!(""), upper, cut, altered];
            say_each(&client, &others, ACCEPT).await;
            settle(&client).await;
            assert_eq!(ran(&rig), 1, "{way:?}");
            say(&client, &question["id"], DECLINE).await;
        };
        let (answer, ()) = tokio::join!(client.call("nonce", nonce()), answering);
        assert_denied(&answer, "approval_denied");
        assert_eq!((ran(&rig), responses(&rig)), (1, 0), "{way:?}");
    }
}

#[tokio::test]
async fn somebody_else_may_be_faster_and_the_question_is_taken_back() {
    for (way, yes) in legacy().flat_map(|way| [(way, true), (way, false)]) {
        let rig = Rig::new(HELD);
        let client = client(&rig, way).await;
        let answering = async {
            let question = client.next_message().await;
            answer(&rig, &open(&rig).await, yes).await;
            let taken_back = client.next_message().await;
            assert_eq!(taken_back["method"], "notifications/cancelled", "{way:?}");
            assert_eq!(taken_back["params"]["requestId"], question["id"]);
            question
        };
        let (called, question) = tokio::join!(client.call("nonce", nonce()), answering);
        assert_eq!(called["result"]["isError"] == true, !yes, "{way:?}: {called}");
        // It comes too late to mean anything.
        say(&client, &question["id"], ACCEPT).await;
        settle(&client).await;
        assert_eq!((ran(&rig), responses(&rig)), (usize::from(yes), 0), "{way:?}");
    }
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"nonce","arguments":{"nonce":"n"}}}"#;
const CANCELLED: &str =
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}"#;

fn accept(question: &Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{},{ACCEPT}}}"#, question["id"])
}

#[tokio::test]
async fn a_client_that_takes_its_call_back_is_not_executed_for() {
    for back in BACKS {
        let rig = Rig::new(HELD);
        let (pipe, _upstream) = rig.pipe_with(back, capabilities(FORM)).await;
        pipe.open().await;
        pipe.send_line(CALL).await.unwrap();
        let question = pipe.next_message().await.unwrap().json;
        pipe.send_line(CANCELLED).await.unwrap();
        pipe.send_line(accept(&question)).await.unwrap();
        pipe.call("echo", json!({"message": "settled"})).await;
        assert_eq!((ran(&rig), responses(&rig)), (0, 0), "{back:?}");
    }
}

#[tokio::test]
async fn over_http_too_a_call_that_is_taken_back_is_not_executed() {
    for back in BACKS {
        let rig = Rig::new(HELD);
        let (door, _upstream) = rig.door_before(back).await;
        let web = door.web().with_capabilities(capabilities(FORM));
        web.open().await;
        let mut events = web.post(CALL, &[]).await.events();
        let mut question = Value::Null;
        while question.is_null() {
            let event = events.next().await.unwrap();
            question = serde_json::from_str(&event.data).unwrap_or_default();
        }
        assert_eq!(question["method"], "elicitation/create");
        assert_eq!(web.post(CANCELLED, &[]).await.status, 202);
        assert_eq!(web.post(accept(&question), &[]).await.status, 202);
        web.call("echo", json!({"message": "settled"})).await;
        assert_eq!((ran(&rig), responses(&rig)), (0, 0), "{back:?}");
    }
}

#[tokio::test]
async fn a_client_that_left_is_not_executed_for() {
    for back in [Back::Child, Back::Url] {
        let rig = Rig::new(HELD);
        let (pipe, _upstream) = rig.pipe_with(back, capabilities(FORM)).await;
        pipe.open().await;
        pipe.send_line(CALL).await.unwrap();
        assert_eq!(pipe.next_message().await.unwrap().json["method"], "elicitation/create");
        let id = open(&rig).await;
        pipe.close().await;
        assert_eq!(ran(&rig), 0, "{back:?}");
        assert_ne!(approvals(&rig)[0].state, State::Used, "{id}");
    }
}

#[tokio::test]
async fn who_cannot_ask_anybody_waits_for_somebody_else_and_calls_again() {
    for way in legacy() {
        let rig = Rig::new(ELSEWHERE);
        let client = Client::start_with(&rig, way, json!({})).await;
        let id = pending(&client.call("nonce", nonce()).await);
        answer(&rig, &id, true).await;
        assert_ran(&client.call("nonce", nonce()).await);
        assert_ne!(pending(&client.call("nonce", nonce()).await), id);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

/// Whoever sits at the client is not asked where the policy does not say so.
#[tokio::test]
async fn an_answer_through_the_client_counts_only_where_the_policy_says_so() {
    for way in legacy() {
        let rig = Rig::new(ELSEWHERE);
        let client = client(&rig, way).await;
        pending(&client.call("nonce", nonce()).await);
        assert_eq!(ran(&rig), 0, "{way:?}");
    }
}

/// Elicitation came with 2025-06-18.
#[tokio::test]
async fn an_older_client_is_not_asked_what_it_cannot_know() {
    comes_to("2025-03-26", false).await;
    comes_to("2025-06-18", true).await;
}

async fn comes_to(version: &str, asks: bool) {
    let rig = Rig::new(ASKED);
    let (pipe, _upstream) = rig.pipe_with(Back::Child, capabilities(FORM)).await;
    pipe.initialize_as(version).await;
    pipe.initialized().await;
    let answering = async {
        let Some(pipe) = Some(&pipe).filter(|_| asks) else { return };
        let question = pipe.next_message().await.unwrap();
        pipe.reply(&question, json!({"action": "accept"})).await;
    };
    let (answer, ()) = tokio::join!(pipe.call("nonce", nonce()), answering);
    assert_eq!(ran(&rig), usize::from(asks), "{version}: {answer}");
}

/// A question and an answer of a session are that session's.
#[tokio::test]
async fn another_session_cannot_answer() {
    let rig = Rig::new(ASKED);
    let (door, _upstream) = rig.door_before(HTTP.back).await;
    let [ann, eve] = [(); 2].map(|()| door.web().with_capabilities(capabilities(FORM)));
    ann.open().await;
    eve.open().await;
    let answering = async {
        let question = ann.next_message().await;
        eve.reply(&question, json!({"action": "accept"})).await;
        let settled = eve.call("echo", json!({"message": "settled"})).await;
        assert_eq!(ran(&rig), 0, "{settled}");
        ann.reply(&question, json!({"action": "decline"})).await;
    };
    let (answer, ()) = tokio::join!(ann.call("nonce", nonce()), answering);
    assert_denied(&answer, "approval_denied");
    assert_eq!(ran(&rig), 0);
}
