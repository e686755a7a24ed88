//! Everybody at once.

use std::sync::atomic::{AtomicU64, Ordering};

use toolgate_store::{Durability, Kind, Log, Options, Store};

use crate::common::{admit, charge, limit};

fn sixty_four_threads(durability: Durability) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options { durability }).unwrap();
    let (admitted, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let twenty_calls = async || {
        for _ in 0..20 {
            let passed = admit(&store, &limit("pay", 1000, 3600)).await.is_ok();
            let count = if passed { &admitted } else { &refused };
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let thread = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(twenty_calls());
    };
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(thread);
        }
    });
    assert_eq!(admitted.load(Ordering::SeqCst), 1000);
    assert_eq!(refused.load(Ordering::SeqCst), 280);
    drop(store);
    let log = Log::open(dir.path()).unwrap();
    assert!(log.verify(None).holds());
    let opened = log.entries(1).filter(|it| matches!(it.as_ref().unwrap().kind, Kind::Opened(_)));
    assert_eq!(opened.count(), 1000);
}

#[test]
fn sixty_four_threads_share_a_limit_of_a_thousand() {
    sixty_four_threads(Durability::Normal);
}

#[test]
fn sixty_four_threads_share_a_limit_of_a_thousand_durably() {
    sixty_four_threads(Durability::Full);
}

/// Two counters in opposite order, one of them tight: all or nothing under contention.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_with_several_charges_spend_all_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = crate::common::open(dir.path());
    let tight = || charge("tight", 1, &[crate::common::bound(crate::common::sliding(3600), 100)]);
    let wide = || charge("wide", 1, &[crate::common::bound(crate::common::sliding(3600), 150)]);
    let tasks: Vec<_> = (0..300)
        .map(|i| {
            let store = store.clone();
            let charges = match i % 3 {
                0 => vec![tight(), wide()],
                1 => vec![wide(), tight()],
                _ => vec![wide()],
            };
            tokio::spawn(async move { (charges.len(), admit(&store, &charges).await.is_ok()) })
        })
        .collect();
    let (mut tight_count, mut wide_count) = (0, 0);
    for task in tasks {
        let (charges, passed) = task.await.unwrap();
        wide_count += u64::from(passed);
        tight_count += u64::from(passed && charges == 2);
    }
    assert_eq!(wide_count, 150, "nobody left a place unused, nobody took one twice");
    assert!(tight_count <= 100);
    assert_eq!(crate::common::admitted(&store, &[tight()]).await, 100 - tight_count);
}
