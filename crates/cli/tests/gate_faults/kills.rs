//! The gate is killed under load, again and again, and started on what is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use toolgate_testkit::Pipe;

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, rounds, until};

/// A window that fills in every round, and tools without one, so that calls always get through.
const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools:
  nonce: {limits: [{counter: shared, window: 2, max: 30}]}
  nothing: {}
";
const CALLERS: usize = 16;

/// After how many answers the gate is killed: before the first, between, in full swing.
const AFTER: [usize; 9] = [0, 40, 1, 120, 7, 2, 65, 20, 3];

struct Load {
    heard: Heard,
    answered: AtomicUsize,
    more: Notify,
}

/// Calls until the gate is gone.
async fn calls(load: Arc<Load>, pipe: Arc<Pipe>, caller: String) {
    for call in 0.. {
        let tool = if call % 2 == 0 { "nonce" } else { "nothing" };
        let nonce = format!("{caller}-{call}");
        if load.heard.call(&pipe, tool, &nonce).await == crate::rig::Told::Nothing {
            return;
        }
        load.answered.fetch_add(1, Ordering::Relaxed);
        load.more.notify_one();
    }
}

async fn one(rig: &Rig, load: &Arc<Load>, round: usize) {
    let pipe = Arc::new(rig.start(&[]));
    load.answered.store(0, Ordering::Relaxed);
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let name = format!("{round}-{caller}");
        callers.spawn(calls(Arc::clone(load), Arc::clone(&pipe), name));
    }
    let after = AFTER[round % AFTER.len()];
    while load.answered.load(Ordering::Relaxed) < after {
        load.more.notified().await;
    }
    pipe.kill().await;
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
}

fn judge(rig: &Rig, load: &Load) {
    let evidence = Evidence::of(rig);
    if evidence.entries.is_empty() {
        return;
    }
    evidence.sentinel_within_intents().refunds_are_due();
    evidence.limits_hold(|_| Some((2, 30))).verifies(rig);
    let unclosed = rig.log().unclosed(1).unwrap();
    let ids: std::collections::BTreeSet<_> =
        unclosed.iter().map(|entry| entry.decision_id().to_string()).collect();
    assert_eq!(ids, evidence.unclosed());
    // What was heard holds whatever came afterwards.
    let told_no: Vec<_> =
        load.heard.all().into_iter().filter(|(_, told)| told.is_denied()).collect();
    let seen = evidence.nonces_seen();
    assert!(told_no.iter().all(|(nonce, _)| !seen.contains(nonce)));
}

/// So many kills on one log; it is read whole after each.
const KILLS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_gate_leaves_no_call_without_its_record() {
    for _ in 0..rounds("KILLS", KILLS).div_ceil(KILLS) {
        some_kills().await;
    }
}

async fn some_kills() {
    let rig = Rig::new(POLICY);
    let (heard, answered, more) = (Heard::default(), AtomicUsize::new(0), Notify::new());
    let load = Arc::new(Load { heard, answered, more });
    for round in 0..KILLS {
        one(&rig, &load, round).await;
        judge(&rig, &load);
    }
    // Every sentinel has read what was left in its pipe.
    rig.gone().await;
    let left_open = Evidence::of(&rig).unclosed();
    let pipe = rig.start(&[]);
    assert_eq!(load.heard.call(&pipe, "nothing", "last").await, crate::rig::Told::Allowed);
    assert!(pipe.close().await.success());
    until("the end", || rig.processes().is_empty()).await;
    judge(&rig, &load);
    let evidence = Evidence::of(&rig);
    evidence.heard_the_truth(&load.heard.all());
    // A later start closes nothing that it knows nothing of, and leaves nothing of its own open.
    assert_eq!(evidence.unclosed(), left_open);
}
