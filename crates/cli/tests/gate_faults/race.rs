//! Many callers, several processes, one limit.

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
        let rig = Rig::new(POLICY);
        let heard = Arc::new(Heard::default());
        let mut callers = JoinSet::new();
        let mut pipes = Vec::new();
        for process in 0..PROCESSES {
            let pipe = Arc::new(rig.start(&[]));
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
}
