//! Clocks that are set, machines that start anew: limits hold, and time never runs backwards.

use std::sync::Arc;

use toolgate_store::{Kind, Log, OpenError, Store};

use crate::common::{HandClock, NORMAL, admit, admitted, bound, calendar, charge, limit};

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 86_400;
const YEAR_S: i64 = 365 * DAY_S;

#[tokio::test]
async fn setting_the_wall_clock_moves_no_window() {
    for step_s in [1, -1, HOUR_S, -HOUR_S, DAY_S, -DAY_S, YEAR_S, -10 * YEAR_S] {
        let dir = tempfile::tempdir().unwrap();
        let clock = HandClock::new();
        let store = clock.open(dir.path());
        let charges = limit("pay", 3, 100);
        assert_eq!(admitted(&store, &charges).await, 3);
        clock.step_wall_s(step_s);
        assert_eq!(admitted(&store, &charges).await, 0, "after a step of {step_s} s");
        clock.pass_ms(99_999);
        assert_eq!(admitted(&store, &charges).await, 0, "just before the end");
        clock.pass_ms(1);
        assert_eq!(admitted(&store, &charges).await, 3, "the window is over");
    }
}

#[tokio::test]
async fn setting_the_wall_clock_between_two_starts_within_one_boot_moves_no_window() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let charges = limit("pay", 3, 100);
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &charges).await, 3);
    store.finish().await.unwrap();
    clock.step_wall_s(YEAR_S);
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(100_000);
    assert_eq!(admitted(&store, &charges).await, 3);
}

#[tokio::test]
async fn across_boots_time_goes_on_from_the_newest_entry_or_the_wall_clock() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let charges = limit("pay", 3, 100);
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &charges).await, 3);
    store.finish().await.unwrap();
    // The battery of the clock is empty: it starts ten years ago.
    clock.reboot(Some("boot-2"));
    clock.step_wall_s(-10 * YEAR_S);
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(50_000);
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(50_000);
    assert_eq!(admitted(&store, &charges).await, 3, "time passes all the same");
    store.finish().await.unwrap();
    // It was set, and the machine was off for 200 s.
    clock.step_wall_s(10 * YEAR_S + 200);
    clock.reboot(Some("boot-3"));
    assert_eq!(admitted(&clock.open(dir.path()), &charges).await, 3);
}

#[tokio::test]
async fn without_a_boot_clock_time_stands_still_rather_than_run_backwards() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    clock.reboot(None);
    let store = clock.open(dir.path());
    let charges = limit("pay", 3, 100);
    assert_eq!(admitted(&store, &charges).await, 3);
    clock.step_wall_s(-50);
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(149_999);
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(1);
    assert_eq!(admitted(&store, &charges).await, 3);
    store.finish().await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    assert!(log.verify(None).holds());
    assert!(log.entries(1).map(Result::unwrap).is_sorted_by_key(|entry| entry.time_ns));
}

#[tokio::test]
async fn a_calendar_day_begins_at_midnight_and_does_not_begin_twice() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let day_s = DAY_S.unsigned_abs();
    let until_midnight_s = day_s - clock.wall_s() % day_s;
    let charges = [charge("day", 1, &[bound(calendar(day_s), 2)])];
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &charges).await, 2);
    let refused = admit(&store, &charges).await.unwrap_err();
    assert_eq!(refused.retry_after_ms, Some(until_midnight_s * 1000));
    clock.pass_ms(until_midnight_s * 1000 - 1);
    assert_eq!(admitted(&store, &charges).await, 0);
    clock.pass_ms(1);
    assert_eq!(admitted(&store, &charges).await, 2);
    clock.step_wall_s(-HOUR_S);
    assert_eq!(admitted(&store, &charges).await, 0);
    store.finish().await.unwrap();
    clock.reboot(Some("boot-2"));
    assert_eq!(admitted(&clock.open(dir.path()), &charges).await, 0);
}

#[tokio::test]
async fn a_clock_beyond_reason_is_refused_and_does_not_stay() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    clock.step_wall_s(300 * YEAR_S);
    let opened = Store::open_with_clock(dir.path(), NORMAL, Arc::<HandClock>::clone(&clock));
    assert!(matches!(opened.err(), Some(OpenError::Unwritable { .. })));
    clock.step_wall_s(-300 * YEAR_S);
    assert_eq!(admitted(&clock.open(dir.path()), &limit("pay", 1, 60)).await, 1);
}

#[tokio::test]
async fn entries_tell_both_times_and_are_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(dir.path());
    for step_s in [5, -7200, 3600, -100_000] {
        clock.step_wall_s(step_s);
        store.note("step", &step_s.to_string()).await.unwrap();
        clock.pass_ms(1);
    }
    let log = Log::open(dir.path()).unwrap();
    let entries: Vec<_> = log.entries(1).map(Result::unwrap).collect();
    assert!(entries.is_sorted_by_key(|entry| entry.time_ns));
    assert!(!entries.is_sorted_by_key(|entry| entry.wall_ms));
    assert!(matches!(&entries[4].kind, Kind::Note(note) if note.text == "-100000"));
    assert_eq!(entries[4].wall_ms / 1000, 1_700_000_000 + 5 - 7200 + 3600 - 100_000);
}
