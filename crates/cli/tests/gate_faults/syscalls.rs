//! System calls on the state directory fail, or kill the gate, one after the other.
//!
//! `strace` injects; it follows the gate's threads, not the server that the gate starts.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use tokio::task::JoinSet;
use toolgate_testkit::Pipe;

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, Told, rounds};

const MAX: usize = 5;
const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools: {nonce: {limits: [{counter: shared, window: hour, max: 5}]}}
";
const FILES: [&str; 7] =
    ["", "/audit.db", "/audit.db-wal", "/audit.db-shm", "/head", "/key", "/lock"];

/// What happens to one system call.
#[derive(Clone, Debug)]
struct Fault {
    call: &'static str,
    /// `error=EIO`, `signal=SIGKILL`
    what: &'static str,
    /// Which one: `3`, or `3+` for the third and all behind it.
    when: String,
    durability: &'static str,
}

const CALLS: [&str; 12] = [
    "pwrite64",
    "write",
    "fdatasync",
    "fsync",
    "openat",
    "ftruncate",
    "flock",
    "fcntl",
    "pread64",
    "statx",
    "unlink",
    "mmap",
];
const WHATS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=SIGKILL"];

/// Whether `strace` may trace here.
fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let works = traced.is_ok_and(|output| output.status.success());
    if !works {
        let required = std::env::var("TOOLGATE_REQUIRE_STRACE").is_ok_and(|value| value == "1");
        assert!(!required, "`strace` is missing or may not trace: `apt install strace`");
        eprintln!("skipped: `strace` is missing or may not trace; `apt install strace`");
    }
    works
}

/// The gate with this fault. What strace saw goes to the file `trace`.
fn faulty(rig: &Rig, fault: &Fault) -> Command {
    let Fault { call, what, when, durability } = fault;
    let inject = format!("inject={call}:{what}:when={when}");
    traced(rig, durability, &[&format!("trace={call}"), &inject])
}

fn traced(rig: &Rig, durability: &str, expressions: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-b", "execve", "-o"]).arg(rig.scratch.at("trace"));
    let state = rig.scratch.state();
    for file in FILES {
        command.arg("-P").arg(format!("{}{file}", state.display()));
    }
    for expression in expressions {
        command.args(["-e", expression]);
    }
    let gate = rig.gate(&[]);
    command.arg(gate.get_program()).arg("run").args(["--durability", durability]);
    command.args(gate.get_args().skip(1)).current_dir(rig.scratch.path());
    command.env_remove("TOOLGATE_STATE").env("HOME", rig.scratch.path());
    command
}

/// How often a gate makes each system call on its state, on the thread that makes it most.
async fn counts(durability: &str) -> HashMap<String, usize> {
    let rig = Rig::new(POLICY);
    let heard = Heard::default();
    let first = rig.start(&[]);
    heard.call(&first, "nonce", "first").await;
    assert!(first.close().await.success());
    let pipe = Pipe::spawn(traced(&rig, durability, &[&format!("trace={}", CALLS.join(","))]));
    calls(&pipe, &heard, "counted").await;
    assert!(pipe.close().await.success(), "{}", pipe.stderr());
    let mut threads = HashMap::<(String, String), usize>::new();
    for line in fs::read_to_string(rig.scratch.at("trace")).unwrap().lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        *threads.entry((thread.to_owned(), call.to_owned())).or_default() += 1;
    }
    let mut most = HashMap::new();
    for ((_, call), count) in threads {
        let there = most.entry(call).or_insert(0);
        *there = count.max(*there);
    }
    most
}

fn happened(rig: &Rig) -> bool {
    let trace = fs::read_to_string(rig.scratch.at("trace")).unwrap_or_default();
    trace.contains("INJECTED") || trace.contains("killed by SIGKILL")
}

async fn calls(pipe: &Pipe, heard: &Heard, who: &str) -> Vec<Told> {
    let mut told = Vec::new();
    for call in 0..MAX + 2 {
        told.push(heard.call(pipe, "nonce", &format!("{who}-{call}")).await);
    }
    told
}

/// A gate with the fault, alone or beside others; then one without, on what is left.
async fn suffer(fault: Fault, others: usize) -> bool {
    let rig = Arc::new(Rig::new(POLICY));
    let heard = Arc::new(Heard::default());
    // The log exists, and somebody has called before.
    let first = rig.start(&[]);
    assert_eq!(heard.call(&first, "nonce", "first").await, Told::Allowed);
    assert!(first.close().await.success());
    let mut beside = JoinSet::new();
    for other in 0..others {
        let (rig, heard) = (Arc::clone(&rig), Arc::clone(&heard));
        // A lock that the kernel does not take back stays until its holder ends.
        let stuck = fault.call == "fcntl";
        beside.spawn(async move {
            let pipe = rig.start(&[]);
            let told = calls(&pipe, &heard, &format!("other-{other}")).await;
            let fine = |told: &Told| {
                *told == Told::Allowed || told.is("limit") || (stuck && told.is("unrecorded"))
            };
            assert!(told.iter().all(fine), "{told:?}");
            assert!(pipe.close().await.success());
        });
    }
    let pipe = Pipe::spawn(faulty(&rig, &fault));
    let told = calls(&pipe, &heard, "faulty").await;
    let status = pipe.close().await;
    while let Some(done) = beside.join_next().await {
        done.unwrap_or_else(|error| panic!("beside {fault:?}: {error}"));
    }
    rig.gone().await;
    let happened = happened(&rig);
    if told.contains(&Told::Nothing) && fault.what != "signal=SIGKILL" {
        pipe.stderr_with("toolgate: ").await;
    }
    said_so(&fault, &told, &pipe, status.code());

    // Nothing that failed was written half: whoever comes next goes on, and knows what was spent.
    let next = rig.start(&[]);
    let after = calls(&next, &heard, "next").await;
    let status = next.close().await;
    assert!(status.success(), "after {fault:?}: {status:?} {}", next.stderr());
    assert!(after.iter().all(|told| *told == Told::Allowed || told.is("limit")), "{after:?}");
    let evidence = Evidence::of(&rig);
    evidence.sentinel_within_intents().refunds_are_due().heard_the_truth(&heard.all());
    evidence.limits_hold(|_| Some((3600, MAX as u128))).verifies(&rig);
    assert!(evidence.nonces_seen().len() <= MAX, "{fault:?}");
    happened
}

/// It denied what it could not record, or did not start and said why, or was killed.
fn said_so(fault: &Fault, told: &[Told], pipe: &Pipe, code: Option<i32>) {
    let stderr = pipe.stderr();
    for told in told {
        let known = match told {
            Told::Allowed | Told::Nothing => true,
            Told::Denied(code) => code == "limit" || code == "unrecorded",
            Told::Failed(_) => false,
        };
        assert!(known, "{fault:?}: {told:?} {stderr}");
    }
    if fault.what == "signal=SIGKILL" {
        return;
    }
    if told.contains(&Told::Nothing) {
        assert!(told.iter().all(|told| *told == Told::Nothing), "{fault:?} {told:?} {stderr}");
        assert_eq!(code, Some(7), "{fault:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{fault:?}: {stderr}");
    } else {
        assert_eq!(code, Some(0), "{fault:?}: {stderr}");
    }
}

/// Some of all faults: at the start, and where calls are decided. All of them where asked for.
async fn faults() -> Vec<Fault> {
    let most = rounds("SYSCALLS", 0);
    let normal = counts("normal").await;
    let full = counts("full").await;
    let mut faults = Vec::new();
    for (at, call) in CALLS.into_iter().enumerate() {
        let (durability, counted) = if at % 2 == 0 { ("normal", &normal) } else { ("full", &full) };
        let count = counted.get(call).copied().unwrap_or_default();
        let some = [(1, at), (count * 6 / 10 + 1, at + 1), (count * 8 / 10 + 1, at + 3)];
        let all = (1..=count.min(most)).flat_map(|n| (0..3).map(move |what| (n, what)));
        let chosen: Vec<_> = if most == 0 { some.into() } else { all.collect() };
        for (n, what) in chosen.into_iter().filter(|(n, _)| *n <= count) {
            let what = WHATS[what % 3];
            let on = if what != "signal=SIGKILL" && n % 2 == 0 { "+" } else { "" };
            faults.push(Fault { call, what, when: format!("{n}{on}"), durability });
        }
    }
    faults
}

async fn all_of(faults: Vec<Fault>, others: usize) {
    let (mut running, mut met, mut failed) = (JoinSet::new(), 0, Vec::new());
    let mut left = faults.into_iter();
    loop {
        while running.len() < 2 {
            let Some(fault) = left.next() else { break };
            running.spawn(async move {
                let named = fault.clone();
                (named, tokio::spawn(suffer(fault, others)).await)
            });
        }
        let Some(done) = running.join_next().await else { break };
        match done.unwrap() {
            (_, Ok(happened)) => met += usize::from(happened),
            (fault, Err(error)) => failed.push(format!("{fault:?}: {error}")),
        }
    }
    eprintln!("{met} faults happened");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(met > 3, "hardly any fault happened: {met}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_call_that_fails_lets_nothing_through() {
    if can_trace() {
        all_of(faults().await, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_call_that_fails_beside_other_gates_harms_none() {
    if can_trace() {
        let step = if rounds("SYSCALLS", 0) == 0 { 3 } else { 5 };
        all_of(faults().await.into_iter().step_by(step).collect(), 3).await;
    }
}

/// From its first failing write on, a gate lets nothing through until it is started anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_for_good_says_unrecorded() {
    if !can_trace() {
        return;
    }
    let rig = Rig::new(POLICY);
    let heard = Heard::default();
    let first = rig.start(&[]);
    assert_eq!(heard.call(&first, "nonce", "first").await, Told::Allowed);
    assert!(first.close().await.success());
    // Far enough behind the start; what the calls do comes then.
    let when = "12+".to_owned();
    let fault = Fault { call: "pwrite64", what: "error=EIO", when, durability: "normal" };
    let pipe = Pipe::spawn(faulty(&rig, &fault));
    let mut told = Vec::new();
    for call in 0..20 {
        told.push(heard.call(&pipe, "nonce", &call.to_string()).await);
    }
    assert!(happened(&rig), "{told:?}");
    let end = told.iter().position(|told| told.is("unrecorded"));
    let end = end.unwrap_or_else(|| panic!("{told:?} {}", pipe.stderr()));
    assert!(told[end..].iter().all(|told| told.is("unrecorded")), "{told:?}");
    pipe.close().await;
    Evidence::of(&rig).sentinel_within_intents().heard_the_truth(&heard.all()).verifies(&rig);
}
