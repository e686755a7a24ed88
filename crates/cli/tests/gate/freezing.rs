//! A person's stop: what it reaches, what it leaves alone, and how it ends.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use toolgate_testkit::{GUARD, Pipe, Web};

use crate::rig::{
    Back, Client, Era, Front, GUARDED, Rig, Serving, Way, assert_denied, assert_error, decision,
    denial, text,
};

const FROZEN: i64 = 40300;

async fn two_servers() -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    Serving::start(rig, servers).await
}

async fn client(serving: &Serving, server: &str, token: &str) -> Web {
    let web = serving.web(server, token);
    web.open().await;
    web
}

async fn until(done: impl Fn() -> bool) {
    let polling = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(GUARD, polling).await.unwrap();
}

async fn says(web: &Web) -> Value {
    web.call("echo", json!({"message": "hi"})).await
}

/// No time passes between the command's end and the call: there is none to lose.
#[tokio::test]
async fn a_frozen_server_hears_no_call_and_its_clients_stay() {
    let serving = two_servers().await;
    let (ann, bob) = (serving.grant("ann", &["a", "b"]), serving.grant("bob", &["a"]));
    let web = client(&serving, "a", &ann).await;
    assert_eq!(text(&says(&web).await), "hi");
    let before = serving.ledger("a").calls().len();
    serving.json(&["freeze", "--server", "a", "--reason", "refunds look wrong"]);
    let denied = says(&web).await;
    assert_denied(&denied, "frozen");
    assert_eq!(decision(&denied)["retryable"], true);
    let expected = "the server `a` is frozen by the operator: refunds look wrong. Retry after 60 s";
    assert!(text(&denied).contains(expected), "{denied}");
    // Another grant, another session, another server.
    let other = client(&serving, "a", &bob).await;
    assert_denied(&says(&other).await, "frozen");
    let listed = other.request("tools/list", json!({})).await;
    assert!(!listed["result"]["tools"].as_array().unwrap().is_empty(), "{listed}");
    assert_eq!(text(&says(&client(&serving, "b", &ann).await).await), "hi");
    assert_eq!(serving.ledger("a").calls().len(), before);
    serving.json(&["thaw", "--server", "a"]);
    assert_eq!(text(&says(&web).await), "hi");
    let by = |entry: &&Value| {
        entry["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("server_") && code.ends_with('n'))
    };
    let log = serving.rig.log();
    let told: Vec<_> = log.iter().filter(|entry| entry["kind"] == "changed").filter(by).collect();
    assert_eq!(told[0]["code"], "server_frozen");
    assert_eq!(told[0]["text"], "refunds look wrong");
    assert!(told[0]["by"].as_str().unwrap().starts_with("os:"), "{}", told[0]);
}

#[tokio::test]
async fn a_frozen_grant_is_frozen_everywhere_and_alone() {
    let serving = two_servers().await;
    let (ann, bob) = (serving.grant("ann", &["a", "b"]), serving.grant("bob", &["a"]));
    serving.json(&["freeze", "--grant", "ann"]);
    for server in ["a", "b"] {
        let denied = says(&client(&serving, server, &ann).await).await;
        assert_denied(&denied, "frozen");
        assert!(text(&denied).contains("this grant is frozen by the operator. "), "{denied}");
    }
    assert_eq!(text(&says(&client(&serving, "a", &bob).await).await), "hi");
    let url = format!("{}/mcp", serving.gateway.url);
    let gathered = Web::new(url).with_header("authorization", &format!("Bearer {ann}"));
    gathered.open().await;
    assert_denied(&gathered.call("a__echo", json!({"message": "x"})).await, "frozen");
    assert_eq!(serving.ledger("a").calls().len(), 1);
    assert!(serving.ledger("b").calls().is_empty());
}

fn person(rig: &Rig, words: &[&str]) {
    let mut command = rig.toolgate(words[0]);
    let done = command.args(&words[1..]).arg("--state").arg(rig.scratch.state()).output().unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The first answer that is an error.
async fn first_error(client: &Client, method: &str, params: &Value) -> Value {
    let asking = async {
        loop {
            let answer = client.request(method, params.clone()).await;
            if answer.get("error").is_some() {
                return answer;
            }
        }
    };
    tokio::time::timeout(GUARD, asking).await.unwrap()
}

/// What no policy decides is admitted by no transaction: it stops as soon as the gate has looked.
/// What the sentinel has seen says when that was.
#[tokio::test]
async fn reads_and_prompts_that_no_policy_decides_stop_too() {
    for front in [Front::Http, Front::Stdio] {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, Way { front, back: Back::Child, era: Era::Legacy }).await;
        let read = json!({"uri": "sentinel://greeting"});
        assert!(client.request("resources/read", read.clone()).await.get("result").is_some());
        person(&rig, &["freeze", "--server", "sentinel", "--unseen", "--reason", "incident 7"]);
        let denied = first_error(&client, "resources/read", &read).await;
        assert_error(&denied, FROZEN);
        assert!(denied["error"]["message"].as_str().unwrap().contains("incident 7"), "{denied}");
        let arrived = rig.ledger().entries().len();
        let complete = json!({"ref": {"type": "ref/prompt", "name": "greet"},
                              "argument": {"name": "who", "value": "a"}});
        for (method, params) in [
            ("resources/read", read.clone()),
            ("resources/subscribe", read.clone()),
            ("prompts/get", json!({"name": "greet"})),
            ("completion/complete", complete),
        ] {
            assert_error(&client.request(method, params).await, FROZEN);
        }
        // Without a name there is nothing to be decided, and nothing to be sent.
        assert!(client.request("resources/read", json!({})).await.get("error").is_some());
        assert_eq!(rig.ledger().entries().len(), arrived, "{front:?}");
        assert!(client.request("resources/list", json!({})).await.get("result").is_some());
        let frozen = |entry: &&Value| entry["code"] == "frozen";
        assert!(rig.log().iter().filter(frozen).count() >= 5);
    }
}

/// The next gate on the same state knows before its client has said a word.
#[tokio::test]
async fn a_freeze_outlives_the_gate() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.open().await;
    let call = json!({"message": "hi"});
    assert_eq!(denial(&pipe.call("echo", call.clone()).await), "");
    person(&rig, &["freeze", "--all", "--reason", "x"]);
    pipe.kill().await;
    let pipe = rig.pipe();
    pipe.open().await;
    pipe.stderr_with("everything is frozen: x").await;
    let denied = pipe.call("echo", call.clone()).await;
    assert_denied(&denied, "frozen");
    assert!(text(&denied).contains("everything is frozen by the operator: x"), "{denied}");
    assert_eq!(rig.ledger().calls().len(), 1);
    person(&rig, &["thaw", "--all"]);
    assert_eq!(denial(&pipe.call("echo", call).await), "");
    pipe.stderr_with("everything is no longer frozen").await;
}

/// Whoever waits for a person hears of a freeze at once, and a yes is worth nothing while it lasts.
#[tokio::test]
async fn a_call_that_waits_for_a_person_is_denied_when_its_server_is_frozen() {
    let rig = Rig::new(
        "version: \"1\"\ndefault: deny\ntools:\n  echo: {rules: [{action: require_approval}]}\n",
    );
    let pipe = rig.pipe();
    pipe.open().await;
    let mut held = Box::pin(pipe.call("echo", json!({"message": "hi"})));
    let pending = async {
        while !rig.log().iter().any(|entry| entry["effect"] == "pending") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        answer = &mut held => panic!("it was not held: {answer}"),
        () = pending => {}
    }
    person(&rig, &["freeze", "--server", "sentinel"]);
    assert_denied(&held.await, "frozen");
    assert!(rig.ledger().calls().is_empty());
}

/// Answers nothing; asks the client each time that its roots have changed, and keeps what it hears.
const ASKS: &str = r#"while read -r line; do case $line in
*roots/list_changed*) echo '{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{}}';;
*) printf '%s\n' "$line" >> heard;;
esac; done"#;

/// Else a frozen server could go on through the client's model.
#[tokio::test]
async fn what_a_frozen_server_asks_of_the_client_is_denied() {
    let rig = Rig::new(GUARDED);
    let pipe = Pipe::spawn(rig.before(Path::new("sh"), &["-c".to_owned(), ASKS.to_owned()]));
    pipe.notify("notifications/roots/list_changed", json!({})).await;
    let asked = pipe.next_message().await.unwrap();
    assert_eq!(asked.json["method"], "sampling/createMessage");
    pipe.reply(&asked, json!({"model": "m"})).await;
    person(&rig, &["freeze", "--all"]);
    pipe.stderr_with("everything is frozen").await;
    pipe.notify("notifications/roots/list_changed", json!({})).await;
    let heard = || std::fs::read_to_string(rig.scratch.at("heard")).unwrap_or_default();
    until(|| heard().contains("denied by a policy")).await;
    assert!(pipe.unread().is_empty());
    let frozen = rig.log().into_iter().find(|entry| entry["code"] == "frozen").unwrap();
    assert_eq!(frozen["method"], "sampling/createMessage");
}
