//! A child that stops reading: what waits in front of its pipe must not arrive on old terms.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use toolgate_store::{Kind, Outcome};
use toolgate_testkit::Pipe;

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, Told, until};

/// Room for `CALLS`, a few more, and no end of it in this test.
const OPEN: &str = "\
version: \"1\"
default: deny
record: args
tools: {nonce: {limits: [{counter: shared, window: hour, max: 50}]}}
";
const CALLS: usize = 40;
/// Some eight of them fill a pipe.
const PAD: usize = 8000;

/// A gate whose child has read the handshake, and reads nothing more until it may.
struct Blocked {
    rig: Rig,
    pipe: Arc<Pipe>,
    heard: Arc<Heard>,
    callers: JoinSet<()>,
}

impl Blocked {
    async fn start(policy: &str) -> Blocked {
        let rig = Rig::new(policy);
        let resume = rig.scratch.at("resume");
        let pipe = Arc::new(rig.start(&[
            "--stop-reading-after",
            "2",
            "--resume-file",
            resume.to_str().unwrap(),
        ]));
        pipe.open().await;
        rig.ledger().until(|entries| entries.len() == 2).await;
        Blocked { rig, pipe, heard: Arc::default(), callers: JoinSet::new() }
    }

    /// Sends calls, and waits until all are on record.
    async fn call(&mut self, from: usize, count: usize) {
        for call in from..from + count {
            let (pipe, heard) = (Arc::clone(&self.pipe), Arc::clone(&self.heard));
            self.callers.spawn(async move {
                heard.padded(&pipe, "nonce", &call.to_string(), PAD).await;
            });
        }
        let decided = |kind: &Kind| matches!(kind, Kind::Opened(_) | Kind::Denied(_));
        self.rig.logged(from + count, decided).await;
    }

    /// Somebody else freezes or thaws the server.
    fn person(&self, what: &str) {
        let mut command = self.rig.toolgate(what);
        command.args(["--server", "sentinel", "--state"]).arg(self.rig.scratch.state());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// How many bytes can have left the gate by now.
    fn written_max(&self) -> usize {
        self.rig.ledger().raw_bytes().len() + pipe_bytes()
    }

    async fn resume(&mut self) {
        fs::write(self.rig.scratch.at("resume"), "").unwrap();
        while let Some(done) = self.callers.join_next().await {
            done.unwrap();
        }
    }

    /// The calls whose first byte came behind this many.
    fn behind(&self, bytes: usize) -> BTreeSet<String> {
        let raw = self.rig.ledger().raw_bytes();
        let mut at = 0;
        let mut found = BTreeSet::new();
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            let call: Value = serde_json::from_slice(line).unwrap();
            let nonce = call["params"]["arguments"]["nonce"].as_str();
            found.extend(nonce.filter(|_| at >= bytes).map(str::to_owned));
            at += line.len();
        }
        found
    }

    /// Every call has its answer, and everything is as it was told.
    async fn judge(self) -> Evidence {
        assert!(self.pipe.close().await.success(), "{}", self.pipe.stderr());
        let evidence = Evidence::of(&self.rig);
        let heard = self.heard.all();
        assert!(heard.values().all(|told| *told != Told::Nothing), "{heard:?}");
        evidence.sentinel_within_intents().refunds_are_due().heard_the_truth(&heard);
        evidence.limits_hold(|_| None).verifies(&self.rig);
        assert_eq!(evidence.unclosed(), BTreeSet::new());
        evidence
    }
}

/// What a pipe holds here, between any two processes.
fn pipe_bytes() -> usize {
    let (_reader, mut writer) = std::io::pipe().unwrap();
    rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
    std::iter::from_fn(|| writer.write(&[0; 4096]).ok()).sum()
}

fn not_sent(evidence: &Evidence) -> usize {
    let closings = evidence.opened().filter_map(|(entry, _)| evidence.closing(entry.seq));
    closings.filter(|closed| closed.outcome == Outcome::NotSent).count()
}

/// Whatever the new policy is, nothing that it would not let through leaves the gate under it.
async fn tightened(to: &str, code: &str) {
    let mut blocked = Blocked::start(OPEN).await;
    blocked.call(0, CALLS).await;
    blocked.rig.scratch.policy(to);
    blocked.pipe.stderr_with("policy reloaded").await;
    let written_max = blocked.written_max();
    blocked.resume().await;
    let late = blocked.behind(written_max);
    assert!(late.is_empty(), "sent under a policy that denies them: {late:?}");
    let heard = blocked.heard.all();
    let denied = heard.values().filter(|told| told.is_denied()).count();
    assert!(denied >= CALLS / 2, "nothing waited: {heard:?}");
    assert!(heard.values().all(|told| *told == Told::Allowed || told.is(code)), "{heard:?}");

    // What the void permits held came back: exactly what is left of the limit passes.
    blocked.rig.scratch.policy(&format!("{OPEN}# again\n"));
    let back = || blocked.pipe.stderr().matches("policy reloaded").count() == 2;
    until("the policy", back).await;
    for call in 0..CALLS + 20 {
        let nonce = format!("after-{call}");
        blocked.heard.call(&blocked.pipe, "nonce", &nonce).await;
    }
    let evidence = blocked.judge().await;
    assert_eq!(evidence.nonces_seen().len(), 50);
    assert_eq!(not_sent(&evidence), denied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_is_denied_meanwhile_stays_where_it_waits() {
    tightened(
        "version: \"1\"\ndefault: deny\nrecord: args\ntools: {nothing: {}}\n",
        "default_deny",
    )
    .await;
}

/// A freeze reaches what waits, and what waited passes once it is thawed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_frozen_meanwhile_gets_nothing_that_waited() {
    let mut blocked = Blocked::start(OPEN).await;
    blocked.call(0, CALLS).await;
    blocked.person("freeze");
    blocked.pipe.stderr_with("server `sentinel` is frozen").await;
    let written_max = blocked.written_max();
    blocked.resume().await;
    let late = blocked.behind(written_max);
    assert!(late.is_empty(), "sent to a frozen server: {late:?}");
    let heard = blocked.heard.all();
    let denied = heard.values().filter(|told| told.is("frozen")).count();
    assert!(denied >= CALLS / 2, "nothing waited: {heard:?}");
    blocked.person("thaw");
    for call in 0..CALLS + 20 {
        blocked.heard.call(&blocked.pipe, "nonce", &format!("after-{call}")).await;
    }
    let evidence = blocked.judge().await;
    assert_eq!(evidence.nonces_seen().len(), 50, "what waited has cost nothing");
    assert_eq!(not_sent(&evidence), denied);
}

/// The calls in the pipe have used up the lower limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_is_lowered_meanwhile_holds_for_what_waits() {
    tightened(&OPEN.replace("max: 50", "max: 3"), "limit").await;
}

/// No permit outlives its second: each is given back, and the call decided anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_that_waited_too_long_is_decided_anew() {
    let mut blocked = Blocked::start(&OPEN.replace("max: 50", "max: 30")).await;
    blocked.call(0, CALLS).await;
    // Not to decide anything: a permit that is this old is void, however slow the machine.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let written_max = blocked.written_max();
    blocked.resume().await;
    let late = blocked.behind(written_max);
    assert!(late.len() > 10, "nothing waited: {late:?}");
    let heard = blocked.heard.all();
    let refused = heard.values().filter(|told| told.is("limit")).count();
    assert_eq!(refused, CALLS - 30, "{heard:?}");
    let evidence = blocked.judge().await;
    assert_eq!(evidence.nonces_seen().len(), 30);
    let openings = evidence.openings();
    assert!(late.iter().all(|nonce| openings[nonce].len() >= 2), "sent on an old permit");
    assert!(not_sent(&evidence) >= late.len());
}

/// While permits wait, another gate on the same state takes what the window frees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_passes_meanwhile_is_counted_anew() {
    let policy = OPEN.replace("window: hour, max: 50", "window: 2, max: 30");
    let mut blocked = Blocked::start(&policy).await;
    blocked.call(0, 30).await;
    let other = blocked.rig.start(&[]);
    // The window frees what it held; the other gate takes all of it, the waiting calls' share too.
    let mut taken = 0;
    for call in 0.. {
        let nonce = format!("other-{call}");
        taken += usize::from(blocked.heard.call(&other, "nonce", &nonce).await == Told::Allowed);
        if taken == 30 {
            break;
        }
    }
    blocked.resume().await;
    assert!(other.close().await.success());
    let evidence = blocked.judge().await;
    evidence.limits_hold(|_| Some((2, 30)));
    assert!(not_sent(&evidence) > 0);
}

/// A child that never reads again: its callers hear so when it ends, and nothing was spent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_hear_of_the_end_of_a_child_that_never_read_them() {
    let mut blocked = Blocked::start(OPEN).await;
    blocked.call(0, CALLS).await;
    let sentinel = blocked.rig.processes();
    let own = |(id, _): &&(u32, String)| Some(*id) != blocked.pipe.pid();
    let (id, _) = sentinel.iter().find(own).unwrap();
    let id = rustix::process::Pid::from_raw(id.cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    while let Some(done) = blocked.callers.join_next().await {
        done.unwrap();
    }
    let heard = blocked.heard.all();
    assert!(heard.values().all(|told| *told == Told::Failed(50200)), "{heard:?}");
    assert!(!blocked.pipe.wait().await.success());
    let evidence = Evidence::of(&blocked.rig);
    assert!(evidence.nonces_seen().is_empty());
    evidence.refunds_are_due().verifies(&blocked.rig);
    assert_eq!(evidence.unclosed(), BTreeSet::new());
    assert!(not_sent(&evidence) >= CALLS / 2, "what cannot have left must come back");
}
