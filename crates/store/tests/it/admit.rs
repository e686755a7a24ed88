//! Admissions: what is spent, what is refused, what comes back.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use toolgate_policy::Amount;
use toolgate_store::{Kind, Log, Outcome};

use crate::common::{
    HandClock, admit, admitted, bound, calendar, charge, denied, facts, intent, limit, open,
    sliding,
};

#[tokio::test]
async fn a_limit_admits_its_number_and_refuses_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state"));
    let charges = limit("pay", 3, 3600);
    for n in 2..5 {
        let opened = admit(&store, &charges).await.unwrap();
        assert_eq!(opened.decision_id().rsplit_once('_').unwrap().1, n.to_string());
    }
    let refused = admit(&store, &charges).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.bound),
        ("limit", charges[0].bounds.first().cloned().map(Box::new))
    );
    assert!((3_500_000..=3_600_000).contains(&refused.retry_after_ms.unwrap()));
    assert!(refused.decision_id.ends_with("_5"), "{}", refused.decision_id);
}

#[tokio::test]
async fn a_limit_of_zero_and_an_amount_above_the_limit_never_pass() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for charges in [
        [charge("a", 0, &[bound(sliding(60), 0)])],
        [charge("b", 6, &[bound(sliding(60), 5)])],
        [charge("c", 6, &[bound(calendar(60), 5)])],
    ] {
        let refused = admit(&store, &charges).await.unwrap_err();
        assert_eq!(refused.retry_after_ms, None);
    }
}

#[tokio::test]
async fn all_charges_of_a_call_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let wide = charge("wide", 1, &[bound(sliding(60), 5)]);
    let narrow = charge("narrow", 1, &[bound(sliding(60), 2)]);
    let both = [wide.clone(), narrow.clone()];
    assert_eq!(admitted(&store, &both).await, 2);
    let refused = admit(&store, &both).await.unwrap_err();
    assert_eq!(refused.bound.unwrap().max, crate::common::whole(2));
    assert_eq!(admitted(&store, &[wide]).await, 3, "the refused calls have spent nothing");
}

#[tokio::test]
async fn every_bound_of_a_charge_holds() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let charges = [charge("pay", 1, &[bound(sliding(10), 2), bound(sliding(100), 3)])];
    assert_eq!(admitted(&store, &charges).await, 2);
    clock.pass_ms(10_000);
    assert_eq!(admitted(&store, &charges).await, 1);
    let refused = admit(&store, &charges).await.unwrap_err();
    assert_eq!(
        (refused.bound, refused.retry_after_ms),
        (charges[0].bounds.get(1).cloned().map(Box::new), Some(90_000))
    );
}

#[tokio::test]
async fn charges_of_one_call_to_one_counter_add_up() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let twice = [
        charge("pay", 2, &[bound(sliding(60), 5)]),
        charge("pay", 1, &[bound(sliding(3600), 100)]),
    ];
    assert_eq!(admitted(&store, &twice).await, 1, "2 + 1 fit into 5 once");
    let hour = [charge("pay", 1, &[bound(sliding(3600), 4)])];
    assert_eq!(admitted(&store, &hour).await, 1, "the other window holds both charges too");
    store.finish().await.unwrap();
    // Read back from the log, as another process would.
    let store = open(dir.path());
    let five = [charge("pay", 1, &[bound(sliding(3600), 5)])];
    assert_eq!(admitted(&store, &five).await, 1);
}

#[tokio::test]
async fn a_counter_is_shared_by_whoever_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let minute = [charge("shared", 1, &[bound(sliding(60), 3)])];
    let hour = [charge("shared", 1, &[bound(sliding(3600), 4)])];
    assert_eq!(admitted(&store, &minute).await, 3);
    assert_eq!(admitted(&store, &hour).await, 1);
    assert_eq!(admitted(&store, &limit("other", 2, 60)).await, 2);
}

#[tokio::test]
async fn amounts_are_exact() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut tenth = charge("money", 0, &[bound(sliding(60), 1)]);
    tenth.amount = Amount::from_units(Amount::ONE.units() / 10);
    assert_eq!(admitted(&store, &[tenth.clone()]).await, 10, "ten tenths are one");
    tenth.amount = Amount::STEP;
    assert!(admit(&store, &[tenth]).await.is_err(), "and not a hair more fits");
    let mut vast = charge("vast", 0, &[]);
    vast.amount = Amount::from_units(u128::MAX);
    for _ in 0..2 {
        drop(admit(&store, std::slice::from_ref(&vast)).await.unwrap());
    }
    vast.bounds = vec![bound(sliding(60), 1)];
    vast.bounds[0].max = Amount::from_units(u128::MAX);
    vast.amount = Amount::STEP;
    assert!(admit(&store, &[vast]).await.is_err(), "sums do not wrap");
}

#[tokio::test]
async fn a_refund_gives_the_place_back_once() {
    let dir = tempfile::tempdir().unwrap();
    // Both calls at the very same time.
    let store = HandClock::new().open(dir.path());
    let charges = limit("pay", 2, 3600);
    drop(admit(&store, &charges).await.unwrap());
    let opened = admit(&store, &charges).await.unwrap();
    store.close(&opened, Outcome::NotSent, 5, true).await.unwrap();
    store.close(&opened, Outcome::NotSent, 5, true).await.unwrap();
    assert_eq!(admitted(&store, &charges).await, 1);
}

#[tokio::test]
async fn a_refund_returns_at_the_time_it_was_spent() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let charges = limit("pay", 2, 10);
    let early = admit(&store, &charges).await.unwrap();
    clock.pass_ms(6_000);
    drop(admit(&store, &charges).await.unwrap());
    clock.pass_ms(5_000);
    // The early call has left the window by itself: its refund must not free the other's place.
    store.close(&early, Outcome::NotSent, 5, true).await.unwrap();
    assert_eq!(admitted(&store, &charges).await, 1);
}

#[tokio::test]
async fn limits_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let charges = [charge("pay", 2, &[bound(sliding(3600), 5)])];
    for _ in 0..2 {
        let store = open(dir.path());
        drop(admit(&store, &charges).await.unwrap());
        store.finish().await.unwrap();
    }
    assert!(admit(&open(dir.path()), &charges).await.is_err());
}

#[tokio::test]
async fn two_handles_on_one_directory_share_the_counters() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    let charges = limit("pay", 5, 3600);
    let mut count = 0;
    for store in [&one, &two].repeat(5) {
        count += u64::from(admit(store, &charges).await.is_ok());
    }
    assert_eq!(count, 5);
}

#[tokio::test]
async fn new_bounds_look_back_at_what_was_spent() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    for _ in 0..6 {
        let opened = admit(&store, &limit("pay", 100, 3600)).await.unwrap();
        let refund = clock.wall_s().is_multiple_of(20);
        store.close(&opened, Outcome::Answered, 1, refund).await.unwrap();
        clock.pass_ms(10_000);
    }
    // 1700000000 is a multiple of 20: three of six are refunded, three stand.
    for store in [store, clock.open(dir.path())] {
        assert_eq!(admitted(&store, &limit("pay", 3, 7200)).await, 0);
        assert_eq!(admitted(&store, &[charge("pay", 1, &[bound(calendar(86_400), 3)])]).await, 0);
        assert!(admit(&store, &limit("pay", 3, 45)).await.is_ok());
        store.finish().await.unwrap();
        clock.pass_ms(3_000_000);
    }
}

#[tokio::test]
async fn a_caller_who_gives_up_is_not_charged() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let charges = limit("pay", 2, 3600);
    {
        let mut given_up = pin!(store.admit(intent(&charges)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(admitted(&store, &charges).await, 2);
    let log = Log::open(dir.path()).unwrap();
    let opened = log.entries(1).filter(|it| matches!(it.as_ref().unwrap().kind, Kind::Opened(_)));
    assert_eq!(opened.count(), 2, "nor is a call recorded that never was");
}

#[tokio::test]
async fn a_denied_call_has_a_decision_id_and_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = store.refuse(facts("pay"), denied()).await.unwrap().unwrap();
    assert!(id.starts_with("dec_") && id.ends_with("_2"), "{id}");
    assert_eq!(admitted(&store, &limit("pay", 1, 60)).await, 1);
}

#[tokio::test]
async fn a_lone_closing_is_committed_without_any_other_call() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let opened = admit(&store, &[]).await.unwrap();
    store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
    let mut follow = Log::open(dir.path()).unwrap().follow(2);
    let closed = loop {
        if let Some(entry) = follow.poll().unwrap().pop() {
            break entry;
        }
        std::thread::yield_now();
    };
    assert_eq!(closed.seq, 3);
}

#[tokio::test]
async fn digests_depend_on_the_value_and_the_directory_alone() {
    use toolgate_json::{Document, Reading};
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let parse = |text: &'static str| Document::parse(text.into(), Reading::Strict).unwrap();
    let (one, same) = (parse(r#"{"b":1e2,"a":"x"}"#), parse("{\"a\": \"\\u0078\", \"b\": 100}"));
    let store = open(dir.path());
    let digest = store.digest(one.root());
    assert_eq!(digest.len(), 64);
    assert_eq!(store.digest(same.root()), digest);
    assert_ne!(store.digest(parse(r#"{"b":100.5,"a":"x"}"#).root()), digest);
    assert_ne!(open(other.path()).digest(one.root()), digest, "the key is the directory's own");
    store.finish().await.unwrap();
    assert_eq!(open(dir.path()).digest(one.root()), digest);
    let arguments = open(dir.path()).arguments(one.root(), true);
    assert_eq!((arguments.keys, arguments.digest), (vec!["a".to_owned(), "b".to_owned()], digest));
    assert_eq!(arguments.raw.unwrap(), one.bytes());
}
