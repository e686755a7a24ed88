//! Where the console runs: within `serve`, and beside `run`.

use std::time::Duration;

use serde_json::json;
use toolgate_testkit::{Daemon, GUARD, Pipe};

use super::desk::{ASKED, Desk};
use crate::rig::{Rig, Serving, decision, text};

/// Another process answers, over the same state directory.
#[tokio::test]
async fn beside_run_a_yes_in_the_console_lets_the_call_pass() {
    let rig = Rig::new(ASKED);
    let pipe = Pipe::spawn_with(rig.before_child(), json!({}));
    pipe.open().await;
    let asked = pipe.call("echo", json!({"message": "hi"})).await;
    let id =
        decision(&asked)["approval_id"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
    let mut command = rig.toolgate("console");
    command.args(["--listen", "127.0.0.1:0", "--state"]).arg(rig.scratch.state());
    let console = Daemon::start(command).await;
    let output = rig
        .toolgate("account")
        .args(["add", "ann", "--role", "approver", "--state"])
        .arg(rig.scratch.state())
        .output()
        .unwrap();
    let token = String::from_utf8(output.stdout).unwrap();
    let bearer = format!("Bearer {}", token.trim());
    let url = format!("{}/api/v1/approvals/{id}/approve", console.url);
    let web = toolgate_testkit::Web::new(url).with_header("authorization", &bearer);
    let reply = web.send(hyper::Method::POST, &[], "").await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
    assert_eq!(rig.ledger().calls().len(), 1);
}

/// A call that is kept open goes on as soon as somebody says yes.
#[tokio::test]
async fn a_held_call_goes_on_with_the_yes() {
    let desk = Desk::open(&ASKED.replace("hold: 0s", "hold: 30s")).await;
    let agent = desk.agent().await;
    let held = agent.call("echo", json!({"message": "hi"}));
    let program = desk.program(&desk.account("ann", "approver"));
    let pending = async || {
        let (_, listed) = program.get("/api/v1/approvals?state=pending").await;
        listed["approvals"][0]["id"].as_str().map(str::to_owned)
    };
    let approved = async {
        let id = loop {
            match pending().await {
                Some(id) => break id,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        program.post(&format!("/api/v1/approvals/{id}/approve"), "{}").await.0
    };
    let both = async { tokio::join!(held, approved) };
    let (answer, status) = tokio::time::timeout(GUARD, both).await.unwrap();
    assert_eq!((status, text(&answer)), (200, "hi"));
    assert_eq!(desk.ledger().calls().len(), 1);
}

#[tokio::test]
async fn without_its_key_there_is_no_console_and_with_a_taken_address_no_gateway() {
    let rig = Rig::new(ASKED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let serving = Serving::start(rig, servers).await;
    assert!(!serving.gateway.stderr().contains("console"));
    let taken = serving.gateway.url.trim_start_matches("http://").to_owned();
    let rig = Rig::new(ASKED);
    let config = json!({"listen": "127.0.0.1:0", "console": {"listen": taken}});
    rig.scratch.file("toolgate.yaml", config.to_string());
    let mut command = rig.toolgate("serve");
    command.arg("--config").arg(rig.scratch.at("toolgate.yaml"));
    let output = command.arg("--state").arg(rig.scratch.state()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the console cannot listen on"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_console_that_cannot_be_says_why_in_one_line() {
    let rig = Rig::new(ASKED);
    let told = |words: &[&str]| {
        let mut command = rig.toolgate("console");
        let output = command.args(words).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        (output.status.code().unwrap(), said)
    };
    let state = rig.scratch.state().display().to_string();
    let (code, said) = told(&["--state", &state]);
    assert!(code == 7 && said.contains("toolgate account add"), "{code}: {said}");
    let added = rig
        .toolgate("account")
        .args(["add", "ann", "--role", "viewer", "--state", &state])
        .output()
        .unwrap();
    assert!(added.status.success());
    let (code, said) = told(&["--state", &state, "--listen", "0.0.0.0:0"]);
    assert!(code == 2 && said.contains("`url`"), "{code}: {said}");
    let (code, said) = told(&["--state", &state, "--listen", "127.0.0.1:0", "--url", "x"]);
    assert!(code == 2 && said.contains("--url"), "{code}: {said}");
}

/// Nothing of a state is needed to know what can be asked.
#[tokio::test]
async fn the_document_of_the_api_is_printed_and_served() {
    let desk = Desk::open(ASKED).await;
    let web = toolgate_testkit::Web::new(format!("{}/api/v1/openapi.json", desk.url));
    let reply = web.send(hyper::Method::GET, &[], "").await.unwrap();
    assert_eq!(reply.status, 200);
    let printed = desk.serving.rig.toolgate("console").arg("--openapi").output().unwrap();
    assert!(printed.status.success());
    assert_eq!(reply.bytes().await, printed.stdout);
}
