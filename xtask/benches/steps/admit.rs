//! Decision to record: limits spent and the intent written in one transaction, then the outcome.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use toolgate_policy::{Call, Charge, Decision, Obligation, decide};
use toolgate_store::{Admission, Durability, Facts, Intent, Options, Outcome, Store};
use xtask::Result;

use crate::Work;
use crate::clock::StandardClock;
use crate::decide::{call, policy};

/// As `toolgate run` does it: survives the death of the process.
pub(crate) fn under(policy_text: &str) -> Result<Work> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("admit");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    let intent = intent(policy_text)?;
    let (options, clock) = (Options { durability: Durability::Normal }, StandardClock::new());
    let store = Store::open_with_clock(&directory, options, Arc::new(clock))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(Box::new(move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                admit_and_close(&store, intent.clone()).await?;
            }
            Ok(store.flush().await?)
        })
    }))
}

async fn admit_and_close(store: &Store, intent: Intent) -> Result {
    match store.admit(intent).await? {
        Admission::Admitted(opened) => {
            Ok(store.close(&opened, Outcome::Answered, 1, false).await?)
        }
        other => Err(format!("not admitted: {other:?}").into()),
    }
}

fn intent(policy_text: &str) -> Result<Intent> {
    match decide(&policy(policy_text)?, call()?) {
        Decision::Allow(allowed) => {
            let (call, obligations) = allowed.into_parts();
            Ok(Intent {
                facts: facts(&call),
                charges: obligations.into_iter().flat_map(charges).collect(),
                approval: None,
                shadow: None,
            })
        }
        Decision::Deny(denied) => Err(format!("denied: {:?}", denied.reason).into()),
    }
}

fn charges(obligation: Obligation) -> Vec<Charge> {
    match obligation {
        Obligation::Approve(_) => Vec::new(),
        Obligation::Spend(charges) => charges,
    }
}

fn facts(call: &Call) -> Facts {
    Facts {
        trace: None,
        caller: call.caller.clone(),
        client: Some("bench 1".to_owned()),
        method: "tools/call".to_owned(),
        tool: Some(call.name.clone()),
        arguments: None,
        revision: "5f2c".into(),
        directory: None,
        approval: None,
    }
}
