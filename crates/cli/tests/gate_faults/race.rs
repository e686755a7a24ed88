//! Many callers, several processes, one limit.

use std::process::Command;
use std::sync::Arc;

use tokio::task::JoinSet;
use toolgate_testkit::Pipe;

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, Told, rounds};

const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools: {nonce: {limits: [{counter: shared, window: hour, max: 1000}]}}
";
const PROCESSES: usize = 4;
const CALLERS: usize = 16;
/// 64 callers, 1,152 calls: more than may pass.
const CALLS: usize = 18;

/// Each caller goes on at once when it has its answer; all of them share the limit.
async fn calls(pipe: Arc<Pipe>, heard: Arc<Heard>, caller: String) {
    for call in 0..CALLS {
        heard.call(&pipe, "nonce", &format!("{caller}-{call}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_shared_by_processes_is_exact() {
    for _ in 0..rounds("RACES", 1) {
        race(|rig| rig.gate(&[])).await;
    }
}

/// Files of the state directory that a gate inherits are not its locks, and none of its business.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_exact_with_inherited_files() {
    let inherit = "exec 5<\"$0/audit.db\" 6<>\"$0/audit.db\" 7<>\"$0/lock\" 8<>\"$0/head\" \
                   9<>\"$0/audit.db-shm\"; exec \"$@\"";
    race(|rig| {
        if !rig.scratch.state().join("lock").exists() {
            return rig.gate(&[]);
        }
        let mut command = Command::new("sh");
        let gate = rig.gate(&[]);
        command.args(["-c", inherit]).arg(rig.scratch.state());
        command.arg(gate.get_program()).args(gate.get_args());
        command
    })
    .await;
}

async fn race(gate: impl Fn(&Rig) -> Command) {
    let rig = Rig::new(POLICY);
    let heard = Arc::new(Heard::default());
    let mut callers = JoinSet::new();
    let mut pipes = Vec::new();
    for process in 0..PROCESSES {
        let pipe = Arc::new(Pipe::spawn(gate(&rig)));
        // It runs, so that the next one finds the files.
        pipe.open().await;
        for caller in 0..CALLERS {
            let name = format!("{process}-{caller}");
            callers.spawn(calls(Arc::clone(&pipe), Arc::clone(&heard), name));
        }
        pipes.push(pipe);
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    for pipe in pipes {
        assert!(pipe.close().await.success(), "{}", pipe.stderr());
    }
    let evidence = Evidence::of(&rig);
    assert_eq!(evidence.nonces_seen().len(), 1000);
    let heard = heard.all();
    assert_eq!(heard.len(), PROCESSES * CALLERS * CALLS);
    let others = heard.values().filter(|told| **told != Told::Allowed);
    assert!(others.clone().all(|told| told.is("limit")), "{:?}", others.collect::<Vec<_>>());
    evidence.sentinel_within_intents().refunds_are_due().heard_the_truth(&heard);
    evidence.limits_hold(|_| Some((3600, 1000))).verifies(&rig);
    assert!(evidence.unclosed().is_empty(), "{:?}", evidence.unclosed());
}
