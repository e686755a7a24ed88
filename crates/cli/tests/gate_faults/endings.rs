//! How a gate ends: with its server, with its client, by a signal. Nothing stays behind.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use toolgate_store::{Kind, Outcome};
use toolgate_testkit::{Daemon, LEGACY_VERSION, Web};

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, Told, rounds, until};

const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools: {\"*\": {rate_limit: 100000/hour}, crash: {}, nonce: {}, silent: {}, slow: {}}
";

fn line(id: usize, tool: &str, more: &Value) -> String {
    let mut arguments = json!({"nonce": format!("{tool}-{id}")});
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let params = json!({"name": tool, "arguments": arguments});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string() + "\n"
}

fn hello() -> String {
    let params = json!({"protocolVersion": LEGACY_VERSION, "capabilities": {},
                        "clientInfo": {"name": "faults", "version": "1"}});
    json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": params}).to_string()
        + "\n"
}

fn outcomes(evidence: &Evidence, of: &str) -> Vec<Outcome> {
    let of = |entry: &&toolgate_store::Entry| match &entry.kind {
        Kind::Opened(opening) => opening.facts.tool.as_deref() == Some(of),
        _ => false,
    };
    let opened = evidence.entries.iter().filter(of);
    opened.filter_map(|entry| Some(evidence.closing(entry.seq)?.outcome)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_in_a_call_ends_the_gate_with_its_code() {
    let rig = Rig::new(POLICY);
    let pipe = rig.start(&[]);
    let heard = Heard::default();
    assert_eq!(heard.call(&pipe, "nonce", "before").await, Told::Allowed);
    let silent = pipe.expect(&json!(77)).unwrap();
    pipe.send_raw(line(77, "silent", &json!({}))).await.unwrap();
    rig.ledger().until(|entries| entries.len() == 2).await;
    assert_eq!(heard.call(&pipe, "crash", "crash").await, Told::Failed(50200));
    assert_eq!(Told::of(Some(&silent.await.unwrap().json)), Told::Failed(50200));
    assert_eq!(pipe.wait().await.code(), Some(7));
    rig.gone().await;
    let evidence = Evidence::of(&rig);
    evidence.sentinel_within_intents().refunds_are_due().verifies(&rig);
    assert_eq!(outcomes(&evidence, "nonce"), [Outcome::Answered]);
    assert_eq!(outcomes(&evidence, "crash"), [Outcome::Disconnected]);
    assert_eq!(outcomes(&evidence, "silent"), [Outcome::Disconnected]);
}

/// `printf … | toolgate run …`, by programs that know nothing of MCP.
#[test]
fn a_client_that_says_everything_and_closes_gets_all_answers() {
    let rig = Rig::new(POLICY);
    let mut script = hello();
    let calls = 300;
    for id in 0..calls {
        let (tool, more) = match id % 10 {
            3 => ("slow", json!({"ms": 30})),
            5 => ("refund", json!({})),
            _ => ("nonce", json!({})),
        };
        script += &line(id, tool, &more);
    }
    let script = rig.scratch.file("script", script);
    let mut gate = rig.gate(&[]);
    gate.stdin(fs::File::open(&script).unwrap());
    answers_all(&rig, gate.output().unwrap(), calls);

    // Through a pipe whose writer is gone before the first answer.
    let rig = Rig::new(POLICY);
    let mut command = Command::new("sh");
    command.args(["-c", "cat \"$0\" | exec \"$@\""]).arg(script);
    let gate = rig.gate(&[]);
    command.arg(gate.get_program()).args(gate.get_args());
    answers_all(&rig, command.output().unwrap(), calls);
}

#[track_caller]
fn answers_all(rig: &Rig, output: std::process::Output, calls: usize) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?} {stderr}", output.status);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: BTreeSet<String> = answers.iter().map(|answer| answer["id"].to_string()).collect();
    let missing: Vec<_> = (0..calls).filter(|id| !ids.contains(&id.to_string())).collect();
    assert!(missing.is_empty(), "no answers to {missing:?}: {stderr}");
    assert_eq!(answers.len(), calls + 1);
    let denied = answers.iter().filter(|answer| Told::of(Some(answer)).is_denied()).count();
    assert_eq!(denied, calls / 10);
    let evidence = Evidence::of(rig);
    evidence.sentinel_within_intents().refunds_are_due().verifies(rig);
    assert_eq!(evidence.nonces_seen().len(), calls - denied);
    assert_eq!(evidence.unclosed(), BTreeSet::new());
    assert!(rig.processes().is_empty(), "{:?}", rig.processes());
}

/// Both its pipes break at once; what it had sent may have run, and is on record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_killed_leaves_nothing_running() {
    let rig = Rig::new(POLICY);
    let mut gate = rig.gate(&[]);
    gate.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = gate.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut script = hello();
    for id in 0..200 {
        script += &line(id, "nonce", &json!({}));
    }
    stdin.write_all(script.as_bytes()).unwrap();
    let mut some = [0; 100];
    child.stdout.as_mut().unwrap().read_exact(&mut some).unwrap();
    drop((stdin, child.stdout.take()));
    until("the gate to end", || child.try_wait().unwrap().is_some()).await;
    rig.gone().await;
    let evidence = Evidence::of(&rig);
    evidence.sentinel_within_intents().refunds_are_due().verifies(&rig);
    assert_eq!(evidence.unclosed(), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_gate_and_server_with_its_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        for flags in [&[][..], &["--linger"]] {
            let rig = Rig::new(POLICY);
            let pipe = rig.start(flags);
            let heard = Heard::default();
            assert_eq!(heard.call(&pipe, "nonce", "before").await, Told::Allowed);
            pipe.send_raw(line(77, "silent", &json!({}))).await.unwrap();
            rig.ledger().until(|entries| entries.len() == 2).await;
            let pid = Pid::from_raw(pipe.pid().unwrap().cast_signed()).unwrap();
            kill_process(pid, signal).unwrap();
            assert_eq!(pipe.wait().await.code(), Some(code), "{}", pipe.stderr());
            assert!(rig.processes().is_empty(), "{:?}", rig.processes());
            let evidence = Evidence::of(&rig);
            evidence.sentinel_within_intents().refunds_are_due().verifies(&rig);
            assert_eq!(outcomes(&evidence, "nonce"), [Outcome::Answered]);
            // Its outcome is unknown, and the log says so in one way or the other.
            let silent = outcomes(&evidence, "silent");
            assert!(silent.is_empty() || silent == [Outcome::Disconnected], "{silent:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starting_and_stopping_leaves_nothing_behind() {
    let rig = Rig::new(POLICY);
    let heard = Heard::default();
    let cycles = rounds("CYCLES", 12);
    for cycle in 0..cycles {
        let pipe = rig.start(&[]);
        assert_eq!(heard.call(&pipe, "nonce", &cycle.to_string()).await, Told::Allowed);
        assert!(pipe.close().await.success(), "{}", pipe.stderr());
        assert!(rig.processes().is_empty(), "{:?}", rig.processes());
    }
    let left = fs::read_dir(rig.scratch.state()).unwrap().flatten();
    let left: BTreeSet<String> =
        left.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let expected = ["audit.db", "head", "key", "lock"].map(str::to_owned);
    assert_eq!(left, BTreeSet::from(expected));
    let evidence = Evidence::of(&rig);
    evidence.sentinel_within_intents().heard_the_truth(&heard.all()).verifies(&rig);
    assert_eq!(evidence.nonces_seen().len(), cycles);
    assert_eq!(evidence.unclosed(), BTreeSet::new());
}

/// A gate that listens, and the token that its clients need.
async fn listening(rig: &Rig) -> (Daemon, String) {
    let gate = rig.gate(&[]);
    let args: Vec<_> = gate.get_args().collect();
    let mut command = rig.toolgate("run");
    command.args(["--listen", "127.0.0.1:0"]).args(&args[1..]);
    let daemon = Daemon::start(command).await;
    let mut token = None;
    until("the token", || {
        let said = daemon.stderr();
        let rest = said.split_once("token: ").map(|(_, rest)| rest.to_owned());
        token = rest.filter(|rest| rest.contains('\n'));
        token.is_some()
    })
    .await;
    let token = token.unwrap();
    let word = token.split_whitespace().next().unwrap().to_owned();
    (daemon, word)
}

pub(crate) fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// Processes whose parent this is, zombies among them.
pub(crate) fn children(pid: u32) -> Vec<String> {
    let folders = fs::read_dir("/proc").unwrap().flatten();
    let stats = folders.filter_map(|folder| fs::read_to_string(folder.path().join("stat")).ok());
    // `pid (name) state parent …`
    let parent = |stat: &String| {
        let (_, rest) = stat.rsplit_once(')')?;
        rest.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    stats.filter(|stat| parent(stat) == Some(pid)).collect()
}

/// In one gate for many clients, each session has a server of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_end_leave_no_process_and_no_file_open() {
    let rig = Rig::new(POLICY);
    let (daemon, token) = listening(&rig).await;
    let pid = daemon.pid().unwrap();
    let mut before = None;
    for cycle in 0..rounds("CYCLES", 12) {
        let web = Web::new(&daemon.url).with_header("authorization", &format!("Bearer {token}"));
        web.open().await;
        let answer = web.call("nonce", json!({"nonce": cycle.to_string()})).await;
        assert_eq!(Told::of(Some(&answer)), Told::Allowed);
        // Every other server dies by itself.
        if cycle % 2 == 1 {
            let answer = web.call("crash", json!({"nonce": format!("crash-{cycle}")})).await;
            assert_eq!(Told::of(Some(&answer)), Told::Failed(50200));
        }
        web.delete().await;
        drop(web);
        until("the server to end", || children(pid).is_empty()).await;
        let most = *before.get_or_insert(open_files(pid) + 1);
        until("the files to be closed", || open_files(pid) <= most).await;
    }
    drop(daemon);
    rig.gone().await;
    Evidence::of(&rig).sentinel_within_intents().refunds_are_due().verifies(&rig);
}

/// The client does not come back to notice it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_died_behind_a_listener_is_no_zombie() {
    let rig = Rig::new(POLICY);
    let (daemon, token) = listening(&rig).await;
    let pid = daemon.pid().unwrap();
    let web = Web::new(&daemon.url).with_header("authorization", &format!("Bearer {token}"));
    web.open().await;
    let answer = web.call("crash", json!({"nonce": "crash"})).await;
    assert_eq!(Told::of(Some(&answer)), Told::Failed(50200));
    until("the dead server to be waited for", || children(pid).is_empty()).await;
}
