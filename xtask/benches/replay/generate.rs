//! Calls of a few agents over some weeks, decided by a policy, counted and recorded.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_policy::{
    Call, Caller, Decision, Definition, Obligation, Policy, Principal, Subject, decide, document,
};
use toolgate_store::{
    Admission, Clock, Durability, Effect, Facts, Intent, Opened, Options, Outcome, Store, Why,
};
use xtask::Result;

pub(crate) const POLICY: &str = r#"
version: "1"
default: deny
record: args
hide: [secret]
tools:
  search: {}
  "read_*":
    require: [{path: args.path, op: path_within, value: [/srv/data]}]
    limits: [{window: minute, max: 40}]
  pay:
    require:
      - {path: args.amount, op: lte, value: 500}
      - {path: args.currency, op: in, value: [EUR, USD]}
    limits:
      - {window: hour, max: 5000, increment_from: args.amount}
      - {window: day, max: 100, scope: principal}
  send:
    deny_if: [{path: args.body, op: regex, value: "(?i)password"}]
    limits: [{window: hour, max: 60, scope: server}]
"#;

/// Set by hand: weeks pass in a minute.
#[derive(Debug)]
struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn boot(&self) -> Option<String> {
        None
    }

    fn elapsed_ns(&self) -> u64 {
        0
    }

    fn wall_ns(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Between two calls.
pub(crate) const STEP_NS: u64 = 1_500_000_000;
/// So many calls are under way at once.
const AT_ONCE: u64 = 256;

/// The first call is made at `start_ns`.
pub(crate) fn log(state: &Path, calls: u64, start_ns: u64) -> Result {
    let read = document::read("policy", POLICY);
    let (policy, _) = read.map_err(|found| format!("the policy has errors: {found:?}"))?;
    let clock = Arc::new(HandClock(AtomicU64::new(start_ns)));
    let options = Options { durability: Durability::Normal };
    let store = Store::open_with_clock(state, options, clock.clone())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut dice = Dice(7);
        let mut made = 0;
        while made < calls {
            let count = AT_ONCE.min(calls - made);
            let all = (0..count).map(|_| one(&store, &policy, message(&mut dice)));
            let tasks: Vec<_> = all.collect();
            for task in tasks {
                task.await?;
                clock.0.fetch_add(STEP_NS, Ordering::Relaxed);
            }
            made += count;
        }
        store.finish().await?;
        Ok(())
    })
}

struct Message {
    caller: Arc<Caller>,
    tool: &'static str,
    arguments: String,
}

fn message(dice: &mut Dice) -> Message {
    let (who, server) = (dice.below(8), dice.below(3));
    let principal = Principal { issuer: "local".into(), subject: format!("agent{}", who / 2) };
    let caller = Caller { principal, grant: format!("g{who}"), server: format!("s{server}") };
    let (tool, arguments) = match dice.below(10) {
        0..=3 => (
            "search",
            format!(r#"{{"query":"things like {}","limit":{}}}"#, dice.below(999), dice.below(50)),
        ),
        4..=6 => {
            let folder = ["/srv/data", "/srv/data/public", "/etc"]
                [usize::try_from(dice.below(3)).unwrap_or(0)];
            ("read_file", format!(r#"{{"path":"{folder}/file{}.txt"}}"#, dice.below(999)))
        }
        7 => {
            let currency = ["EUR", "USD", "GBP"][usize::try_from(dice.below(3)).unwrap_or(0)];
            ("pay", format!(r#"{{"amount":{}.5,"currency":"{currency}"}}"#, dice.below(600)))
        }
        8 => (
            "send",
            format!(
                r#"{{"to":"a{}@example.com","body":"the {}"}}"#,
                dice.below(99),
                if dice.below(5) == 0 { "Password" } else { "news" }
            ),
        ),
        _ => (if dice.below(2) == 0 { "secret" } else { "unlisted" }, "{}".to_owned()),
    };
    Message { caller: Arc::new(caller), tool, arguments }
}

async fn one(store: &Store, policy: &Policy, message: Message) -> Result {
    let Message { caller, tool, arguments } = message;
    let document = Document::parse(Bytes::from(arguments), Reading::Strict)
        .map_err(|error| format!("no JSON: {error:?}"))?;
    let facts = Facts {
        caller: Arc::clone(&caller),
        client: Some("generator 1".to_owned()),
        trace: None,
        method: "tools/call".to_owned(),
        tool: Some(tool.to_owned()),
        arguments: Some(store.arguments(document.root(), true)),
        revision: "generated".into(),
        directory: None,
        approval: None,
    };
    let arguments = Some(document.root().id());
    let call = Call {
        caller,
        subject: Subject::Tool,
        name: tool.to_owned(),
        message: document,
        arguments,
        definition: Definition::Unknown,
        time_ms: 0,
    };
    match decide(policy, call) {
        Decision::Allow(allowed) => {
            let owed = allowed.into_parts().1.into_iter();
            let charges = owed.flat_map(|owed| match owed {
                Obligation::Approve(_) => Vec::new(),
                Obligation::Spend(charges) => charges,
            });
            let intent = Intent { facts, charges: charges.collect(), approval: None, shadow: None };
            if let Admission::Admitted(opened) = store.admit(intent).await? {
                close(store, &opened).await?;
            }
        }
        Decision::Deny(denied) => {
            let why = Why {
                effect: Effect::Deny,
                code: denied.reason.code.as_str().to_owned(),
                pointer: denied.reason.pointer.to_string(),
                layer: denied.layer,
                retry_after_ms: None,
            };
            store.refuse(facts, why).await?;
        }
    }
    Ok(())
}

/// Some never reach their server, and cost nothing.
async fn close(store: &Store, opened: &Opened) -> Result {
    let unsent = opened.decision_id().ends_with("77");
    let outcome = if unsent { Outcome::NotSent } else { Outcome::Answered };
    Ok(store.close(opened, outcome, 1200, unsent).await?)
}
