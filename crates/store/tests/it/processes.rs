//! Several processes on one state directory.

use std::path::PathBuf;

use toolgate_store::{Kind, Log, Store};

use crate::common::{admitted, again, limit, open};

const MAX: u64 = 1000;

/// The task of a child process: admits as fast as it can until a limit refuses. Does nothing
/// unless it is told where.
#[test]
fn a_child_admits_until_it_is_refused() {
    let Some(path) = std::env::var_os("TOOLGATE_TEST_ADMIT") else { return };
    let store = open(&PathBuf::from(path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let one = |store: Store| async move { admitted(&store, &limit("pay", MAX, 3600)).await };
        let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(one(store.clone()))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        store.finish().await.unwrap();
    });
}

#[test]
fn four_processes_share_a_limit_of_a_thousand() {
    let dir = tempfile::tempdir().unwrap();
    // They make the directory too, all at the same time.
    let path = dir.path().join("state");
    let task = "processes::a_child_admits_until_it_is_refused";
    let environment = [("TOOLGATE_TEST_ADMIT", path.display().to_string())];
    let children: Vec<_> = (0..4).map(|_| again(task, &environment).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let log = Log::open(&path).unwrap();
    let report = log.verify(None);
    assert!(report.holds(), "{report:?}");
    let (mut opened, mut denied) = (0, 0);
    for entry in log.entries(1).map(Result::unwrap) {
        match entry.kind {
            Kind::Opened(_) => opened += 1,
            Kind::Denied(_) => denied += 1,
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => {}
        }
    }
    assert_eq!(opened, MAX);
    assert_eq!(denied, 4 * 8, "every task of every process was refused once");
}
