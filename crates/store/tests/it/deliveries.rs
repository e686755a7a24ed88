//! Signed answers: each message counts once, and is used up with its answer or not at all.

use tempfile::tempdir;
use toolgate_store::{Answer, AnswerError, Approver, Delivery, SigningKey, State, Store, Way};

use crate::approvals::{ask, call};
use crate::common::open;

fn delivery(id: &str) -> Delivery {
    let key = SigningKey::of(b"a secret that two parties share").unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let (at_s, body) = (now.as_secs(), b"{}");
    let signature = key.sign(id, at_s, body);
    let now_ms = u64::try_from(now.as_millis()).unwrap();
    key.check([id, &at_s.to_string(), &signature], body, now_ms).unwrap()
}

fn answer(by: &str) -> Answer {
    let (issuer, subject) = ("webhook".to_owned(), by.to_owned());
    let by = Approver { issuer, subject, way: Way::Webhook, grant: None };
    Answer { yes: true, by, reason: None }
}

async fn deliver(store: &Store, id: &str, by: &str, name: &str) -> Result<State, AnswerError> {
    let answered = store.answer_delivered(id, answer(by), delivery(name)).await;
    answered.map(|approval| approval.state)
}

#[tokio::test]
async fn a_delivery_counts_once_even_for_another_question_and_after_a_restart() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let (first, second) = (ask(&store, call("1")).await, ask(&store, call("2")).await);
    assert_eq!(deliver(&store, &first.id, "olga", "d1").await, Ok(State::Approved));
    store.finish().await.unwrap();
    let store = open(folder.path());
    for id in [&first.id, &second.id] {
        let again = deliver(&store, id, "olga", "d1").await;
        assert_eq!(again, Err(AnswerError::Replayed { delivery: "d1".to_owned() }));
    }
    assert_eq!(deliver(&store, &second.id, "olga", "d2").await, Ok(State::Approved));
}

#[tokio::test]
async fn an_answer_that_does_not_count_uses_no_delivery_up() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let question = ask(&store, call("1")).await;
    assert!(matches!(
        deliver(&store, "apr_none", "olga", "d1").await,
        Err(AnswerError::Unknown { .. })
    ));
    assert_eq!(deliver(&store, &question.id, "olga", "d1").await, Ok(State::Approved));
}

/// Whoever vouches for a name: the principal of a call is not asked about it.
#[tokio::test]
async fn an_account_with_the_name_of_the_principal_cannot_answer() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let question = ask(&store, call("1")).await;
    let refused = deliver(&store, &question.id, "ann", "d1").await;
    assert!(matches!(refused, Err(AnswerError::OwnCall { .. })), "{refused:?}");
    let by = Approver { issuer: "toolgate".to_owned(), way: Way::Console, ..answer("ann").by };
    let refused = store.answer(&question.id, Answer { by, ..answer("ann") }).await;
    assert!(matches!(refused, Err(AnswerError::OwnCall { .. })), "{refused:?}");
}
