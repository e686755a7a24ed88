//! Legacy sessions over HTTP: their ids, their end, their streams, and coming back to these.

use serde_json::{Value, json};
use toolgate_testkit::{Entry, Event, Events, Web};

use crate::rig::{BACKS, Back, GUARDED, Rig, hello, text};
use hyper::Method;

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

async fn status(web: &Web, method: Method, headers: &[(&str, &str)]) -> u16 {
    web.send(method, headers, "").await.unwrap().status
}

#[tokio::test]
async fn a_request_names_the_one_session_it_belongs_to() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    assert_eq!(web.post(PING, &[]).await.status, 400);
    for unknown in ["x", "0", "", " ", &"a".repeat(32), &"0".repeat(4000)] {
        let expected = if unknown.trim().is_empty() { [400, 404] } else { [404, 404] };
        let found = web.post(PING, &[("mcp-session-id", unknown)]).await.status;
        assert!(expected.contains(&found), "{unknown}: {found}");
    }
    web.open().await;
    let session = web.session().unwrap();
    assert!(session.len() >= 32 && session.bytes().all(|byte| byte.is_ascii_graphic()));
    let id = ("mcp-session-id", session.as_str());
    assert_eq!(web.post(PING, &[]).await.status, 200);
    assert_eq!(web.post(PING, &[id, id]).await.status, 400);
    assert_eq!(web.post(PING, &[id, ("mcp-session-id", "x")]).await.status, 400);
    assert_eq!(web.post(PING, &[("mcp-session-id", &session.to_uppercase())]).await.status, 404);
    // A notification is accepted, without a body.
    let reply = web.post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, &[]).await;
    assert_eq!(reply.status, 202);
    assert!(reply.bytes().await.is_empty());
}

/// A session's id is the gate's to choose.
#[tokio::test]
async fn a_client_does_not_choose_its_session() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let chosen = "0123456789abcdef0123456789abcdef";
    let reply = door.web().post(hello(), &[("mcp-session-id", chosen)]).await;
    assert_eq!(reply.status, 200);
    let given = reply.header("mcp-session-id").unwrap().to_owned();
    assert_ne!(given, chosen);
    assert_eq!(door.web().post(PING, &[("mcp-session-id", chosen)]).await.status, 404);
    assert_eq!(door.web().post(PING, &[("mcp-session-id", &given)]).await.status, 200);
    // An `initialize` within it begins another one.
    let again = door.web().post(hello(), &[("mcp-session-id", &given)]).await;
    assert_ne!(again.header("mcp-session-id").unwrap(), given);
}

/// 2025-06-18 and later: a version that was not agreed on is a bad request.
#[tokio::test]
async fn a_request_names_the_version_of_its_session() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    for wrong in ["1999-01-01", "x", "2025-11-25x", "2025-11-25, 2025-11-25"] {
        let reply = web.post(PING, &[("mcp-protocol-version", wrong)]).await;
        assert_eq!(reply.status, 400, "{wrong}");
    }
    assert_eq!(web.post(PING, &[("mcp-protocol-version", "2025-11-25")]).await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_its_client_says_so() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let (web, other) = (door.web(), door.web());
        web.open().await;
        other.open().await;
        let pid = rig.ledger().entries()[0].pid;
        let stream = web.get(None).await;
        assert_eq!(stream.status, 200);
        let mut events = stream.events();
        assert_eq!(web.delete().await, 200);
        assert!(events.next().await.is_none(), "the stream goes on");
        assert_eq!(web.post(PING, &[]).await.status, 404);
        assert_eq!(web.get(None).await.status, 404);
        assert_eq!(web.delete().await, 404);
        assert!(other.request("ping", Value::Null).await["result"].is_object());
        match back {
            Back::Child => ended(pid).await,
            // Closing the stream is all there is to say.
            Back::Sse => {}
            Back::Url => drop(rig.ledger().until(|e| e.iter().any(is_delete)).await),
        }
    }
}

fn is_delete(entry: &Entry) -> bool {
    entry.http.as_ref().is_some_and(|head| head.method == "DELETE")
}

/// A process that has ended and was waited for is gone from the table.
async fn ended(pid: u64) {
    while std::process::Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
        .success()
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// The end of its server is the end of a session: the client may begin another.
#[tokio::test]
async fn a_session_ends_with_its_server() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    let crash = web.call("crash", Value::Null).await;
    assert_eq!(crash["error"]["code"], 50200);
    assert_eq!(web.post(PING, &[]).await.status, 404);
    web.open().await;
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n"})).await), "n");
    // And the next modern request has a new server behind it.
    let crash = web.modern_call("crash", Value::Null).await;
    assert_eq!(crash["error"]["code"], 50200);
    assert_eq!(text(&web.modern_call("nonce", json!({"nonce": "n"})).await), "n");
}

#[tokio::test]
async fn streams_are_opened_by_sessions_alone() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    let events = ("accept", "text/event-stream");
    assert_eq!(status(&web, Method::GET, &[events]).await, 405);
    assert_eq!(status(&web, Method::DELETE, &[]).await, 405);
    assert_eq!(status(&web, Method::GET, &[events, ("mcp-session-id", "x")]).await, 404);
    web.open().await;
    let session = web.session().unwrap();
    let id = ("mcp-session-id", session.as_str());
    assert_eq!(status(&web, Method::GET, &[id]).await, 406);
    assert_eq!(status(&web, Method::GET, &[id, ("accept", "application/json")]).await, 406);
    let stream = web.get(None).await;
    assert_eq!(stream.status, 200);
    assert!(stream.is_events());
    // One reader at a time.
    assert_eq!(web.get(None).await.status, 409);
    for unknown in ["x", "9-9", "0", "-", "1-18446744073709551616"] {
        let found = web.get(Some(unknown)).await.status;
        assert!(matches!(found, 400 | 404 | 409), "{unknown}: {found}");
    }
    assert_eq!(web.request("ping", Value::Null).await["result"], json!({}));
}

fn message(event: &Event) -> Value {
    serde_json::from_str(&event.data).unwrap()
}

/// What belongs to no request comes on the session's stream, also what came while nobody read it.
#[tokio::test]
async fn the_sessions_stream_brings_what_belongs_to_no_request() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let web = door.web();
        web.open().await;
        let change = async |text: &str| {
            let arguments = json!({"name": "echo", "description": text});
            web.call("redefine", arguments).await
        };
        let mut events = web.get(None).await.events();
        change("one").await;
        let first = events.next().await.unwrap();
        assert_eq!(message(&first)["method"], "notifications/tools/list_changed");
        change("two").await;
        let second = events.next().await.unwrap();
        assert!(first.id.is_some() && first.id != second.id);
        drop(events);
        // From the first one on, the second comes again.
        let mut events = web.get(first.id.as_deref()).await.events();
        assert_eq!(events.next().await.unwrap(), second, "{back:?}");
        change("three").await;
        let third = events.next().await.unwrap();
        assert_eq!(message(&third)["method"], "notifications/tools/list_changed");
        assert_ne!(third.id, second.id);
    }
}

/// The answer to 70, and the steps on the way to it.
async fn answer_behind(events: &mut Events, steps: &mut Vec<Value>) -> Value {
    loop {
        let event = message(&events.next().await.unwrap());
        if event["id"] == 70 {
            return event;
        }
        steps.push(event["params"]["progress"].clone());
    }
}

fn thirty_steps() -> String {
    let body = json!({"jsonrpc": "2.0", "id": 70, "method": "tools/call",
                      "params": {"name": "progress", "arguments": {"steps": 30},
                                 "_meta": {"progressToken": "p"}}});
    body.to_string()
}

/// Since 2025-11-25 a stream names its beginning before anything has happened.
async fn beginning(events: &mut Events) -> String {
    let first = events.next().await.unwrap();
    assert!(first.data.is_empty() && first.retry_ms.is_some(), "{first:?}");
    first.id.unwrap()
}

#[tokio::test]
async fn a_stream_that_is_lost_before_its_first_message_is_resumed_from_its_beginning() {
    for back in [Back::Child, Back::Url] {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let web = door.web();
        web.open().await;
        let mut events = web.post(thirty_steps(), &[]).await.events();
        let beginning = beginning(&mut events).await;
        drop(events);
        let mut events = web.get(Some(&beginning)).await.events();
        let mut steps = Vec::new();
        assert_eq!(text(&answer_behind(&mut events, &mut steps).await), "took 30 steps");
        assert_eq!(steps, (1..=30).map(Value::from).collect::<Vec<_>>(), "{back:?}");
        assert_eq!(rig.ledger().calls_of("progress").len(), 1);
    }
}

/// Readers of older revisions take an event without data for a message.
#[tokio::test]
async fn older_clients_hear_of_no_beginning() {
    for version in ["2025-03-26", "2025-06-18"] {
        let rig = Rig::new(GUARDED);
        let door = rig.door().await;
        let web = door.web();
        web.initialize_as(version).await;
        web.notify("notifications/initialized", Value::Null).await;
        let mut events = web.post(thirty_steps(), &[]).await.events();
        let first = events.next().await.unwrap();
        assert_eq!(message(&first)["method"], "notifications/progress", "{version}");
    }
}

/// The stream of a call breaks: the rest of it, and its answer, are not lost.
#[tokio::test]
async fn a_broken_stream_is_resumed_behind_the_last_event() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let web = door.web();
        web.open().await;
        let mut events = web.post(thirty_steps(), &[]).await.events();
        beginning(&mut events).await;
        let mut steps = Vec::new();
        while steps.len() < 3 {
            steps.push(message(&events.next().await.unwrap())["params"]["progress"].clone());
        }
        let last = events.last_id.clone().unwrap();
        drop(events);
        let mut events = web.get(Some(&last)).await.events();
        let answer = answer_behind(&mut events, &mut steps).await;
        assert_eq!(steps, (1..=30).map(Value::from).collect::<Vec<_>>(), "{back:?}");
        assert_eq!(text(&answer), "took 30 steps");
        assert!(events.next().await.is_none());
        // Read to its end, it can be read again from anywhere.
        let mut again = web.get(Some(&last)).await.events();
        assert_eq!(message(&again.next().await.unwrap())["params"]["progress"], 4);
        // Another session knows nothing of it.
        let other = door.web();
        other.open().await;
        assert!(matches!(other.get(Some(&last)).await.status, 400 | 404 | 409));
        assert_eq!(rig.ledger().calls_of("progress").len(), 1);
    }
}
