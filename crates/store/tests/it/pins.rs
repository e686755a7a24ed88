//! What is pinned of a server's tools, and what a change of them leaves behind.

use std::path::Path;

use tempfile::tempdir;
use toolgate_store::{
    Act, ChangeError, DirectoryReader, Kind, Log, Pin, PinnedTool, SeenTool, Server, Store,
};

use crate::common::{HandClock, open};

const A: [u8; 32] = [0xa; 32];
const B: [u8; 32] = [0xb; 32];
const C: [u8; 32] = [0xc; 32];

fn seen(name: &str, fingerprint: [u8; 32]) -> SeenTool {
    let definition = Some(format!("{{\"f\":{}}}", fingerprint[0]));
    SeenTool { name: name.to_owned(), fingerprint, definition, in_place_of: None }
}

fn see(tools: &[SeenTool]) -> Act {
    Act::SeeTools { server: "shop".to_owned(), tools: tools.to_vec() }
}

fn accept(tool: Option<&str>, fingerprint: Option<&str>) -> Act {
    let (tool, fingerprint) = (tool.map(str::to_owned), fingerprint.map(str::to_owned));
    Act::AcceptTools { server: "shop".to_owned(), tool, fingerprint }
}

fn miss(tools: &[&str]) -> Act {
    let tools = tools.iter().map(|&tool| tool.to_owned()).collect();
    Act::MissTools { server: "shop".to_owned(), tools }
}

async fn change(store: &Store, acts: Vec<Act>) {
    store.change(acts, "test").await.unwrap();
}

async fn shop(path: &Path) -> Store {
    let store = open(path);
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    store
}

fn pinned(path: &Path, tool: &str) -> PinnedTool {
    DirectoryReader::open(path).unwrap().pinned_tool("shop", tool).unwrap().unwrap()
}

fn prints(path: &Path, tool: &str) -> ([u8; 32], Option<[u8; 32]>) {
    let directory = DirectoryReader::open(path).unwrap().read().unwrap();
    let pin: &Pin = &directory.pins["shop"][tool];
    assert_eq!(*pin, pinned(path, tool).pin);
    (pin.fingerprint, pin.changed)
}

fn is_gone(path: &Path, tool: &str) -> bool {
    let directory = DirectoryReader::open(path).unwrap().read().unwrap();
    let pin = &directory.pins["shop"][tool];
    assert_eq!(*pin, pinned(path, tool).pin);
    pin.gone_ms.is_some()
}

fn codes(path: &Path) -> Vec<String> {
    told(path).into_iter().map(|(code, _)| code).collect()
}

fn told(path: &Path) -> Vec<(String, String)> {
    let log = Log::open(path).unwrap();
    let changed = log.entries(1).filter_map(|entry| match entry.unwrap().kind {
        Kind::Changed(changed) if changed.code.starts_with("tool") => {
            Some((changed.code, changed.text))
        }
        _ => None,
    });
    changed.collect()
}

#[tokio::test]
async fn the_first_sight_is_pinned_and_the_same_again_is_no_change() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A), seen("ask", B)])]).await;
    let before = DirectoryReader::open(folder.path()).unwrap().read().unwrap();
    change(&store, vec![see(&[seen("pay", A), seen("ask", B)])]).await;
    assert_eq!(DirectoryReader::open(folder.path()).unwrap().read().unwrap(), before);
    assert_eq!(prints(folder.path(), "pay"), (A, None));
    let told = told(folder.path());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "tools_pinned");
    assert!(told[0].1.contains("`pay` 0a0a") && told[0].1.contains("`ask` 0b0b"), "{told:?}");
}

#[tokio::test]
async fn a_change_waits_beside_the_pin_until_it_is_accepted() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A)]), see(&[seen("pay", B)])]).await;
    change(&store, vec![see(&[seen("pay", B)])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, Some(B)));
    let PinnedTool { definition, changed_definition, .. } = pinned(folder.path(), "pay");
    assert_eq!(definition.as_deref(), Some(r#"{"f":10}"#));
    assert_eq!(changed_definition.as_deref(), Some(r#"{"f":11}"#));
    change(&store, vec![accept(Some("pay"), None)]).await;
    assert_eq!(prints(folder.path(), "pay"), (B, None));
    assert_eq!(pinned(folder.path(), "pay").definition.as_deref(), Some(r#"{"f":11}"#));
    let told = told(folder.path());
    let codes: Vec<_> = told.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["tools_pinned", "tool_changed", "tool_accepted"]);
    assert!(told[1].1.contains("0a0a") && told[1].1.contains("0b0b"), "{told:?}");
    assert!(Log::open(folder.path()).unwrap().verify(None).holds());
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_accepted() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A)]), see(&[seen("pay", B)])]).await;
    let cases = [
        (accept(Some("pay"), Some("0a0a")), "something else by now"),
        (accept(Some("nothing"), None), "no tool `nothing`"),
        (
            Act::AcceptTools { server: "none".to_owned(), tool: None, fingerprint: None },
            "no server `none`",
        ),
    ];
    for (act, says) in cases {
        let why = match store.change(vec![act], "test").await {
            Err(ChangeError::Rejected(why)) => why.to_string(),
            other => unreachable!("{other:?}"),
        };
        assert!(why.contains(says), "{why}");
    }
    assert_eq!(prints(folder.path(), "pay"), (A, Some(B)));
    change(&store, vec![accept(None, Some("0b0b"))]).await;
    assert_eq!(prints(folder.path(), "pay"), (B, None));
    assert!(store.change(vec![accept(Some("pay"), None)], "test").await.is_err());
}

#[tokio::test]
async fn a_tool_takes_the_place_only_of_what_it_was_judged_against() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A)])]).await;
    let wrong = SeenTool { in_place_of: Some(C), ..seen("pay", B) };
    change(&store, vec![see(&[wrong])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, Some(B)));
    let right = SeenTool { in_place_of: Some(A), ..seen("pay", B) };
    change(&store, vec![see(&[right])]).await;
    assert_eq!(prints(folder.path(), "pay"), (B, None));
    assert_eq!(told(folder.path()).last().unwrap().0, "tool_accepted");
}

/// A server that tells its tools differently each time does not fill the log.
#[tokio::test]
async fn a_tool_that_keeps_changing_is_recorded_now_and_then() {
    let folder = tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(folder.path());
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    for print in [A, B, C, B, C, A, B] {
        change(&store, vec![see(&[seen("pay", print)])]).await;
    }
    assert_eq!(prints(folder.path(), "pay"), (A, Some(B)));
    assert_eq!(told(folder.path()).len(), 2);
    clock.pass_ms(10_000);
    change(&store, vec![see(&[seen("pay", A)])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, None));
    assert_eq!(told(folder.path()).last().unwrap().0, "tool_restored");
}

#[tokio::test]
async fn what_is_taken_over_all_the_time_is_recorded_now_and_then() {
    let folder = tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(folder.path());
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    change(&store, vec![see(&[seen("pay", A)])]).await;
    for _ in 0..10 {
        for (from, to) in [(A, B), (B, A)] {
            let over = SeenTool { in_place_of: Some(from), ..seen("pay", to) };
            change(&store, vec![see(&[over])]).await;
        }
    }
    assert_eq!(prints(folder.path(), "pay"), (B, None));
    assert_eq!(told(folder.path()).len(), 2);
    clock.pass_ms(10_000);
    let over = SeenTool { in_place_of: Some(B), ..seen("pay", A) };
    change(&store, vec![see(&[over])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, None));
}

/// One after the other, so that each by itself is the first change of its tool.
#[tokio::test]
async fn a_server_whose_many_tools_change_is_recorded_so_often_and_no_more() {
    let folder = tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(folder.path());
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    let names: Vec<_> = (0..100).map(|i| format!("tool-{i}")).collect();
    let all: Vec<_> = names.iter().map(|name| seen(name, A)).collect();
    change(&store, vec![see(&all)]).await;
    for name in &names {
        change(&store, vec![see(&[seen(name, B)])]).await;
    }
    assert_eq!(told(folder.path()).len(), 1 + 16);
    // What is new is pinned all the same, and later everything is told in one.
    change(&store, vec![see(&[seen("new", A)])]).await;
    clock.pass_ms(10_000);
    let all: Vec<_> = names.iter().map(|name| seen(name, B)).collect();
    change(&store, vec![see(&all)]).await;
    assert_eq!(told(folder.path()).len(), 1 + 16 + 2);
    assert_eq!(prints(folder.path(), "tool-99"), (A, Some(B)));
}

/// Else removing and adding a server would make any change unseen.
#[tokio::test]
async fn a_removed_server_keeps_its_pins_and_an_unknown_one_gets_none() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A)])]).await;
    change(&store, vec![Act::RemoveServer { name: "shop".to_owned() }]).await;
    change(&store, vec![see(&[seen("pay", B), seen("new", B)])]).await;
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    change(&store, vec![see(&[seen("pay", B)])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, Some(B)));
    let directory = DirectoryReader::open(folder.path()).unwrap().read().unwrap();
    assert!(!directory.pins["shop"].contains_key("new"));
}

#[tokio::test]
async fn a_server_that_invents_names_is_pinned_so_far() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    let many: Vec<_> = (0..5000).map(|i| seen(&format!("tool-{i}"), A)).collect();
    change(&store, vec![see(&many)]).await;
    let long = "x".repeat(SeenTool::NAME_BYTES_MAX + 1);
    change(&store, vec![see(&[seen(&long, A)])]).await;
    let directory = DirectoryReader::open(folder.path()).unwrap().read().unwrap();
    assert_eq!(directory.pins["shop"].len(), 4096);
    let told = told(folder.path());
    assert!(told[0].1.len() < 2000 && told[0].1.ends_with("and 4080 more"), "{told:?}");
}

#[tokio::test]
async fn a_tool_that_is_gone_is_written_down_once_and_comes_back_as_what_it_is() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    let clock = HandClock::new();
    let store = clock.open(path);
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    change(&store, vec![see(&[seen("pay", A), seen("ask", A)])]).await;
    for _ in 0..3 {
        change(&store, vec![miss(&["pay", "never"])]).await;
        clock.pass_ms(10_000);
    }
    assert!(is_gone(path, "pay") && !is_gone(path, "ask"));
    assert_eq!(prints(path, "pay"), (A, None));
    assert_eq!(codes(path), ["tools_pinned", "tool_gone"]);
    assert!(told(path)[1].1.starts_with("`pay` 0a0a"), "{:?}", told(path));
    change(&store, vec![see(&[seen("pay", A)])]).await;
    assert!(!is_gone(path, "pay"));
    assert_eq!(prints(path, "pay"), (A, None));
    clock.pass_ms(10_000);
    change(&store, vec![miss(&["pay"])]).await;
    clock.pass_ms(10_000);
    change(&store, vec![see(&[seen("pay", B)])]).await;
    assert!(!is_gone(path, "pay"));
    assert_eq!(prints(path, "pay"), (A, Some(B)));
    let expected = ["tools_pinned", "tool_gone", "tool_restored", "tool_gone", "tool_changed"];
    assert_eq!(codes(path), expected);
    assert!(Log::open(path).unwrap().verify(None).holds());
}

/// Here and gone each time somebody asks: that does not fill the log either.
#[tokio::test]
async fn a_tool_that_comes_and_goes_is_recorded_now_and_then() {
    let folder = tempdir().unwrap();
    let clock = HandClock::new();
    let store = clock.open(folder.path());
    change(&store, vec![Act::PutServer(Server::of_cli("shop", "{}"))]).await;
    for _ in 0..10 {
        change(&store, vec![see(&[seen("pay", A)]), miss(&["pay"])]).await;
    }
    assert_eq!(codes(folder.path()), ["tools_pinned", "tool_gone"]);
}

#[tokio::test]
async fn a_tool_that_is_gone_is_let_go_when_that_is_accepted() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    let store = shop(path).await;
    change(&store, vec![see(&[seen("pay", A), seen("ask", A)]), miss(&["pay"])]).await;
    let looked = store.change(vec![accept(Some("pay"), Some("0a0a"))], "test").await;
    let Err(ChangeError::Rejected(why)) = looked else { unreachable!("{looked:?}") };
    assert!(why.to_string().contains("no longer lists `pay`"), "{why}");
    assert!(store.change(vec![accept(Some("ask"), None)], "test").await.is_err());
    change(&store, vec![accept(Some("pay"), None)]).await;
    let directory = DirectoryReader::open(path).unwrap().read().unwrap();
    assert_eq!(directory.pins["shop"].keys().collect::<Vec<_>>(), ["ask"]);
    assert!(told(path).last().unwrap().1.ends_with(", gone"));
    // Whatever comes by that name later is a new tool.
    change(&store, vec![see(&[seen("pay", B)])]).await;
    assert!(!is_gone(path, "pay"));
    assert_eq!(prints(path, "pay"), (B, None));
    assert_eq!(codes(path), ["tools_pinned", "tool_gone", "tool_accepted", "tools_pinned"]);
}

/// A state directory of before tools were pinned.
#[tokio::test]
async fn a_directory_without_pins_gets_the_table_for_them() {
    let folder = tempdir().unwrap();
    shop(folder.path()).await.finish().await.unwrap();
    let db = rusqlite::Connection::open(folder.path().join("audit.db")).unwrap();
    db.execute_batch("DROP TABLE pin").unwrap();
    drop(db);
    let store = open(folder.path());
    change(&store, vec![see(&[seen("pay", A)])]).await;
    assert_eq!(prints(folder.path(), "pay"), (A, None));
}

/// A state directory of before somebody looked for tools that are gone.
#[tokio::test]
async fn a_directory_that_knows_of_no_gone_tools_is_read_and_gets_the_table_for_them() {
    let folder = tempdir().unwrap();
    let store = shop(folder.path()).await;
    change(&store, vec![see(&[seen("pay", A)])]).await;
    store.finish().await.unwrap();
    let db = rusqlite::Connection::open(folder.path().join("audit.db")).unwrap();
    db.execute_batch("DROP TABLE gone").unwrap();
    drop(db);
    assert!(!is_gone(folder.path(), "pay"));
    let store = open(folder.path());
    change(&store, vec![miss(&["pay"])]).await;
    assert!(is_gone(folder.path(), "pay"));
}
