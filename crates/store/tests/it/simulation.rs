//! The store against the simulation in `policy`, call by call: whoever runs recorded calls again,
//! or tests a document with a history, hears what the store would say.

use std::sync::Arc;

use proptest::prelude::*;
use tokio::runtime::Builder;
use toolgate_policy::simulate::{Admitted, Simulated, Ticket};
use toolgate_policy::{Bound, Caller, Charge, Principal, Scope};
use toolgate_store::{Admission, Intent, Opened, Outcome, Store};

use crate::common::{HandClock, bound, calendar, charge, facts, sliding};

#[derive(Clone, Debug)]
enum Step {
    Call { who: usize, charges: Vec<Charge> },
    Pass { ms: u64 },
    Refund(prop::sample::Index),
    Weigh { who: usize, charges: Vec<Charge> },
}

fn who(at: usize) -> Caller {
    let (grant, server, subject) =
        [("g1", "s1", "ann"), ("g2", "s1", "ann"), ("g3", "s1", "bob"), ("g1", "s2", "ann")][at];
    let principal = Principal { issuer: "local".to_owned(), subject: subject.to_owned() };
    Caller { principal, grant: grant.to_owned(), server: server.to_owned() }
}

fn bounds() -> impl Strategy<Value = Vec<Bound>> {
    let window = prop_oneof![
        4 => (1_u64..8).prop_map(sliding),
        1 => (1_u64..8).prop_map(calendar),
    ];
    let one = (window, 0_u64..12, prop::sample::select(&Scope::ALL[..]));
    let one = one.prop_map(|(window, max, scope)| Bound { scope, ..bound(window, max) });
    prop::collection::vec(one, 0..3)
}

fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let one = ("[ab]", 0_u64..4, bounds());
    let one = one.prop_map(|(counter, amount, bounds)| charge(&counter, amount, &bounds));
    prop::collection::vec(one, 1..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_usize..4, charges()).prop_map(|(who, charges)| Step::Call { who, charges }),
        6 => (0_u64..2500).prop_map(|ms| Step::Pass { ms }),
        2 => any::<prop::sample::Index>().prop_map(Step::Refund),
        2 => (0_usize..4, charges()).prop_map(|(who, charges)| Step::Weigh { who, charges }),
    ]
}

/// The store, and the simulation on the same clock.
struct Both {
    clock: Arc<HandClock>,
    store: Store,
    simulated: Simulated,
    calls: Vec<(Opened, Ticket)>,
    now_ns: u64,
}

impl Both {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Call { who: at, charges } => self.call(who(at), charges).await,
            Step::Pass { ms } => {
                self.clock.pass_ms(ms);
                self.now_ns += ms * 1_000_000;
            }
            Step::Refund(_) if self.calls.is_empty() => {}
            Step::Refund(index) => {
                let (opened, ticket) = self.calls.remove(index.index(self.calls.len()));
                self.store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
                self.simulated.refund(&ticket);
            }
            Step::Weigh { who: at, charges } => {
                let weights = self.store.weigh(who(at), charges.clone()).await.unwrap();
                assert_eq!(weights, self.simulated.weigh(&who(at), &charges, self.now_ns));
            }
        }
    }

    async fn call(&mut self, caller: Caller, charges: Vec<Charge>) {
        let simulated = self.simulated.admit(&caller, &charges, self.now_ns);
        let facts = toolgate_store::Facts { caller: Arc::new(caller), ..facts("pay") };
        let told = self
            .store
            .admit(Intent { facts, charges: charges.clone(), approval: None, shadow: None })
            .await
            .unwrap();
        match (told, simulated) {
            (Admission::Admitted(opened), Admitted::Fits(ticket)) => {
                self.calls.push((opened, ticket));
            }
            (Admission::Refused(refused), Admitted::Over { bound, retry_after_ms }) => {
                assert_eq!(refused.bound, Some(bound), "{charges:?}");
                assert_eq!(refused.retry_after_ms, retry_after_ms, "{charges:?}");
            }
            (told, simulated) => unreachable!("{told:?}, but {simulated:?}: {charges:?}"),
        }
    }
}

fn run(steps: Vec<Step>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (dir, clock) = (tempfile::tempdir().unwrap(), HandClock::new());
        let (store, now_ns) = (clock.open(dir.path()), clock.wall_s() * 1_000_000_000);
        let (simulated, calls) = (Simulated::new(), Vec::new());
        let mut both = Both { clock, store, simulated, calls, now_ns };
        for step in steps {
            both.take(step).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn few_calls_are_answered_as_the_store_does(steps in prop::collection::vec(step(), 1..150)) {
        run(steps);
    }

    /// More moments in one window than are kept one by one.
    #[test]
    fn many_calls_are_answered_as_the_store_does(
        gaps_ms in prop::collection::vec(prop_oneof![300 => 0_u64..20, 1 => 0_u64..7000], 500..700),
        max in 260_u64..400,
        refund in any::<prop::sample::Index>(),
    ) {
        let mut steps = Vec::new();
        for (i, ms) in gaps_ms.into_iter().enumerate() {
            let bounds = [bound(sliding(6), max), bound(sliding(3), max / 2)];
            let charges = vec![charge("pay", 1, &bounds[..=usize::from(i > 400)])];
            steps.extend([Step::Pass { ms }, Step::Call { who: 0, charges }]);
            if i % 12 == 1 {
                steps.push(Step::Refund(refund));
            }
        }
        run(steps);
    }
}
