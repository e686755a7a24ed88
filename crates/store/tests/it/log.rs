//! What a reader of the log sees.

use std::ops::ControlFlow;

use toolgate_json::{Document, Reading};
use toolgate_policy::{Align, Amount, Bound};
use toolgate_store::{Effect, Entry, Head, Kind, Log, Outcome, Why};

use crate::common::{
    HandClock, admit, admitted, bound, calendar, charge, denied, facts, intent, limit, open,
    sliding, whole,
};

fn entries(log: &Log) -> Vec<Entry> {
    log.entries(1).map(Result::unwrap).collect()
}

#[tokio::test]
async fn an_entry_tells_every_fact() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let text = "{\"b\": [1,\r\n2], \"a\\\"\": \"zeile\\n\", \"\u{1F600}\": null}";
    let arguments = Document::parse(text.into(), Reading::Strict).unwrap();
    let mut intent = intent(&[
        charge("grant/1/pay", 1, &[bound(sliding(60), 5), bound(calendar(86_400), 9)]),
        charge("money", 250, &[bound(sliding(3600), 1000)]),
    ]);
    intent.facts.arguments = Some(store.arguments(arguments.root(), true));
    intent.facts.approval = Some("apr_1".to_owned());
    let facts = intent.facts.clone();
    let toolgate_store::Admission::Admitted(opened) = store.admit(intent).await.unwrap() else {
        panic!("refused")
    };
    store.close(&opened, Outcome::ToolError, 4321, false).await.unwrap();
    store.flush().await.unwrap();

    let log = Log::open(dir.path()).unwrap();
    let call = log.find(&opened.decision_id()).unwrap().unwrap();
    assert_eq!((call.entry.seq, call.entry.wall_ms), (2, 1_700_000_000_000));
    assert_eq!(call.entry.decision_id().to_string(), opened.decision_id());
    let Kind::Opened(opening) = &call.entry.kind else { panic!("{call:?}") };
    // The line break between two tokens is a space now; everything else is as it came.
    let kept = opening.facts.arguments.as_ref().unwrap().raw.as_ref().unwrap();
    assert_eq!(kept, &text.replace("\r\n", "  "));
    let mut same = facts;
    same.arguments.as_mut().unwrap().raw = Some(kept.clone());
    assert_eq!(opening.facts, same);
    assert_eq!(opening.facts.arguments.as_ref().unwrap().keys, ["a\"", "b", "\u{1F600}"]);
    let spent = &opening.spent[0];
    assert_eq!((&*spent.counter.name, spent.amount), ("grant/1/pay", Amount::ONE));
    let [minute, day] = &spent.bounds[..] else { panic!("{spent:?}") };
    assert_eq!((minute.before, minute.after), (Amount::ZERO, Some(Amount::ONE)));
    assert_eq!((minute.max, minute.pointer.as_str()), (whole(5), "/tools/pay/limits/60"));
    assert_eq!(day.window, calendar(86_400));
    assert_eq!(day.window.align, Align::Calendar);
    assert_eq!(opening.spent[1].bounds[0].after, Some(whole(250)));
    let closing = call.closing.unwrap();
    let Kind::Closed(closed) = closing.kind else { panic!("{closing:?}") };
    assert_eq!((closed.opened, closed.outcome), (2, Outcome::ToolError));
    assert_eq!((closed.duration_us, closed.refund.len()), (4321, 0));
}

#[tokio::test]
async fn a_refusal_tells_why_and_how_full_the_window_was() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    let charges = [charge("pay", 3, &[bound(sliding(60), 5)])];
    assert_eq!(admitted(&store, &charges).await, 1);
    clock.pass_ms(1500);
    let refused = admit(&store, &charges).await.unwrap_err();
    let why = Why { effect: Effect::Pending, retry_after_ms: Some(5), ..denied() };
    let pending = store.refuse(facts("wire"), why).await.unwrap().unwrap();

    let log = Log::open(dir.path()).unwrap();
    let call = log.find(&refused.decision_id).unwrap().unwrap();
    assert_eq!(call.closing, None);
    let Kind::Denied(denial) = call.entry.kind else { panic!("{:?}", call.entry) };
    assert_eq!((denial.effect, denial.code.as_str()), (Effect::Limit, "limit"));
    assert_eq!(denial.pointer, "/tools/pay/limits/60");
    assert_eq!(denial.retry_after_ms, Some(58_500));
    let level = &denial.wanted[0].bounds[0];
    assert_eq!((level.before, level.after), (whole(3), None));
    let call = log.find(&pending).unwrap().unwrap();
    let Kind::Denied(denial) = call.entry.kind else { panic!("{:?}", call.entry) };
    assert_eq!((denial.effect, denial.retry_after_ms), (Effect::Pending, Some(5)));
    assert_eq!(denial.facts, facts("wire"));
}

#[tokio::test]
async fn a_refusal_tells_which_of_several_policies_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let lower = Bound { layer: 1, ..bound(sliding(60), 2) };
    let charges = [charge("pay", 3, &[bound(sliding(60), 5), lower])];
    let refused = admit(&store, &charges).await.unwrap_err();
    let denied = store.refuse(facts("pay"), Why { layer: 2, ..denied() }).await.unwrap().unwrap();

    let log = Log::open(dir.path()).unwrap();
    let layers = |id: &str| {
        let entry = log.find(id).unwrap().unwrap().entry;
        let Kind::Denied(denial) = entry.kind else { panic!("{entry:?}") };
        let bounds = denial.wanted.iter().flat_map(|spent| &spent.bounds);
        (denial.layer, bounds.map(|level| level.layer).collect::<Vec<_>>())
    };
    assert_eq!(layers(&refused.decision_id), (1, vec![0, 1]));
    assert_eq!(layers(&denied), (2, vec![]));
}

#[tokio::test]
async fn recorded_text_that_is_no_object_is_kept_as_text() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for raw in ["{\"a\":1", "[1]", "1], \"kind\": \"closed\", \"x\": [2", "\u{0}\n"] {
        let mut facts = facts("pay");
        facts.arguments = Some(toolgate_store::Arguments {
            raw: Some(raw.as_bytes().into()),
            ..toolgate_store::Arguments::default()
        });
        let id = store.refuse(facts.clone(), denied()).await.unwrap().unwrap();
        let entry = Log::open(dir.path()).unwrap().find(&id).unwrap().unwrap().entry;
        assert!(matches!(entry.kind, Kind::Denied(denial) if denial.facts == facts), "{raw}");
    }
}

#[tokio::test]
async fn a_line_of_json_holds_the_hashed_bytes() {
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    admitted(&store, &limit("pay", 3, 60)).await;
    let log = Log::open(dir.path()).unwrap();
    let mut previous: Option<Vec<u8>> = None;
    for entry in entries(&log) {
        let line = entry.to_json();
        assert!(!line.contains('\n'));
        let document = Document::parse(line.clone().into(), Reading::Strict).unwrap();
        let member = |key| document.root().get(key).unwrap().as_str().unwrap().into_owned();
        assert_eq!(member("id"), entry.decision_id().to_string());
        let body = format!("{{{}", &line[line.find("\"kind\"").unwrap()..]);
        if let Some(previous) = previous {
            let hash = Sha256::new().chain_update(previous).chain_update(body).finalize();
            assert_eq!(hash[..], entry.hash);
            assert!(entry.hash.iter().all(|byte| member("hash").contains(&format!("{byte:02x}"))));
        }
        previous = Some(entry.hash.to_vec());
    }
}

#[tokio::test]
async fn readers_go_forwards_backwards_and_along() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..600 {
        store.note("n", &n.to_string()).await.unwrap();
    }
    let log = Log::open(dir.path()).unwrap();
    let there = entries(&log);
    assert_eq!(there.len(), 601);
    let mut back: Vec<Entry> = log.entries_back(u64::MAX).map(Result::unwrap).collect();
    back.reverse();
    assert_eq!(back, there);
    let some: Vec<u64> = log.entries_back(300).map(|entry| entry.unwrap().seq).take(3).collect();
    assert_eq!(some, [300, 299, 298]);
    assert_eq!(log.entries(602).count(), 0);
    let mut follow = log.follow(600);
    assert_eq!(follow.poll().unwrap(), there[600..]);
    assert!(follow.poll().unwrap().is_empty());
    store.note("n", "new").await.unwrap();
    assert_eq!(follow.poll().unwrap().len(), 1);
}

#[tokio::test]
async fn only_this_logs_decisions_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = admit(&store, &[]).await.unwrap().decision_id();
    let log = Log::open(dir.path()).unwrap();
    assert!(log.find(&id).unwrap().is_some());
    let other = format!("dec_{:08x}_2", u32::from_str_radix(&id[4..12], 16).unwrap() ^ 1);
    for unknown in ["", "dec_", "2", &other, &format!("{id}0"), &id.replace("_2", "_02"), "dec_x_2"]
    {
        assert!(log.find(unknown).unwrap().is_none(), "{unknown}");
    }
}

#[tokio::test]
async fn a_call_that_was_never_closed_has_an_unknown_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ids = Vec::new();
    for n in 0..5 {
        let opened = admit(&store, &[]).await.unwrap();
        if n % 2 == 0 {
            store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
        } else {
            ids.push(opened.decision_id());
        }
    }
    store.flush().await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    let unclosed: Vec<String> =
        log.unclosed(1).unwrap().iter().map(|entry| entry.decision_id().to_string()).collect();
    assert_eq!(unclosed, ids);
    assert_eq!(log.find(&ids[0]).unwrap().unwrap().closing, None);
}

#[tokio::test]
async fn heads_are_written_beside_the_log_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    drop(admit(&store, &[]).await.unwrap());
    let log = Log::open(dir.path()).unwrap();
    let head = log.head().unwrap();
    assert_eq!(head.seq, 2);
    assert_eq!(log.kept_head().unwrap(), Some(head));
    assert_eq!(Head::parse(&head.to_json()), Some(head));
    assert_eq!(Head::parse("{}"), None);
    let kept = std::fs::read_to_string(dir.path().join("head")).unwrap();
    assert_eq!(kept.lines().count(), 1);
    assert_eq!(head.chain, store.chain());
}

#[tokio::test]
async fn a_look_back_shows_each_entry_once_and_ends_where_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    for _ in 0..20 {
        let opened = admit(&store, &[]).await.unwrap();
        store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
        clock.pass_ms(60_000);
    }
    store.flush().await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    let newest = log.newest().unwrap();
    assert_eq!(newest, log.head().unwrap().seq);
    let mut seen = Vec::new();
    log.sift(u64::MAX, 3, |glance| {
        assert_eq!(glance.is_decision(), matches!(glance.read()?.kind, Kind::Opened(_)));
        seen.push(glance.seq);
        Ok(if glance.seq == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
    .unwrap();
    assert_eq!(seen, (5..=newest).rev().collect::<Vec<_>>());
    for entry in entries(&log) {
        let first = log.seq_at(entry.wall_ms).unwrap();
        assert!(first <= entry.seq);
        assert_eq!(log.entry(first).unwrap().unwrap().wall_ms, entry.wall_ms);
        if matches!(entry.kind, Kind::Opened(_)) {
            let closing = log.closing_within(entry.seq, 1).unwrap();
            assert_eq!(closing.map(|closing| closing.seq), Some(entry.seq + 1));
            assert_eq!(log.closing_within(entry.seq, 0).unwrap(), None);
        }
    }
    assert_eq!((log.seq_at(0).unwrap(), log.seq_at(u64::MAX).unwrap()), (1, newest + 1));
}
