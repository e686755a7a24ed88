//! Servers that a gateway starts: in bounds, started again, gone with it.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use toolgate_testkit::{GUARD, Web, bin};

use crate::rig::{GUARDED, Rig, Serving, assert_error, text};

/// A server `a` with these settings beside its command.
async fn serving(rig: Rig, flags: &[&str], settings: Value) -> Serving {
    let mut server = Serving::child(&rig, "a", flags);
    server.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    Serving::start(rig, json!({"a": server})).await
}

/// The message of the error that an `initialize` meets.
async fn refusal(web: &Web) -> String {
    let answer = web.initialize().await;
    assert_error(&answer, 50200);
    answer["error"]["message"].as_str().unwrap().to_owned()
}

async fn until(what: &str, mut test: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !test() {
        assert!(begun.elapsed() < GUARD, "waited for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A zombie does not count.
fn is_alive(pid: u64) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.starts_with(" Z"))
}

fn kill(pid: u64) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

/// The processes that the server ran in.
fn pids(serving: &Serving) -> BTreeSet<u64> {
    serving.ledger("a").entries().iter().map(|entry| entry.pid).collect()
}

#[tokio::test]
async fn a_server_in_a_sandbox_works_and_reaches_nothing_else() {
    let rig = Rig::new(GUARDED);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let secret = rig.scratch.file("secret", "text").display().to_string();
    let place = rig.scratch.at("place");
    fs::create_dir(&place).unwrap();
    let tried = place.join("tried").display().to_string();
    let attempts = [format!("tcp:{}", listener.local_addr().unwrap()), format!("read:{secret}")];
    let (reach, sentinel) = (bin("reach").display().to_string(), bin("sentinel"));
    let ledger = place.join("ledger").display().to_string();
    let script = format!(
        "{reach} {} > {tried}; exec {} --ledger={ledger}",
        attempts.join(" "),
        sentinel.display()
    );
    let read = [reach, sentinel.display().to_string()];
    let sandbox = json!({"network": false, "read": read, "write": [place]});
    let server = json!({"command": ["sh", "-c", script], "sandbox": sandbox,
        "resources": {"memory": "256MiB", "open_files": 64, "cpu": "1h"}});
    let serving = Serving::start(rig, json!({"a": server})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n"})).await), "n");
    let denied = attempts.map(|attempt| format!("{attempt} PermissionDenied\n")).concat();
    assert_eq!(fs::read_to_string(tried).unwrap(), denied);
}

#[tokio::test]
async fn a_server_that_cannot_be_fenced_in_is_not_started() {
    let sandbox = json!({"sandbox": {"read": ["/no/such/folder"]}});
    let serving = serving(Rig::new(GUARDED), &[], sandbox).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let why = refusal(&web).await;
    assert!(why.contains("cannot be fenced in: `/no/such/folder`: No such file"), "{why}");
    assert!(serving.ledger("a").entries().is_empty());
    let said = serving.gateway.stderr();
    assert!(said.contains("server `a`: toolgate: the server is not started, since"), "{said}");
}

/// Whoever comes hears why, without waiting, and nothing is started meanwhile.
#[tokio::test]
async fn a_server_that_keeps_failing_says_why_to_everybody() {
    let rig = Rig::new(GUARDED);
    let starts = rig.scratch.at("starts");
    let script = format!("echo >> {}; echo 'no API key' >&2; exit 1", starts.display());
    let servers = json!({"a": {"command": ["sh", "-c", script]}});
    let serving = Serving::start(rig, servers).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let why = refusal(&serving.web("a", &ann)).await;
    assert_eq!(why, "the server ended; it said: no API key");
    let mut why = refusal(&serving.web("a", &bob)).await;
    while !why.contains("keeps failing") {
        why = refusal(&serving.web("a", &ann)).await;
    }
    assert!(why.starts_with("server `a` keeps failing; next try in "), "{why}");
    assert!(why.ends_with(" s: no API key"), "{why}");
    assert!(serving.gateway.stderr().contains("toolgate: server `a`: no API key\n"));
}

#[tokio::test]
async fn a_server_that_gives_no_answer_in_time_is_ended() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": {"command": ["sleep", "1000"], "start_timeout": "200ms"}});
    let serving = Serving::start(rig, servers).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let why = refusal(&web).await;
    assert_eq!(why, "server `a` gave no answer within 0.2 s of its start");
}

#[tokio::test]
async fn a_server_that_is_killed_in_a_call_is_answered_for_and_started_again() {
    let serving = serving(Rig::new(GUARDED), &[], json!({})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    for era in ["legacy", "modern"] {
        let call = async |tool: &str, nonce: &str| {
            let arguments = json!({"nonce": nonce});
            match era {
                "legacy" => web.call(tool, arguments).await,
                _ => web.modern_call(tool, arguments).await,
            }
        };
        if era == "legacy" {
            web.open().await;
        }
        assert_eq!(text(&call("nonce", era).await), era);
        let calls = serving.ledger("a").calls_of("silent").len();
        let killing = async {
            let ledger = serving.ledger("a");
            until("the call", || ledger.calls_of("silent").len() > calls).await;
            kill(ledger.entries().last().unwrap().pid);
        };
        let (answer, ()) = tokio::join!(call("silent", "lost"), killing);
        assert_error(&answer, 50200);
        if era == "legacy" {
            web.open().await;
        }
        assert_eq!(text(&call("nonce", "again").await), "again");
    }
}

/// It ignores the end of its standard input, and there is nobody left to tell it anything.
#[tokio::test]
async fn a_server_dies_with_a_gateway_that_is_killed() {
    let mut serving = serving(Rig::new(GUARDED), &["--linger"], json!({})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    web.modern_call("nonce", json!({"nonce": "n"})).await;
    let pids = pids(&serving);
    assert_eq!(pids.len(), 2);
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    serving.gateway.kill().await;
    until("the end of the servers", || !pids.iter().any(|pid| is_alive(*pid))).await;
}

#[tokio::test]
async fn a_shared_server_is_one_process_for_all_grants() {
    for (shared, count) in [(true, 1), (false, 2)] {
        let serving = serving(Rig::new(GUARDED), &[], json!({"shared": shared})).await;
        let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
        let (ann, bob) = (serving.web("a", &ann), serving.web("a", &bob));
        // Equal ids on the wire, at the same time.
        let slow = async |web: &Web, nonce: &str| {
            let params = json!({"name": "slow", "arguments": {"ms": 50, "nonce": nonce}});
            web.modern_post(&json!(1), "tools/call", &params).await.json().await
        };
        for _ in 0..5 {
            let (a, b) = tokio::join!(slow(&ann, "ann"), slow(&bob, "bob"));
            assert_eq!((&a["id"], &b["id"]), (&json!(1), &json!(1)), "{a} {b}");
            assert!(a["result"].is_object() && b["result"].is_object(), "{a} {b}");
        }
        assert_eq!(pids(&serving).len(), count, "shared: {shared}");
        // The other's end is not its end.
        serving.json(&["grant", "revoke", "ann"]);
        assert_eq!(text(&bob.modern_call("nonce", json!({"nonce": "b"})).await), "b");
        assert_eq!(pids(&serving).len(), count, "shared: {shared}");
    }
}

/// What was allowed under one grant's policy is not sent on another's.
#[tokio::test]
async fn each_grant_of_a_shared_server_has_its_own_policy() {
    let serving = serving(Rig::new(GUARDED), &[], json!({"shared": true})).await;
    let ann = serving.web("a", &serving.grant("ann", &["a"]));
    let nothing = "version: \"1\"\ndefault: deny\n";
    serving.rig.scratch.file("policy.yaml", nothing);
    let bob = serving.web("a", &serving.grant("bob", &["a"]));
    for round in 0..5 {
        let nonce = format!("ann-{round}");
        assert_eq!(text(&ann.modern_call("nonce", json!({"nonce": nonce})).await), nonce);
        let denied = bob.modern_call("nonce", json!({"nonce": format!("bob-{round}")})).await;
        crate::rig::assert_denied(&denied, "default_deny");
    }
    assert!(serving.ledger("a").nonces().iter().all(|nonce| nonce.starts_with("ann-")));
}

#[tokio::test]
async fn no_variable_of_the_gateway_reaches_a_server() {
    let canary = "c4nary-of-the-gateway";
    let rig = Rig::new(GUARDED).env("SHOP_TOKEN", canary).env("TOOLGATE_X", canary);
    let dump = rig.scratch.at("env").display().to_string();
    let script = format!("env > {dump}; exec {}", bin("sentinel").display());
    let env = json!({"TOKEN": "env:SHOP_TOKEN", "MODE": "plain"});
    let command = json!(["sh", "-c", script]);
    let servers = json!({"a": {"command": command}, "b": {"command": command, "env": env}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["a", "b"]);
    serving.web("a", &token).open().await;
    assert!(!fs::read_to_string(&dump).unwrap().contains(canary));
    serving.web("b", &token).open().await;
    let given = fs::read_to_string(&dump).unwrap();
    assert!(given.contains(&format!("TOKEN={canary}\n")) && given.contains("MODE=plain\n"));
    assert_eq!(given.matches(canary).count(), 1, "{given}");
    assert!(!given.contains(&token));
}
