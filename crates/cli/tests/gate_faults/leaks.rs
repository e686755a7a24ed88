//! A gateway that has served very many sessions is as big as before.

use std::fs;

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Web, bin};

use crate::endings::{children, open_files};
use crate::rig::{Rig, Told, rounds, until};

const POLICY: &str = "version: \"1\"\ndefault: deny\ntools: {nonce: {}, crash: {}}\n";
/// Sessions at the same time.
const CLIENTS: usize = 8;
/// Less than 2 KiB for each session of the full form.
const GROWTH_KIB_MAX: u64 = 16 << 10;

/// A gateway with one server, and the URL and the token of a grant.
async fn serving(rig: &Rig) -> (Daemon, String, String) {
    let ledger = format!("--ledger={}", rig.scratch.ledger().display());
    let server = json!({"command": [bin("sentinel").display().to_string(), ledger]});
    let config = json!({"listen": "127.0.0.1:0", "durability": "normal",
                        "servers": {"shop": server}});
    let config = rig.scratch.file("toolgate.yaml", config.to_string());
    let state = rig.scratch.state();
    let mut serve = rig.toolgate("serve");
    serve.arg("--config").arg(config).arg("--state").arg(&state);
    let daemon = Daemon::start(serve).await;
    let mut grant = rig.toolgate("grant");
    grant.args(["add", "ann", "--server", "shop", "--policy", "policy.yaml", "--json", "--state"]);
    let output = grant.arg(state).output().unwrap();
    let granted: Value = serde_json::from_slice(&output.stdout).unwrap();
    let url = format!("{}/mcp/shop", daemon.url);
    (daemon, url, granted["token"].as_str().unwrap().to_owned())
}

/// One session from its handshake to its end. Some servers die before that.
async fn session(url: &str, token: &str, number: usize) {
    let web = Web::new(url).with_header("authorization", &format!("Bearer {token}"));
    web.open().await;
    if number.is_multiple_of(10) {
        let answer = web.call("crash", json!({"nonce": number.to_string()})).await;
        assert_eq!(Told::of(Some(&answer)), Told::Failed(50200));
    } else {
        let answer = web.call("nonce", json!({"nonce": number.to_string()})).await;
        assert_eq!(Told::of(Some(&answer)), Told::Allowed, "{answer}");
    }
    web.delete().await;
}

async fn sessions(url: &str, token: &str, count: usize) {
    for batch in 0..count.div_ceil(CLIENTS) {
        let numbers = (batch * CLIENTS..(batch + 1) * CLIENTS).filter(|number| *number < count);
        let mut running = tokio::task::JoinSet::new();
        for number in numbers {
            let (url, token) = (url.to_owned(), token.to_owned());
            running.spawn(async move { session(&url, &token, number).await });
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
    }
}

/// In memory, in KiB.
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sessions_leave_no_process_no_file_and_no_memory_behind() {
    let rig = Rig::new(POLICY);
    let (daemon, url, token) = serving(&rig).await;
    let pid = daemon.pid().unwrap();
    let count = rounds("SESSIONS", 200);
    // What is made once and kept is there after the first hundred.
    sessions(&url, &token, 100).await;
    until("the first servers to end", || children(pid).is_empty()).await;
    let (files, memory) = (open_files(pid), resident(pid));
    sessions(&url, &token, count).await;
    until("the servers to end", || children(pid).is_empty()).await;
    // Connections of the last clients may still be about to close.
    until("the files to be closed", || open_files(pid) <= files).await;
    let after = resident(pid);
    eprintln!("{count} sessions: {files} files, {memory} KiB before, {after} KiB after");
    assert!(after <= memory + GROWTH_KIB_MAX, "{memory} KiB before, {after} KiB after");
    drop(daemon);
    rig.gone().await;
}
