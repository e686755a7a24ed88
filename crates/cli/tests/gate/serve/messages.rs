//! What the operator is told, and where.

use std::io::Write as _;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::json;
use toolgate_testkit::GUARD;

use crate::rig::{GUARDED, Rig, Serving, hello};

async fn until_told(serving: &Serving, line: &str) {
    let heard = async {
        while !serving.gateway.stderr().contains(line) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(GUARD, heard).await.is_ok(), "{}", serving.gateway.stderr());
}

#[tokio::test]
async fn the_operator_hears_which_server_cannot_be_started() {
    let servers = json!({"a": {"command": ["/no/such/program"]}});
    let serving = Serving::start(Rig::new(GUARDED), servers).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    assert_eq!(web.post(hello(), &[]).await.status, 502);
    until_told(&serving, "server `a` is not started: cannot start the server `/no/such/program`")
        .await;
}

#[tokio::test]
async fn a_dropped_line_is_told_with_its_server() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": {"command": ["sh", "-c", "echo banner; cat"]}});
    let limits = json!({"request_timeout": "1s"});
    let serving = Serving::start_with(rig, json!({"servers": servers, "limits": limits})).await;
    serving.web("a", &serving.grant("ann", &["a"])).post(hello(), &[]).await;
    until_told(&serving, "dropped a line of server `a` that is no message").await;
}

#[tokio::test]
async fn a_hangup_says_what_needs_a_new_start() {
    let rig = Rig::new(GUARDED);
    let server = Serving::child(&rig, "a", &[]);
    let serving = Serving::start(rig, json!({"a": server})).await;
    let config = json!({"listen": "127.0.0.1:0", "durability": "normal", "servers": {"a": server}});
    let renew = |config: &serde_json::Value| {
        serving.rig.scratch.file("toolgate.yaml", config.to_string());
        serving.signal(Signal::HUP);
    };
    renew(&config);
    until_told(&serving, "read again what may change").await;
    let line = "they take effect with the next start";
    assert!(!serving.gateway.stderr().contains(line));
    let mut other = config;
    other["limits"] = json!({"drain": "1s"});
    renew(&other);
    until_told(&serving, line).await;
}

#[tokio::test]
async fn what_a_revoked_grant_could_do_is_said_to_be_over() {
    let rig = Rig::new(GUARDED);
    let server = Serving::child(&rig, "a", &[]);
    let serving = Serving::start(rig, json!({"a": server})).await;
    serving.grant("ann", &["a"]);
    serving.json(&["grant", "revoke", "ann"]);
    let output = serving.toolgate(&["grant", "what-can", "ann"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("grant `ann` was revoked"), "{said}");
}

#[tokio::test]
async fn a_policy_may_come_from_standard_input() {
    let rig = Rig::new(GUARDED);
    let serving = Serving::start(rig, json!({})).await;
    let mut command = serving.rig.toolgate("policy");
    command.args(["put", "p", "-", "--state"]).arg(serving.rig.scratch.state());
    let mut put = command.stdin(Stdio::piped()).spawn().unwrap();
    put.stdin.take().unwrap().write_all(GUARDED.as_bytes()).unwrap();
    assert!(put.wait().unwrap().success());
    let listed = serving.json(&["policy", "list"]);
    assert_eq!((&listed["version"], &listed["policies"][0]["policy"]), (&json!(1), &json!("p")));
}

#[tokio::test]
async fn a_broken_configuration_is_told_though_the_state_is_named() {
    let serving = Serving::start(Rig::new(GUARDED), json!({})).await;
    serving.rig.scratch.file("bad.yaml", "lissten: x\n");
    let output = serving.toolgate(&["server", "list", "--config", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(String::from_utf8(output.stderr).unwrap().contains("bad.yaml"));
}

#[tokio::test]
async fn what_is_read_as_json_has_a_version() {
    let rig = Rig::new(GUARDED);
    let server = Serving::child(&rig, "a", &[]);
    let serving = Serving::start(rig, json!({"a": server})).await;
    serving.grant("ann", &["a"]);
    for words in [
        &["server", "list"][..],
        &["server", "show", "a"],
        &["grant", "list"],
        &["grant", "show", "ann"],
        &["grant", "what-can", "ann"],
        &["policy", "list"],
        &["policy", "list", "ann"],
        &["policy", "show", "ann"],
        &["tools", "list"],
        &["tools", "diff"],
    ] {
        assert_eq!(serving.json(words)["version"], 1, "{words:?}");
    }
}
