//! What is not a tool and a policy decides all the same: resources, prompts, what servers ask.

use std::time::Duration;

use serde_json::{Value, json};
use toolgate_testkit::{GUARD, Pipe};

use crate::rig::{Client, Era, Rig, assert_denied, assert_error, call_text, text, ways};
use crate::scripted;

const POLICY: &str = r#"
default: deny
tools: {ask: {}, nonce: {}}
resources:
  "sentinel://greeting": {}
  "sentinel://items/*": {rate_limit: 1/hour}
prompts:
  default: allow
  greet:
    require: [{path: args.who, op: neq, value: Mallory}]
  secret: {action: deny, reason: not for agents}
server_requests:
  elicitation/create: {}
  roots/list: {rate_limit: 1/hour}
"#;

const DENIED: i64 = 40300;
const OVER_LIMIT: i64 = 42900;

/// What the gate says of a decision in an error.
fn told(answer: &Value) -> &Value {
    &answer["error"]["data"]["_meta"]["dev.toolgate/decision"]
}

#[track_caller]
fn assert_refused(answer: &Value, error: i64, code: &str) {
    assert_error(answer, error);
    assert_eq!(told(answer)["code"], code, "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("[POLICY DENIED] "), "{answer}");
}

/// The names of a list, or the URIs.
fn listed(answer: &Value, list: &str, key: &str) -> Vec<String> {
    let items = answer["result"][list].as_array().unwrap_or_else(|| panic!("{answer}"));
    items.iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

/// The messages with this method that reached the server.
fn reached(rig: &Rig, method: &str) -> Vec<Value> {
    let messages = rig.ledger().entries().into_iter().filter_map(|entry| entry.json);
    messages.filter(|message| message["method"] == method).collect()
}

/// Records of this kind and method: what they name.
fn recorded(rig: &Rig, kind: &str, method: &str) -> Vec<Value> {
    let log = rig.log().into_iter();
    let of = log.filter(|entry| entry["kind"] == kind && entry["method"] == method);
    of.map(|entry| entry["tool"].clone()).collect()
}

/// So many outcomes, once they are there: they ride on the next commit.
async fn closed(rig: &Rig, count: usize) -> Vec<Value> {
    let all = || -> Vec<Value> {
        rig.log().into_iter().filter(|entry| entry["kind"] == "closed").collect()
    };
    let there = async {
        while all().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, there).await.unwrap();
    let closed = all();
    assert_eq!(closed.len(), count, "{closed:?}");
    closed
}

#[tokio::test]
async fn resources_are_read_as_the_policy_says() {
    for way in ways() {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        let read = |uri: &str| client.request("resources/read", json!({"uri": uri}));
        let answer = read("sentinel://greeting").await;
        assert_eq!(answer["result"]["contents"][0]["text"], "hello", "{way:?}: {answer}");
        let answer = read("sentinel://secret").await;
        assert_refused(&answer, DENIED, "default_deny");
        assert_eq!(told(&answer)["rule"], "/resources");
        assert_refused(&read("sentinel://items/../secret").await, DENIED, "ambiguous_argument");
        assert_refused(&read("SENTINEL://secret").await, DENIED, "default_deny");
        assert!(read("sentinel://items/1").await["error"].is_null());
        let answer = read("sentinel://items/2").await;
        assert_refused(&answer, OVER_LIMIT, "limit");
        assert!(told(&answer)["retry_after_ms"].as_u64().unwrap() > 0, "{answer}");

        let seen = reached(&rig, "resources/read");
        let uris: Vec<_> = seen.iter().map(|message| &message["params"]["uri"]).collect();
        assert_eq!(uris, ["sentinel://greeting", "sentinel://items/1"], "{way:?}");
        let opened = recorded(&rig, "opened", "resources/read");
        assert_eq!(opened, ["sentinel://greeting", "sentinel://items/1"]);
        assert_eq!(recorded(&rig, "denied", "resources/read").len(), 4, "{way:?}");
        let closed = closed(&rig, 2).await;
        assert!(closed.iter().all(|entry| entry["outcome"] == "answered"), "{closed:?}");
    }
}

#[tokio::test]
async fn prompts_are_got_as_the_policy_says() {
    for way in ways() {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        let get = |name: &str, who: &str| {
            client.request("prompts/get", json!({"name": name, "arguments": {"who": who}}))
        };
        let answer = get("greet", "Ann").await;
        let content = &answer["result"]["messages"][0]["content"];
        assert_eq!(content["text"], "Greet Ann.", "{way:?}: {answer}");
        assert_refused(&get("greet", "Mallory").await, DENIED, "condition_not_met");
        let answer = get("secret", "Ann").await;
        assert_refused(&answer, DENIED, "rule_deny");
        assert!(answer["error"]["message"].as_str().unwrap().contains("not for agents"));
        assert_eq!(reached(&rig, "prompts/get").len(), 1, "{way:?}");
        assert_eq!(recorded(&rig, "opened", "prompts/get"), ["greet"]);
        assert_eq!(recorded(&rig, "denied", "prompts/get"), ["greet", "secret"]);
    }
}

#[tokio::test]
async fn lists_show_what_may_be_had() {
    for way in ways() {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        let list = |method: &'static str| client.request(method, json!({}));
        let answer = list("resources/list").await;
        assert_eq!(listed(&answer, "resources", "uri"), ["sentinel://greeting"], "{way:?}");
        if way.era == Era::Modern {
            assert_eq!(answer["result"]["cacheScope"], "private", "{answer}");
        }
        let answer = list("resources/templates/list").await;
        let templates = listed(&answer, "resourceTemplates", "uriTemplate");
        assert_eq!(templates, ["sentinel://items/{id}"], "{way:?}");
        let answer = list("prompts/list").await;
        assert_eq!(listed(&answer, "prompts", "name"), ["greet"], "{way:?}");
        if way.era == Era::Modern {
            assert_eq!(answer["result"]["cacheScope"], "private", "{answer}");
        }
    }
}

#[tokio::test]
async fn completions_follow_what_they_name() {
    let policy = "default: allow\nprompts: {greet: {}, secret: {action: deny}}\n";
    for way in ways() {
        let rig = Rig::new(policy);
        let client = Client::start(&rig, way).await;
        let complete = |reference: Value| {
            let argument = json!({"name": "who", "value": "a"});
            let params = json!({"ref": reference, "argument": argument});
            client.request("completion/complete", params)
        };
        let answer = complete(json!({"type": "ref/prompt", "name": "greet"})).await;
        assert_eq!(answer["result"]["completion"]["total"], 2, "{way:?}: {answer}");
        let denied = complete(json!({"type": "ref/prompt", "name": "secret"})).await;
        assert_refused(&denied, DENIED, "rule_deny");
        // No section decides about resources.
        let relayed =
            complete(json!({"type": "ref/resource", "uri": "sentinel://items/{id}"})).await;
        assert!(relayed["error"].is_null(), "{way:?}: {relayed}");
        let both = json!({"type": "ref/prompt", "name": "greet", "uri": "sentinel://secret"});
        assert_error(&complete(both).await, -32602);
        assert_eq!(reached(&rig, "completion/complete").len(), 2, "{way:?}");
        assert_eq!(recorded(&rig, "opened", "completion/complete"), ["greet"]);
    }
}

#[tokio::test]
async fn subscriptions_are_decided_by_what_they_name() {
    for way in ways() {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        if way.era == Era::Legacy {
            let subscribe = |uri: &str| client.request("resources/subscribe", json!({"uri": uri}));
            assert!(subscribe("sentinel://greeting").await["error"].is_null());
            assert_refused(&subscribe("sentinel://secret").await, DENIED, "default_deny");
            assert_eq!(reached(&rig, "resources/subscribe").len(), 1, "{way:?}");
            continue;
        }
        let uris = ["sentinel://greeting", "sentinel://items/1", "sentinel://secret"];
        let params = json!({"notifications": {"resourceSubscriptions": uris}});
        let answer = client.request("subscriptions/listen", params).await;
        assert_refused(&answer, DENIED, "default_deny");
        assert_eq!(reached(&rig, "subscriptions/listen").len(), 0, "{way:?}");
        assert_eq!(recorded(&rig, "denied", "subscriptions/listen"), ["sentinel://secret"]);
    }
}

#[tokio::test]
async fn what_no_section_names_goes_through_and_is_not_recorded() {
    for way in ways() {
        let rig = Rig::new("default: deny\ntools: {nonce: {}}\n");
        let client = Client::start(&rig, way).await;
        let answer = client.request("resources/read", json!({"uri": "sentinel://secret"})).await;
        assert_eq!(answer["result"]["contents"][0]["text"], "sentinel://secret", "{way:?}");
        let answer = client.request("prompts/get", json!({"name": "greet"})).await;
        assert!(answer["error"].is_null(), "{way:?}: {answer}");
        let answer = client.request("resources/list", json!({})).await;
        assert_eq!(listed(&answer, "resources", "uri").len(), 2, "{way:?}");
        let decided = |entry: &Value| entry["kind"] == "opened" || entry["kind"] == "denied";
        assert!(!rig.log().iter().any(decided), "{way:?}");
    }
}

#[tokio::test]
async fn a_servers_request_is_decided_before_the_client_sees_it() {
    for way in ways().filter(|way| way.era == Era::Legacy) {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        // The first thing that the client hears is the question that is allowed.
        let answer = client.call("ask", json!({"kind": "sampling"})).await;
        assert!(text(&answer).contains("40300"), "{way:?}: {answer}");
        let answering = async {
            let question = client.next_message().await;
            assert_eq!(question["method"], "elicitation/create", "{way:?}");
            let result = json!({"action": "accept", "content": {"sure": true}});
            let said = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
            client.tell(&said.to_string()).await;
        };
        let call = client.call("ask", json!({"kind": "elicitation"}));
        let (answer, ()) = tokio::join!(call, answering);
        assert!(text(&answer).contains("accept"), "{way:?}: {answer}");

        assert_eq!(recorded(&rig, "denied", "sampling/createMessage").len(), 1);
        assert_eq!(recorded(&rig, "opened", "elicitation/create").len(), 1);
        // Two calls and a question.
        closed(&rig, 3).await;
    }
}

/// MRTR: what a modern server asks stands in its answer.
#[tokio::test]
async fn a_servers_request_inside_an_answer_is_decided_too() {
    for way in ways().filter(|way| way.era == Era::Modern) {
        let rig = Rig::new(POLICY);
        let client = Client::start(&rig, way).await;
        let answer = client.call("ask", json!({"kind": "sampling"})).await;
        assert_denied(&answer, "default_deny");
        assert!(answer["result"].get("inputRequests").is_none(), "{answer}");
        let answer = client.call("ask", json!({"kind": "elicitation"})).await;
        assert_eq!(answer["result"]["resultType"], "input_required", "{way:?}: {answer}");
        let answer = client.call("ask", json!({"kind": "roots"})).await;
        assert_eq!(answer["result"]["resultType"], "input_required", "{way:?}: {answer}");
        assert_denied(&client.call("ask", json!({"kind": "roots"})).await, "limit");
        assert_eq!(recorded(&rig, "denied", "sampling/createMessage").len(), 1);
        assert_eq!(recorded(&rig, "opened", "elicitation/create").len(), 1);
        assert_eq!(recorded(&rig, "opened", "roots/list").len(), 1);
        assert_eq!(recorded(&rig, "denied", "roots/list").len(), 1);
    }
}

/// 2025-11-25: an error may ask the user to visit a URL first.
#[tokio::test]
async fn an_error_that_wants_a_url_visited_is_decided_too() {
    let rig = Rig::new(
        "default: deny\ntools: {ask: {}}\nserver_requests:\n  elicitation/create:\n    \
         require: [{path: args.url, op: host_in, value: good.example}]\n",
    );
    let says = |id: i32, host: &str| {
        let item = json!({"mode": "url", "url": format!("https://{host}/"), "message": "m"});
        let error = json!({"code": -32042, "message": "m", "data": {"elicitations": [item]}});
        json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string()
    };
    let (good, bad) = (says(1, "good.example"), says(2, "evil.example"));
    let (shell, args) = scripted::child(&rig.scratch, &[good.as_bytes(), bad.as_bytes()]);
    let pipe = Pipe::spawn(rig.before(&shell, &args));
    let call = |id: &str| call_text(Era::Legacy, id, "ask", "{}");
    let passed = pipe.exchange(&json!(1), call("1")).await.unwrap().json;
    assert_error(&passed, -32042);
    let denied = pipe.exchange(&json!(2), call("2")).await.unwrap().json;
    assert_denied(&denied, "condition_not_met");
    assert!(!denied.to_string().contains("evil.example"), "{denied}");
}
