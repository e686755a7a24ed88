//! Admissions: what is spent, what is refused.

use toolgate_store::{Effect, Outcome, Why};

use crate::common::{admit, bound, charge, facts, open, sliding};

#[tokio::test]
async fn a_limit_admits_its_number_and_refuses_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state"));
    let charges = [charge("pay", 1, &[bound(sliding(3600), 3)])];
    for n in 0..3 {
        let opened = admit(&store, &charges).await.unwrap();
        assert_eq!(opened.decision_id().rsplit_once('_').unwrap().1, (n + 2).to_string());
    }
    let refused = admit(&store, &charges).await.unwrap_err();
    assert_eq!((refused.code, refused.charge, refused.bound), ("limit", 0, 0));
    assert!((3_500_000..=3_600_000).contains(&refused.retry_after_ms.unwrap()));
}

#[tokio::test]
async fn a_refund_gives_the_place_back_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("state"));
    let charges = [charge("pay", 1, &[bound(sliding(3600), 1)])];
    let opened = admit(&store, &charges).await.unwrap();
    store.close(&opened, Outcome::NotSent, 5, true).await.unwrap();
    store.close(&opened, Outcome::NotSent, 5, true).await.unwrap();
    admit(&store, &charges).await.unwrap();
    admit(&store, &charges).await.unwrap_err();
}

#[tokio::test]
async fn limits_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let charges = [charge("pay", 2, &[bound(sliding(3600), 4)])];
    for _ in 0..2 {
        let store = open(dir.path());
        admit(&store, &charges).await.unwrap();
        store.finish().await.unwrap();
    }
    let store = open(dir.path());
    admit(&store, &charges).await.unwrap_err();
}

#[tokio::test]
async fn a_denied_call_has_a_decision_id() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let why = Why {
        effect: Effect::Deny,
        code: "rule_deny".to_owned(),
        pointer: "/tools/pay/rules/0".to_owned(),
        retry_after_ms: None,
    };
    let id = store.refuse(facts("pay"), why).await.unwrap();
    assert!(id.starts_with("dec_") && id.ends_with("_2"), "{id}");
}
