//! A call that takes several rounds goes on under one yes: each round once, and no other call.

use toolgate_store::{Binding, Bound, Facts, Outcome, Standing, Store};

use crate::approvals::{admit, admit_as, ask, call, yes};
use crate::common::{HandClock, open};

fn next(store: &Store, facts: &Facts, round: &str) -> Binding {
    let facts = Facts { method: format!("tools/call {round}"), ..facts.clone() };
    store.binding(Bound { facts: &facts, fingerprint: Some(&[7; 32]) })
}

#[tokio::test]
async fn a_yes_goes_on_for_the_next_round_and_for_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pay = call("a");
    let question = ask(&store, pay.clone()).await;
    store.answer(&question.id, yes()).await.unwrap();
    let mut opened = admit(&store, &pay).await.unwrap();
    for round in ["one", "two"] {
        let next = next(&store, &pay, round);
        // Not before the round before has ended.
        opened.go_on(next);
        assert_eq!(admit_as(&store, &pay, next).await.unwrap_err(), Standing::Unasked);
        store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
        assert_eq!(admit(&store, &pay).await.unwrap_err(), Standing::Unasked, "{round}");
        opened = admit_as(&store, &pay, next).await.unwrap();
        assert_eq!(opened.approval(), Some(&*question.id));
        assert_eq!(admit_as(&store, &pay, next).await.unwrap_err(), Standing::Unasked, "{round}");
    }
    store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
    assert_eq!(admit(&store, &pay).await.unwrap_err(), Standing::Unasked);
    let last = next(&store, &pay, "two");
    assert_eq!(admit_as(&store, &pay, last).await.unwrap_err(), Standing::Unasked);
}

#[tokio::test]
async fn a_round_comes_in_the_time_of_the_yes_or_never() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let pay = call("a");
    let question = ask(&store, pay.clone()).await;
    store.answer(&question.id, yes()).await.unwrap();
    let opened = admit(&store, &pay).await.unwrap();
    let next = next(&store, &pay, "one");
    opened.go_on(next);
    store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
    clock.pass_ms(60_000);
    assert_eq!(admit_as(&store, &pay, next).await.unwrap_err(), Standing::Unasked);
}

#[tokio::test]
async fn what_was_not_sent_has_no_next_round() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pay = call("a");
    let question = ask(&store, pay.clone()).await;
    store.answer(&question.id, yes()).await.unwrap();
    let opened = admit(&store, &pay).await.unwrap();
    let next = next(&store, &pay, "one");
    opened.go_on(next);
    store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
    assert_eq!(admit_as(&store, &pay, next).await.unwrap_err(), Standing::Unasked);
    assert!(admit(&store, &pay).await.is_ok());
}
