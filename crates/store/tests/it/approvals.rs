//! Approvals: a yes lets exactly one call pass, once, in time, and only that call.

use std::path::Path;
use std::sync::Arc;

use toolgate_store::{
    Admission, Answer, AnswerError, ApprovalReader, Approver, Arguments, Asked, Asking, Binding,
    Bound, Effect, Facts, Intent, Kind, Log, Opened, Outcome, Owed, Question, Rule, Standing,
    State, Store, Verdict, Way, Which,
};

use crate::common::{HandClock, admitted, facts, limit, open};

pub(crate) fn call(arguments: &str) -> Facts {
    let arguments = Arguments { digest: arguments.to_owned(), ..Arguments::default() };
    Facts { arguments: Some(arguments), ..facts("pay") }
}

pub(crate) fn binding(store: &Store, facts: &Facts) -> Binding {
    store.binding(Bound { facts, fingerprint: Some(&[7; 32]) })
}

pub(crate) fn asking(store: &Store, facts: Facts) -> Asking {
    Asking {
        binding: binding(store, &facts),
        facts,
        rules: vec![Rule { pointer: "/tools/pay/rules/0".to_owned(), layer: 0 }],
        words: Some("payments need a person".to_owned()),
        approvers: Vec::new(),
        signed_by: None,
        in_client: false,
        arguments: r#"{"to":"bob"}"#.to_owned(),
        fingerprint: Some([7; 32]),
        timeout_ms: 60_000,
        remind_after_ms: 5_000,
        pending_max: 20,
        retry_after_ms: Some(5000),
    }
}

pub(crate) async fn ask(store: &Store, facts: Facts) -> Question {
    match store.ask(asking(store, facts)).await.unwrap() {
        Asked::New(question) | Asked::Same(question) => question,
        other => unreachable!("{other:?}"),
    }
}

pub(crate) fn by(subject: &str) -> Approver {
    Approver { issuer: "os".to_owned(), subject: subject.to_owned(), way: Way::Cli, grant: None }
}

pub(crate) fn yes() -> Answer {
    Answer { yes: true, by: by("olga"), reason: None }
}

fn no(reason: &str) -> Answer {
    Answer { yes: false, by: by("olga"), reason: Some(reason.to_owned()) }
}

pub(crate) async fn admit(store: &Store, facts: &Facts) -> Result<Opened, Standing> {
    admit_as(store, facts, binding(store, facts)).await
}

pub(crate) async fn admit_as(
    store: &Store,
    facts: &Facts,
    binding: Binding,
) -> Result<Opened, Standing> {
    let approval = Some(Owed { binding });
    let intent = Intent { facts: facts.clone(), charges: Vec::new(), approval, shadow: None };
    match store.admit(intent).await.unwrap() {
        Admission::Admitted(opened) => Ok(opened),
        Admission::Unapproved(standing) => Err(standing),
        other => unreachable!("{other:?}"),
    }
}

fn state(path: &Path, id: &str) -> State {
    ApprovalReader::open(path).unwrap().show(id).unwrap().unwrap().state
}

fn verdicts(path: &Path) -> Vec<(Verdict, String)> {
    let log = Log::open(path).unwrap();
    let entries = log.entries(1).map(Result::unwrap).filter_map(|entry| match entry.kind {
        Kind::Answered(answered) => Some((answered.verdict, answered.approval)),
        _ => None,
    });
    entries.collect()
}

#[tokio::test]
async fn a_yes_lets_its_call_pass_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let facts = call("a");
    assert_eq!(admit(&store, &facts).await.unwrap_err(), Standing::Unasked);
    let question = ask(&store, facts.clone()).await;
    assert!(question.id.starts_with("apr_"), "{question:?}");
    assert!(matches!(admit(&store, &facts).await.unwrap_err(), Standing::Pending { .. }));
    let approval = store.answer(&question.id, yes()).await.unwrap();
    assert_eq!(approval.state, State::Approved);
    assert_eq!(approval.given.unwrap().name(), "os:olga");
    let opened = admit(&store, &facts).await.unwrap();
    assert_eq!(opened.approval(), Some(&*question.id));
    assert_eq!(admit(&store, &facts).await.unwrap_err(), Standing::Unasked);
    let shown = ApprovalReader::open(dir.path()).unwrap().show(&question.id).unwrap().unwrap();
    assert_eq!((shown.state, shown.used), (State::Used, Some(opened.decision_id())));
    assert_eq!(shown.arguments, None, "what was decided is not kept beside the log");
}

#[tokio::test]
async fn the_log_tells_who_asked_who_answered_and_what_passed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let question = ask(&store, call("a")).await;
    let given = Answer { reason: Some("as agreed".to_owned()), ..yes() };
    store.answer(&question.id, given).await.unwrap();
    let opened = admit(&store, &call("a")).await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    let entry = log.find(&question.decision_id).unwrap().unwrap().entry;
    let Kind::Denied(denied) = entry.kind else { unreachable!("{entry:?}") };
    assert_eq!((denied.effect, &*denied.code), (Effect::Pending, "approval_pending"));
    assert_eq!(denied.facts.approval.as_deref(), Some(&*question.id));
    assert_eq!(denied.pointer, "/tools/pay/rules/0");
    let answered = log.entries(1).map(Result::unwrap).find_map(|entry| match entry.kind {
        Kind::Answered(answered) => Some(answered),
        _ => None,
    });
    let answered = answered.unwrap();
    assert_eq!(answered.approval, question.id);
    assert_eq!(answered.by, Some(("os:olga".to_owned(), Way::Cli)));
    assert_eq!(answered.reason.as_deref(), Some("as agreed"));
    assert_eq!(answered.asked, question.decision_id);
    assert_eq!(answered.caller, *call("a").caller);
    let entry = log.find(&opened.decision_id()).unwrap().unwrap().entry;
    let Kind::Opened(opening) = entry.kind else { unreachable!("{entry:?}") };
    assert_eq!(opening.facts.approval.as_deref(), Some(&*question.id));
    assert!(log.verify(None).holds());
}

#[tokio::test]
async fn equal_calls_share_one_question() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let first = ask(&store, call("a")).await;
    let Asked::Same(again) = store.ask(asking(&store, call("a"))).await.unwrap() else {
        unreachable!("another question")
    };
    assert_eq!(first.id, again.id);
    assert_ne!(first.decision_id, again.decision_id, "each call is in the log");
    assert_ne!(ask(&store, call("b")).await.id, first.id);
    store.answer(&first.id, yes()).await.unwrap();
    let asked = store.ask(asking(&store, call("a"))).await.unwrap();
    assert_eq!(asked, Asked::Answered { id: first.id });
}

#[tokio::test]
async fn a_yes_is_for_nothing_else_than_its_call() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let facts = call("a");
    let question = ask(&store, facts.clone()).await;
    store.answer(&question.id, yes()).await.unwrap();
    let changed = |change: fn(&mut Facts)| {
        let mut facts = facts.clone();
        change(&mut facts);
        facts
    };
    let others = [
        changed(|f| f.arguments.as_mut().unwrap().digest = "b".to_owned()),
        changed(|f| Arc::make_mut(&mut f.caller).principal.subject = "eve".to_owned()),
        changed(|f| Arc::make_mut(&mut f.caller).grant = "grant-2".to_owned()),
        changed(|f| Arc::make_mut(&mut f.caller).server = "another".to_owned()),
        changed(|f| f.tool = Some("pay_all".to_owned())),
        changed(|f| f.revision = "r2".into()),
    ];
    for other in &others {
        assert_eq!(admit(&store, other).await.unwrap_err(), Standing::Unasked, "{other:?}");
    }
    let another = store.binding(Bound { facts: &facts, fingerprint: Some(&[8; 32]) });
    let approval = Some(Owed { binding: another });
    let intent = Intent { facts: facts.clone(), charges: Vec::new(), approval, shadow: None };
    let admission = store.admit(intent).await.unwrap();
    assert!(matches!(admission, Admission::Unapproved(Standing::Unasked)), "another definition");
    let _opened = admit(&store, &facts).await.unwrap();
}

#[tokio::test]
async fn a_limit_that_refuses_leaves_the_yes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(admitted(&store, &limit("pay", 1, 3600)).await, 1);
    let facts = call("a");
    let question = ask(&store, facts.clone()).await;
    store.answer(&question.id, yes()).await.unwrap();
    let approval = Some(Owed { binding: binding(&store, &facts) });
    let charges = limit("pay", 1, 3600).to_vec();
    let admission = store
        .admit(Intent { facts: facts.clone(), charges, approval, shadow: None })
        .await
        .unwrap();
    assert!(matches!(admission, Admission::Refused(_)), "{admission:?}");
    assert_eq!(state(dir.path(), &question.id), State::Approved);
    let _opened = admit(&store, &facts).await.unwrap();
}

#[tokio::test]
async fn a_no_stands_until_the_question_expires() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let question = ask(&store, call("a")).await;
    store.answer(&question.id, no("not on a Friday")).await.unwrap();
    let standing = admit(&store, &call("a")).await.unwrap_err();
    let Standing::Denied { id, by, reason, left_ms } = standing else {
        unreachable!("{standing:?}")
    };
    assert_eq!((id, &*by, reason.as_deref()), (question.id, "os:olga", Some("not on a Friday")));
    assert_eq!(left_ms, 60_000);
    clock.pass_ms(60_001);
    assert_eq!(admit(&store, &call("a")).await.unwrap_err(), Standing::Unasked);
    assert!(matches!(store.ask(asking(&store, call("a"))).await.unwrap(), Asked::New(_)));
}

#[tokio::test]
async fn what_is_over_cannot_be_answered() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let answer = |id: &str| {
        let (store, id) = (store.clone(), id.to_owned());
        async move { store.answer(&id, yes()).await.unwrap_err() }
    };
    let unknown = answer("apr_0000000000000000").await;
    assert!(matches!(unknown, AnswerError::Unknown { .. }), "{unknown}");
    let used = ask(&store, call("a")).await.id;
    store.answer(&used, yes()).await.unwrap();
    assert!(matches!(answer(&used).await, AnswerError::Answered { answer: "yes", .. }));
    let _opened = admit(&store, &call("a")).await.unwrap();
    assert!(matches!(answer(&used).await, AnswerError::Used { .. }));
    let denied = ask(&store, call("b")).await.id;
    store.answer(&denied, no("")).await.unwrap();
    assert!(matches!(answer(&denied).await, AnswerError::Answered { answer: "no", .. }));
    let left = ask(&store, call("c")).await.id;
    assert!(store.withdraw(&left).await.unwrap());
    assert!(!store.withdraw(&left).await.unwrap());
    assert!(matches!(answer(&left).await, AnswerError::Withdrawn { .. }));
    let late = ask(&store, call("d")).await.id;
    clock.pass_ms(60_000);
    assert!(matches!(answer(&late).await, AnswerError::Expired { .. }));
    let told: Vec<_> = verdicts(dir.path()).into_iter().map(|(verdict, _)| verdict).collect();
    assert_eq!(told, [Verdict::Yes, Verdict::No, Verdict::Withdrawn]);
}

#[tokio::test]
async fn nobody_answers_for_a_call_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let facts = call("a");
    let question = ask(&store, facts.clone()).await;
    let principal = &facts.caller.principal;
    let own = [
        Approver {
            issuer: principal.issuer.clone(),
            subject: principal.subject.clone(),
            way: Way::Console,
            grant: None,
        },
        Approver { grant: Some(facts.caller.grant.clone()), ..by("olga") },
    ];
    for by in own {
        let refused = store.answer(&question.id, Answer { by, ..yes() }).await.unwrap_err();
        assert!(matches!(refused, AnswerError::OwnCall { .. }), "{refused}");
    }
    let through = Approver { way: Way::InClient, ..by("olga") };
    let refused = store.answer(&question.id, Answer { by: through, ..yes() }).await.unwrap_err();
    assert!(matches!(refused, AnswerError::NotInClient { .. }), "{refused}");
    assert_eq!(state(dir.path(), &question.id), State::Pending);
    assert!(verdicts(dir.path()).is_empty());
}

#[tokio::test]
async fn only_named_approvers_answer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let approvers = ["toolgate:olga", "in_client", "max"].map(str::to_owned).to_vec();
    let Asked::New(question) =
        store.ask(Asking { approvers, ..asking(&store, call("a")) }).await.unwrap()
    else {
        unreachable!("no question")
    };
    // The olga of this machine is not the account of that name.
    let refused = store.answer(&question.id, yes()).await.unwrap_err();
    assert!(refused.to_string().contains("toolgate:olga, in_client, max"), "{refused}");
    assert!(matches!(refused, AnswerError::NotAnApprover { .. }));
    // Nor is anybody whom some other issuer calls by a name that the policy has.
    let stranger = Approver { issuer: "https://id.example".to_owned(), ..by("max") };
    let refused = store.answer(&question.id, Answer { by: stranger, ..yes() }).await.unwrap_err();
    assert!(matches!(refused, AnswerError::NotAnApprover { .. }), "{refused}");
    // `in_client` is a way to answer, whoever may be called so.
    let namesake = Answer { by: by("in_client"), ..yes() };
    let refused = store.answer(&question.id, namesake).await.unwrap_err();
    assert!(matches!(refused, AnswerError::NotAnApprover { .. }), "{refused}");
    store.answer(&question.id, Answer { by: by("max"), ..yes() }).await.unwrap();
}

#[tokio::test]
async fn questions_survive_a_restart_and_expire_by_the_logs_own_time() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let (kept, late) = (ask(&store, call("a")).await.id, ask(&store, call("b")).await.id);
    store.finish().await.unwrap();
    clock.pass_ms(30_000);
    let store = clock.open(dir.path());
    store.answer(&kept, yes()).await.unwrap();
    let _opened = admit(&store, &call("a")).await.unwrap();
    store.finish().await.unwrap();
    // After a boot with a clock set back, time goes on from where the log stands.
    clock.reboot(Some("boot-2"));
    clock.step_wall_s(-3600);
    let store = clock.open(dir.path());
    clock.pass_ms(29_000);
    assert!(matches!(admit(&store, &call("b")).await.unwrap_err(), Standing::Pending { .. }));
    clock.pass_ms(1_001);
    let expired = Standing::Expired { id: late.clone() };
    assert_eq!(admit(&store, &call("b")).await.unwrap_err(), expired);
    clock.step_wall_s(-7200);
    assert_eq!(admit(&store, &call("b")).await.unwrap_err(), expired);
    assert!(matches!(store.answer(&late, yes()).await, Err(AnswerError::Expired { .. })));
}

#[tokio::test]
async fn a_stepped_clock_neither_ends_nor_revives_a_question() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let question = ask(&store, call("a")).await;
    clock.step_wall_s(86_400);
    assert_eq!(state_at(dir.path(), &clock, &question.id), (State::Pending, 60_000));
    clock.step_wall_s(-2 * 86_400);
    assert_eq!(state_at(dir.path(), &clock, &question.id), (State::Pending, 60_000));
    store.answer(&question.id, yes()).await.unwrap();
    clock.pass_ms(60_001);
    assert_eq!(state_at(dir.path(), &clock, &question.id), (State::Expired, 0));
    clock.step_wall_s(-86_400);
    assert_eq!(state_at(dir.path(), &clock, &question.id), (State::Expired, 0));
    assert_eq!(admit(&store, &call("a")).await.unwrap_err(), Standing::Unasked);
}

fn state_at(path: &Path, clock: &Arc<HandClock>, id: &str) -> (State, u64) {
    let reader = ApprovalReader::open_with_clock(path, Arc::<HandClock>::clone(clock)).unwrap();
    let approval = reader.show(id).unwrap().unwrap();
    assert_eq!(approval.expires_ms, clock.wall_s() * 1000 + approval.left_ms, "{approval:?}");
    (approval.state, approval.left_ms)
}

#[tokio::test]
async fn a_yes_for_a_call_that_was_never_sent_is_whole_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let question = ask(&store, call("a")).await;
    store.answer(&question.id, yes()).await.unwrap();
    let opened = admit(&store, &call("a")).await.unwrap();
    store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
    store.close(&opened, Outcome::NotSent, 1, true).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(state(dir.path(), &question.id), State::Approved);
    let again = admit(&store, &call("a")).await.unwrap();
    store.close(&again, Outcome::Disconnected, 1, false).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(state(dir.path(), &question.id), State::Used);
    assert_eq!(admit(&store, &call("a")).await.unwrap_err(), Standing::Unasked);
}

#[tokio::test]
async fn a_flood_of_questions_is_capped_for_each_principal() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    for i in 0..20 {
        let _ = ask(&store, call(&i.to_string())).await;
    }
    clock.pass_ms(10_000);
    let Asked::Full { decision_id, retry_after_ms } =
        store.ask(asking(&store, call("more"))).await.unwrap()
    else {
        unreachable!("no cap")
    };
    assert_eq!(retry_after_ms, 50_000);
    let entry = Log::open(dir.path()).unwrap().find(&decision_id).unwrap().unwrap().entry;
    assert!(matches!(entry.kind, Kind::Denied(denied) if denied.code == "approvals_full"));
    // Equal calls join a question that is open, and others have questions of their own.
    assert!(matches!(store.ask(asking(&store, call("3"))).await.unwrap(), Asked::Same(_)));
    let mut other = call("more");
    Arc::make_mut(&mut other.caller).principal.subject = "bob".to_owned();
    assert!(matches!(store.ask(asking(&store, other)).await.unwrap(), Asked::New(_)));
    clock.pass_ms(50_000);
    assert!(matches!(store.ask(asking(&store, call("more"))).await.unwrap(), Asked::New(_)));
    let reader =
        ApprovalReader::open_with_clock(dir.path(), Arc::<HandClock>::clone(&clock)).unwrap();
    assert_eq!(reader.list(Which::Pending).unwrap().len(), 2);
}

#[tokio::test]
async fn long_arguments_are_shown_cut_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let long = format!(r#"{{"text":"{}"}}"#, "ä".repeat(Asking::ARGUMENTS_BYTES_MAX));
    let bytes = u64::try_from(long.len()).unwrap();
    let asked = store.ask(Asking { arguments: long.clone(), ..asking(&store, call("a")) }).await;
    let Asked::New(question) = asked.unwrap() else { unreachable!("no question") };
    let shown = ApprovalReader::open(dir.path()).unwrap().show(&question.id).unwrap().unwrap();
    assert!(shown.is_cut());
    assert_eq!(shown.arguments_bytes, bytes);
    assert!(long.starts_with(&*shown.arguments.unwrap()));
    let question = ask(&store, call("b")).await;
    let shown = ApprovalReader::open(dir.path()).unwrap().show(&question.id).unwrap().unwrap();
    assert!(!shown.is_cut());
    assert_eq!(shown.arguments.as_deref(), Some(r#"{"to":"bob"}"#));
}

#[tokio::test]
async fn an_equal_call_after_a_while_tells_people_again() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let told =
        |id: &str| ApprovalReader::open(dir.path()).unwrap().show(id).unwrap().unwrap().told_ms;
    let id = ask(&store, call("a")).await.id;
    let first = told(&id);
    clock.pass_ms(4_999);
    let _ = ask(&store, call("a")).await;
    assert_eq!(told(&id), first);
    clock.pass_ms(1);
    let _ = ask(&store, call("a")).await;
    assert_eq!(told(&id), first + 5_000);
}

#[tokio::test]
async fn a_reader_sees_that_something_changed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let reader = ApprovalReader::open(dir.path()).unwrap();
    assert_eq!(reader.seq().unwrap(), 0);
    let question = ask(&store, call("a")).await;
    let asked = reader.seq().unwrap();
    store.note("x", "y").await.unwrap();
    assert_eq!(reader.seq().unwrap(), asked);
    store.answer(&question.id, yes()).await.unwrap();
    let answered = reader.seq().unwrap();
    let _opened = admit(&store, &call("a")).await.unwrap();
    assert!(0 < asked && asked < answered && answered < reader.seq().unwrap());
    assert!(reader.list(Which::Pending).unwrap().is_empty());
    assert_eq!(reader.list(Which::All).unwrap().len(), 1);
}

/// Whoever can write the files can write this table. The yes itself stands in the log.
#[tokio::test]
async fn a_yes_that_only_the_table_has_lets_nothing_pass() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let meddle = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        let db = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
        assert_eq!(db.execute(sql, values).unwrap(), 1);
    };
    let unsaid = ask(&store, call("a")).await.id;
    meddle("UPDATE approval SET state = 'approved' WHERE id = ?1", &[&unsaid]);
    assert_eq!(admit(&store, &call("a")).await.unwrap_err(), Standing::Unasked);
    // A yes to one call, turned to another.
    let said = ask(&store, call("b")).await.id;
    store.answer(&said, yes()).await.unwrap();
    let sql = "UPDATE approval SET binding = (SELECT binding FROM approval WHERE id = ?1)
               WHERE id = ?2";
    meddle(sql, &[&unsaid, &said]);
    assert_eq!(admit(&store, &call("a")).await.unwrap_err(), Standing::Unasked);
    assert_eq!(state(dir.path(), &said), State::Withdrawn);
    // Nor does it live longer than it was given to.
    let late = ask(&store, call("c")).await.id;
    store.answer(&late, yes()).await.unwrap();
    clock.pass_ms(60_000);
    meddle("UPDATE approval SET expires_ns = expires_ns * 2 WHERE id = ?1", &[&late]);
    assert_eq!(admit(&store, &call("c")).await.unwrap_err(), Standing::Unasked);
    let log = Log::open(dir.path()).unwrap();
    let notes = log
        .entries(1)
        .map(Result::unwrap)
        .filter(|entry| matches!(&entry.kind, Kind::Note(note) if note.code == "approval_forged"));
    assert_eq!(notes.count(), 3);
    assert!(log.verify(None).holds());
}
