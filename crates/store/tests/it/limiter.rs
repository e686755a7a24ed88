//! The limiter against the plainest one there is: a list of what was spent, added up each time.

use proptest::prelude::*;
use tokio::runtime::Builder;
use toolgate_policy::{Align, Amount, Bound, Charge, Window};
use toolgate_store::{Opened, Outcome, Store};

use crate::common::{HandClock, admit, bound, calendar, charge, facts, limit, sliding, whole};

/// What was spent, and when. Never forgets anything but what is refunded.
#[derive(Default)]
struct Naive {
    spent: Vec<(u64, String, Amount)>,
}

impl Naive {
    fn held(&self, counter: &str, window: Window, now_ms: u64) -> Amount {
        let length_ms = window.length_s.get() * 1000;
        let counts = |then_ms: u64| match window.align {
            Align::Calendar => then_ms / length_ms == now_ms / length_ms,
            Align::Sliding => then_ms + length_ms > now_ms,
        };
        let same = self.spent.iter().filter(|(then_ms, key, _)| key == counter && counts(*then_ms));
        same.fold(Amount::ZERO, |sum, (_, _, amount)| sum.checked_add(*amount).unwrap())
    }

    fn fits(&self, charges: &[Charge], now_ms: u64) -> bool {
        charges.iter().all(|charge| {
            let same = charges.iter().filter(|other| other.counter == charge.counter);
            let all = same.fold(Amount::ZERO, |sum, other| sum.checked_add(other.amount).unwrap());
            charge.bounds.iter().all(|bound| {
                let held = self.held(&charge.counter.name, bound.window, now_ms);
                bound.max > Amount::ZERO && held.checked_add(all).unwrap() <= bound.max
            })
        })
    }

    fn spend(&mut self, charges: &[Charge], now_ms: u64) {
        let new =
            charges.iter().map(|charge| (now_ms, charge.counter.name.to_string(), charge.amount));
        self.spent.extend(new);
    }

    fn refund(&mut self, charges: &[Charge], then_ms: u64) {
        for charge in charges {
            let one = (then_ms, charge.counter.name.to_string(), charge.amount);
            let at = self.spent.iter().position(|spent| *spent == one).unwrap();
            self.spent.remove(at);
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Call(Vec<Charge>),
    Pass {
        ms: u64,
    },
    /// Refunds one of the calls so far.
    Refund(prop::sample::Index),
    Restart,
    /// Sets the wall clock, which must not matter.
    Wall {
        seconds: i64,
    },
}

fn bounds() -> impl Strategy<Value = Vec<Bound>> {
    let window = prop_oneof![
        4 => (1_u64..8).prop_map(sliding),
        1 => (1_u64..8).prop_map(calendar),
    ];
    prop::collection::vec((window, 0_u64..12).prop_map(|(window, max)| bound(window, max)), 1..3)
}

fn step() -> impl Strategy<Value = Step> {
    let one = ("[ab]", 0_u64..4, bounds());
    let one = one.prop_map(|(counter, amount, bounds)| charge(&counter, amount, &bounds));
    prop_oneof![
        12 => prop::collection::vec(one, 1..3).prop_map(Step::Call),
        6 => (0_u64..2500).prop_map(|ms| Step::Pass { ms }),
        3 => any::<prop::sample::Index>().prop_map(Step::Refund),
        1 => Just(Step::Restart),
        1 => (-9000_i64..9000).prop_map(|seconds| Step::Wall { seconds }),
    ]
}

/// A store and what it should do.
struct Both {
    dir: tempfile::TempDir,
    clock: std::sync::Arc<HandClock>,
    store: Option<Store>,
    naive: Naive,
    calls: Vec<(Opened, Vec<Charge>, u64)>,
    now_ms: u64,
}

impl Both {
    fn new() -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), HandClock::new());
        let (store, now_ms) = (Some(clock.open(dir.path())), clock.wall_s() * 1000);
        Self { dir, clock, store, naive: Naive::default(), calls: Vec::new(), now_ms }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Call(charges) => self.call(charges).await,
            Step::Pass { ms } => self.pass(ms),
            Step::Refund(_) if self.calls.is_empty() => {}
            Step::Refund(index) => {
                let (opened, charges, then_ms) = self.calls.remove(index.index(self.calls.len()));
                let store = self.store.as_ref().unwrap();
                store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
                self.naive.refund(&charges, then_ms);
            }
            Step::Restart => {
                self.store.take().unwrap().finish().await.unwrap();
                self.store = Some(self.clock.open(self.dir.path()));
            }
            Step::Wall { seconds } => self.clock.step_wall_s(seconds),
        }
    }

    async fn call(&mut self, charges: Vec<Charge>) {
        let fits = self.naive.fits(&charges, self.now_ms);
        match admit(self.store.as_ref().unwrap(), &charges).await {
            Ok(opened) => {
                assert!(fits, "admitted at {} what does not fit: {charges:?}", self.now_ms);
                self.naive.spend(&charges, self.now_ms);
                self.calls.push((opened, charges, self.now_ms));
            }
            Err(refused) => {
                assert!(!fits, "refused at {} what fits: {charges:?}", self.now_ms);
                match refused.retry_after_ms {
                    None => {
                        let never = self.naive.fits(&charges, self.now_ms + 1_000_000);
                        assert!(!never, "it would have passed later");
                    }
                    Some(wait_ms) => {
                        assert!(self.naive.fits(&charges, self.now_ms + wait_ms), "too early");
                        assert!(!self.naive.fits(&charges, self.now_ms + wait_ms - 1), "too late");
                    }
                }
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        self.clock.pass_ms(ms);
        self.now_ms += ms;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn few_calls_are_limited_exactly(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut both = Both::new();
            for step in steps {
                both.take(step).await;
            }
        });
    }

    #[test]
    fn many_calls_are_never_too_many_and_at_most_a_slice_too_few(
        gaps in prop::collection::vec(prop_oneof![400 => 0_u64..20, 1 => 0_u64..7000], 700..1200),
        max in 260_u64..500,
        refunds in prop::collection::vec(any::<prop::sample::Index>(), 100),
        restart_every in 300_usize..600,
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut both = Both::new();
            let (window, slice_ms) = (sliding(6), 100);
            let charges = vec![charge("pay", 1, &[bound(window, max)])];
            for (i, gap_ms) in gaps.into_iter().enumerate() {
                both.pass(gap_ms);
                // Spent moments count up to one slice longer: then the plain limiter must agree.
                let lately = both.naive.held("pay", window, both.now_ms - slice_ms);
                let held = both.naive.held("pay", window, both.now_ms);
                match admit(both.store.as_ref().unwrap(), &charges).await {
                    Ok(opened) => {
                        prop_assert!(held < whole(max), "over the limit");
                        both.naive.spend(&charges, both.now_ms);
                        both.calls.push((opened, charges.clone(), both.now_ms));
                    }
                    Err(_) => prop_assert!(lately >= whole(max), "strict by more than a slice"),
                }
                if i % 12 == 1 {
                    both.take(Step::Refund(refunds[i / 12])).await;
                }
                if i % restart_every == restart_every - 1 {
                    both.take(Step::Restart).await;
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn weighing_a_counter_spends_nothing_and_tells_when_it_is_empty_again() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let charges = limit("pay", 3, 100);
    let caller = facts("pay").caller;
    let weigh = async || store.weigh((*caller).clone(), charges.to_vec()).await.unwrap();
    let fresh = weigh().await;
    assert_eq!((fresh[0].used, fresh[0].reset_in_ms), (whole(0), None));
    let _ = admit(&store, &charges).await.unwrap();
    clock.pass_ms(10_000);
    let _ = admit(&store, &charges).await.unwrap();
    let weights = weigh().await;
    assert_eq!((weights[0].used, weights[0].reset_in_ms), (whole(2), Some(100_000)));
    assert_eq!(weights[0].retry_in_ms, None);
    let _ = admit(&store, &charges).await.unwrap();
    assert_eq!(weigh().await[0].retry_in_ms, Some(90_000));
    // Another process finds the same, and none of it is spent by looking.
    assert_eq!(
        clock.open(dir.path()).weigh((*caller).clone(), charges.to_vec()).await.unwrap(),
        weigh().await
    );
    clock.pass_ms(100_000);
    assert_eq!(weigh().await[0].used, whole(0));
}
