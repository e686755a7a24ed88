//! What cannot be reached from outside: caches that are full, disks that are full, lost history.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use toolgate_policy::{
    Align, Amount, Bound, Caller, Charge, Counter as Name, CounterKey, Principal, Refund, Scope,
    Unit, View, Window,
};

use super::Book;
use crate::clock::Clock;
use crate::counters::history;
use crate::counters::{COUNTERS_MAX, Counter};
use crate::database::Database;
use crate::facts::{Admission, Facts, Intent, Outcome, Refused};
use crate::job::{Job, Written};
use crate::ledger::Ledger;
use crate::lock::Wait;
use crate::queue::Queue;
use crate::store::Durability;

const SECOND_NS: u64 = 1_000_000_000;

/// Seconds since some boot, set by hand.
struct Seconds(AtomicU64);

impl Clock for Seconds {
    fn boot(&self) -> Option<String> {
        Some("boot".to_owned())
    }

    fn elapsed_ns(&self) -> u64 {
        self.0.load(Ordering::SeqCst) * SECOND_NS
    }

    fn wall_ns(&self) -> u64 {
        1_700_000_000 * SECOND_NS + self.elapsed_ns()
    }
}

struct Setting {
    dir: tempfile::TempDir,
    clock: Arc<Seconds>,
    book: Book,
}

impl Setting {
    fn new() -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(Seconds(AtomicU64::new(1))));
        let clock_ = Arc::<Seconds>::clone(&clock);
        let opened = crate::open::open(dir.path(), Durability::Normal, clock_).unwrap();
        let mut writer = opened.writer;
        let book = writer.book().take().unwrap();
        Self { dir, clock, book }
    }

    fn pass_s(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now_ns(&self) -> u64 {
        self.clock.wall_ns()
    }

    fn admit(&mut self, charges: &[Charge]) -> Result<(u64, u64), Refused> {
        let (answer, _heard) = tokio::sync::oneshot::channel();
        let job = Job::Admit { intent: intent(charges), answer };
        match self.book.commit(&[job]).unwrap().pop().unwrap() {
            Written::Opened { seq, time_ns, .. } => Ok((seq, time_ns)),
            Written::Refusal(refused) => Err(refused),
            other => unreachable!("an admission gives no {other:?}"),
        }
    }

    fn refund(&mut self, charges: &[Charge], (opened, opened_ns): (u64, u64)) {
        let closing = crate::encode::Closing {
            opened,
            opened_ns,
            caller: caller(),
            outcome: Outcome::NotSent,
            findings: Arc::default(),
            duration_us: 1,
            refund: charges.into(),
            approval: None,
            next: None,
        };
        self.book.commit(&[Job::Close(closing)]).unwrap();
    }

    fn ledger(&mut self) -> &mut Ledger {
        self.book.ledger.as_mut().unwrap()
    }
}

fn caller() -> Arc<Caller> {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    Arc::new(Caller { principal, grant: "g".to_owned(), server: "s".to_owned() })
}

fn name(counter: &str) -> Name {
    Name { name: counter.into(), unit: Unit::Calls }
}

fn key(counter: &str) -> CounterKey {
    CounterKey::new(Scope::Grant, &caller(), &name(counter))
}

fn intent(charges: &[Charge]) -> Intent {
    let facts = Facts {
        caller: caller(),
        client: None,
        trace: None,
        method: "tools/call".to_owned(),
        tool: Some("pay".to_owned()),
        arguments: None,
        revision: "r".into(),
        directory: None,
        approval: None,
    };
    Intent { facts, charges: charges.to_vec(), approval: None, shadow: None }
}

fn window(length_s: u64) -> Window {
    Window { length_s: NonZeroU64::new(length_s).unwrap(), align: Align::Sliding }
}

fn limit(counter: &str, max: u64, length_s: u64) -> Charge {
    let max = Amount::from_units(u128::from(max) * Amount::ONE.units());
    let bound = Bound {
        scope: Scope::Grant,
        window: window(length_s),
        max,
        pointer: "/limit".into(),
        layer: 0,
        on_deny: None,
        refund: Refund::NotSent,
    };
    Charge { counter: name(counter), amount: Amount::ONE, bounds: vec![bound] }
}

fn whole(amount: Option<Amount>) -> u128 {
    amount.unwrap().units() / Amount::ONE.units()
}

#[test]
fn running_saved_replayed_and_walked_counters_agree() {
    let mut setting = Setting::new();
    let keys = ["a", "b", "c"];
    for turn in 0..1500_usize {
        // Two bounds for some, another counter beside it for others.
        let mut charges = vec![limit(keys[turn % 3], 1_000_000, 900)];
        if turn % 5 == 0 {
            charges.push(limit(keys[(turn + 1) % 3], 1_000_000, 60));
        }
        let opened = setting.admit(&charges).unwrap();
        if turn % 7 == 0 {
            setting.refund(&charges, opened);
        }
        if turn % 2 == 0 {
            setting.pass_s(1);
        }
    }
    let (now_ns, newest) = (setting.now_ns(), setting.ledger().head);
    let (database, secret) = (&setting.book.database, &setting.book.key);
    let load = || Ledger::load(database, newest.chain, secret).unwrap();
    let saved = load();
    assert!(database.counters().unwrap().is_some(), "saved on the way");
    database.set_counters(b"").unwrap();
    let replayed = load();
    let running = setting.book.ledger.as_ref().unwrap();
    for (name, key) in keys.map(|name| (name, key(name))) {
        for length_s in [60, 900] {
            let held = |ledger: &Ledger| {
                let counter = &ledger.counters.by_key[&key];
                let mut view = view(counter, window(length_s))?.clone();
                view.expire(now_ns);
                Some(whole(view.sum()))
            };
            let walked = history::rebuild(database, &key, window(length_s), newest.seq, now_ns);
            let walked = whole(walked.unwrap().sum());
            for ledger in [running, &saved, &replayed] {
                // Not there is fine: then it would be walked. Coarse is fine, if not too low.
                let held = held(ledger).unwrap_or(walked);
                assert!((walked..=walked + 10).contains(&held), "{name} in {length_s} s");
            }
            let last = [running, &saved, &replayed].map(|ledger| ledger.counters.last_seq(&key));
            assert_eq!(last[0], last[1]);
            assert_eq!(last[0], last[2]);
        }
    }
}

fn view(counter: &Counter, window: Window) -> Option<&View> {
    counter.views.iter().find(|view| view.window == window)
}

#[test]
fn full_of_live_counters_refuses_and_forgets_only_the_dead() {
    let mut setting = Setting::new();
    let old = [limit("old", 10, 10)];
    for _ in 0..3 {
        setting.admit(&old).unwrap();
    }
    setting.pass_s(100);
    let now_ns = setting.now_ns();
    let live = |ledger: &mut Ledger, names: std::ops::Range<usize>| {
        for name in names {
            let mut view = View::new(window(3600));
            view.add(now_ns, Amount::ONE);
            let counter = Counter { last_seq: 1, views: vec![view] };
            ledger.counters.by_key.insert(key(&name.to_string()), counter);
        }
    };
    let known = setting.ledger().counters.by_key.len();
    live(setting.ledger(), known..COUNTERS_MAX);
    // The dead one makes room for one new one.
    assert!(setting.admit(&[limit("new", 10, 60)]).is_ok());
    assert!(!setting.ledger().counters.by_key.contains_key(&key("old")));
    // Those of the other scopes, which nothing bounds, may go; the live ones may not.
    live(setting.ledger(), COUNTERS_MAX..COUNTERS_MAX + 4);
    setting.pass_s(2);
    let refused = setting.admit(&[limit("newer", 10, 60)]).unwrap_err();
    assert_eq!((refused.code, refused.retry_after_ms), ("counters_full", None));
    // Room again: what the forgotten counter holds is found in the log.
    for name in ["5000", "5001"] {
        setting.ledger().counters.by_key.remove(&key(name));
    }
    assert_eq!(setting.admit(&[limit("old", 3, 3600)]).unwrap_err().code, "limit");
    assert!(setting.admit(&[limit("old", 4, 3600)]).is_ok());
    assert_eq!(setting.admit(&[limit("old", 4, 7200)]).unwrap_err().code, "limit");
}

#[test]
fn history_that_is_too_short_for_a_window_refuses() {
    let mut setting = Setting::new();
    for _ in 0..10 {
        setting.admit(&[limit("pay", 100, 60)]).unwrap();
        setting.pass_s(10);
    }
    let prune = "DELETE FROM entry WHERE seq < 6";
    setting.book.database.connection().execute(prune, ()).unwrap();
    assert!(setting.admit(&[limit("pay", 100, 60)]).is_ok(), "known");
    assert!(setting.admit(&[limit("pay", 100, 30)]).is_ok(), "within what is left");
    let refused = setting.admit(&[limit("pay", 100, 3600)]).unwrap_err();
    assert_eq!((refused.code, refused.bound.is_some()), ("history_short", true));
}

/// `SQLite` says that the disk is full when the file would grow beyond.
fn limit_pages(database: &Database, count: u32) {
    let sql = format!("PRAGMA max_page_count = {count}");
    database.connection().query_row(&sql, (), |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_denies_until_there_is_room_and_loses_no_closing() {
    let setting = Setting::new();
    limit_pages(&setting.book.database, 12);
    let lock = crate::lock::LockFile::open(setting.dir.path().join("lock")).unwrap();
    let path = setting.dir.path();
    let mut writer = crate::writer::Writer::new(lock, setting.book);
    let queue = Queue::new();
    // Five at a time, so that some are written before one is not.
    let mut ask = |room: bool| {
        let mut all = Vec::new();
        for _ in 0..5 {
            let (answer, hearing) = tokio::sync::oneshot::channel();
            let intent = intent(&[limit("pay", 10_000, 60)]);
            queue.push(Job::Admit { intent, answer }).unwrap();
            all.push(hearing);
        }
        if room {
            limit_pages(&writer.book().as_ref().unwrap().database, 1000);
        }
        writer.commit(&queue, Wait::Block);
        let answers = all.iter_mut().map(|hearing| hearing.try_recv().unwrap());
        answers.collect::<Result<Vec<_>, _>>()
    };
    let mut opened = Vec::new();
    let unavailable = loop {
        match ask(false) {
            Ok(admissions) => opened.extend(admissions.into_iter().map(|admission| {
                let Admission::Admitted(it) = admission else { panic!("{admission:?}") };
                it
            })),
            Err(unavailable) => break unavailable,
        }
    };
    assert!(unavailable.text.contains("full"), "{unavailable}");
    assert!(!unavailable.text.contains("restart"), "{unavailable}");
    let closing = opened[0].closing(Outcome::Answered, 1, false).unwrap();
    queue.push(Job::Close(closing)).unwrap();
    assert!(ask(false).is_err(), "still full");
    assert!(ask(true).is_ok(), "there is room again");
    let log = crate::log::Log::open(path).unwrap();
    assert!(log.verify(None).holds());
    let call = log.find(&opened[0].decision_id()).unwrap().unwrap();
    assert!(call.closing.is_some(), "the closing was kept for better times");
    let seqs = u64::try_from(opened.len()).unwrap();
    assert_eq!(log.head().unwrap().seq, 1 + seqs + 1 + 5, "and nothing else is there");
}
