//! What limits in shadow would have done is counted and recorded, and has no consequence.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use tokio::runtime::Builder;
use toolgate_policy::{Charge, Code, Counter, Reason, Shadow, Stop, Unit};
use toolgate_store::{Admission, Effect, Intent, Kind, Log, Opened, Outcome, Store, Would};

use crate::common::{HandClock, admit, admitted, bound, charge, intent, limit, sliding, whole};

/// The same charges, counted apart.
fn apart(charges: &[Charge]) -> Vec<Charge> {
    let apart = |charge: &Charge| Charge {
        counter: Counter { name: Arc::clone(&charge.counter.name), unit: Unit::ShadowCalls },
        ..charge.clone()
    };
    charges.iter().map(apart).collect()
}

fn shadowed(real: &[Charge], charges: &[Charge], stop: Option<Stop>) -> Intent {
    let shadow = Shadow { stop, charges: apart(charges) };
    Intent { shadow: Some(Box::new(shadow)), ..intent(real) }
}

async fn pass(store: &Store, intent: Intent) -> Opened {
    match store.admit(intent).await.unwrap() {
        Admission::Admitted(opened) => opened,
        other => unreachable!("a shadow has a consequence: {other:?}"),
    }
}

fn denial() -> Stop {
    let (code, pointer) = (Code::DenyIf, "/tools/pay/deny_if/0".into());
    Stop::Deny { layer: 1, reason: Reason { code, pointer, message: "no".to_owned() } }
}

/// What the log says of each opened call, in order.
async fn foreseen(store: &Store, path: &Path) -> Vec<Option<Would>> {
    store.flush().await.unwrap();
    let log = Log::open(path).unwrap();
    let entries = log.entries(1).map(Result::unwrap);
    let opened = entries.filter_map(|entry| match entry.kind {
        Kind::Opened(opened) => Some(opened.shadow),
        _ => None,
    });
    opened.collect()
}

fn effects(foreseen: &[Option<Would>]) -> Vec<Option<Effect>> {
    foreseen.iter().map(|would| would.as_ref().unwrap().effect).collect()
}

const LIMIT: Option<Effect> = Some(Effect::Limit);

#[tokio::test]
async fn a_limit_in_shadow_says_what_it_would_have_refused_and_goes_on_after_a_restart() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), HandClock::new());
    let store = clock.open(folder.path());
    let charges = limit("pay", 2, 60);
    for _ in 0..3 {
        drop(pass(&store, shadowed(&[], &charges, None)).await);
    }
    store.finish().await.unwrap();
    let store = clock.open(folder.path());
    drop(pass(&store, shadowed(&[], &charges, None)).await);
    clock.pass_ms(60_000);
    drop(pass(&store, shadowed(&[], &charges, None)).await);
    let told = foreseen(&store, folder.path()).await;
    assert_eq!(effects(&told), [None, None, LIMIT, LIMIT, None]);
    let over = told[2].as_ref().unwrap();
    assert_eq!((over.code.as_str(), over.pointer.as_str()), ("limit", "/tools/pay/limits/60"));
    let level = &over.spent[0].bounds[0];
    assert_eq!((level.before, level.after, level.max), (whole(2), None, whole(2)));
    assert_eq!(told[1].as_ref().unwrap().spent[0].bounds[0].after, Some(whole(2)));
}

#[tokio::test]
async fn a_limit_that_is_enforced_counts_nothing_of_what_is_in_shadow() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::common::open(folder.path());
    let charges = limit("pay", 2, 60);
    for _ in 0..5 {
        drop(pass(&store, shadowed(&[], &charges, None)).await);
    }
    assert_eq!(admitted(&store, &charges).await, 2);
}

#[tokio::test]
async fn what_another_rule_would_have_stopped_is_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::common::open(folder.path());
    let charges = limit("pay", 1, 60);
    drop(pass(&store, shadowed(&[], &charges, Some(denial()))).await);
    drop(pass(&store, shadowed(&[], &charges, None)).await);
    let told = foreseen(&store, folder.path()).await;
    assert_eq!(effects(&told), [Some(Effect::Deny), None]);
    let denied = told[0].as_ref().unwrap();
    assert_eq!((denied.code.as_str(), denied.layer), ("deny_if", 1));
    assert!(denied.spent.is_empty());
}

#[tokio::test]
async fn what_was_not_sent_comes_back_in_shadow_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::common::open(folder.path());
    let charges = limit("pay", 1, 60);
    let opened = pass(&store, shadowed(&[], &charges, None)).await;
    store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
    let second = pass(&store, shadowed(&[], &charges, None)).await;
    let over = pass(&store, shadowed(&[], &charges, None)).await;
    // Nothing was counted for it, so nothing comes back.
    store.close(&over, Outcome::NotSent, 1, true).await.unwrap();
    drop(pass(&store, shadowed(&[], &charges, None)).await);
    drop(second);
    assert_eq!(effects(&foreseen(&store, folder.path()).await), [None, None, LIMIT, LIMIT]);
}

#[tokio::test]
async fn a_call_that_is_refused_has_no_shadow() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::common::open(folder.path());
    let (real, charges) = (limit("real", 1, 60), limit("pay", 1, 60));
    assert!(admit(&store, &real).await.is_ok());
    let refused = store.admit(shadowed(&real, &charges, None)).await.unwrap();
    assert!(matches!(refused, Admission::Refused(_)));
    drop(pass(&store, shadowed(&[], &charges, None)).await);
    assert_eq!(foreseen(&store, folder.path()).await[1].as_ref().unwrap().effect, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_limit_in_shadow_says_just_what_the_same_limit_does(
        gaps_ms in prop::collection::vec(prop_oneof![Just(0_u64), 0_u64..3000], 1..60),
        (max, other) in (0_u64..6, 0_u64..9),
        restart in any::<prop::sample::Index>(),
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let clock = HandClock::new();
            let (real, mut shadow) = (clock.open(one.path()), clock.open(two.path()));
            let charges = [charge("pay", 1, &[bound(sliding(5), max), bound(sliding(9), other)])];
            let mut refused = Vec::new();
            for (i, gap_ms) in gaps_ms.iter().enumerate() {
                clock.pass_ms(*gap_ms);
                if i == restart.index(gaps_ms.len()) {
                    shadow.finish().await.unwrap();
                    shadow = clock.open(two.path());
                }
                refused.push(admit(&real, &charges).await.is_err());
                drop(pass(&shadow, shadowed(&[], &charges, None)).await);
            }
            let told = effects(&foreseen(&shadow, two.path()).await);
            let told: Vec<_> = told.into_iter().map(|effect| effect == LIMIT).collect();
            prop_assert_eq!(told, refused);
            Ok(())
        })?;
    }
}
