//! What scans leave behind: each state of a server once, bounded, and told in the log.

use std::path::Path;

use tempfile::tempdir;
use toolgate_store::{
    Act, ChangeError, DirectoryReader, Kind, Log, NewSurvey, Store, Survey, SurveyTool,
};

use crate::common::open;

fn tool(name: &str, version: u8) -> SurveyTool {
    SurveyTool {
        name: name.to_owned(),
        fingerprint: [version; 32],
        definition: Some(format!("{{\"v\":{version}}}")),
        verdict: "{\"category\":\"Read\"}".to_owned(),
    }
}

fn survey(tools: &[SurveyTool]) -> NewSurvey {
    NewSurvey {
        server: "shop".to_owned(),
        reached: "npx my-shop".to_owned(),
        facts: "{}".to_owned(),
        tools: tools.to_vec(),
    }
}

async fn record(store: &Store, new: NewSurvey) {
    store.change(vec![Act::RecordSurvey(new)], "test").await.unwrap();
}

fn surveys(path: &Path) -> Vec<Survey> {
    DirectoryReader::open(path).unwrap().surveys(Some("shop")).unwrap()
}

fn tools(path: &Path, survey: &Survey) -> Vec<SurveyTool> {
    DirectoryReader::open(path).unwrap().surveyed(survey.id).unwrap()
}

fn told(path: &Path) -> Vec<(String, String)> {
    let log = Log::open(path).unwrap();
    let changed = log.entries(1).filter_map(|entry| match entry.unwrap().kind {
        Kind::Changed(changed) => Some((changed.code, changed.text)),
        _ => None,
    });
    changed.collect()
}

#[tokio::test]
async fn the_same_again_is_counted_and_not_kept_again() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let new = survey(&[tool("pay", 1), tool("ask", 2)]);
    record(&store, new.clone()).await;
    record(&store, new.clone()).await;
    let kept = surveys(folder.path());
    assert_eq!((kept.len(), kept[0].times, kept[0].tools), (1, 2, 2));
    assert!(kept[0].last_ms >= kept[0].first_ms);
    assert_eq!(tools(folder.path(), &kept[0]), new.tools);
    assert_eq!(told(folder.path()).len(), 1);
}

#[tokio::test]
async fn every_other_state_is_kept_and_told() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    record(&store, survey(&[tool("pay", 1), tool("ask", 2)])).await;
    record(&store, survey(&[tool("pay", 3), tool("tell", 4)])).await;
    record(&store, survey(&[tool("pay", 1), tool("ask", 2)])).await;
    let kept = surveys(folder.path());
    assert_eq!(kept.len(), 3);
    assert_eq!(tools(folder.path(), &kept[0]), tools(folder.path(), &kept[2]));
    let told = told(folder.path());
    assert_eq!(told[0].1, "2 tools, seen for the first time");
    let text = "2 tools; 1 new: `tell`; 1 changed: `pay`; 1 gone: `ask`";
    assert_eq!(told[1], ("server_scanned".to_owned(), text.to_owned()));
}

#[tokio::test]
async fn old_states_go_and_take_only_their_own_definitions() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for version in 0..40 {
        record(&store, survey(&[tool("stays", 100), tool("moves", version)])).await;
    }
    let kept = surveys(folder.path());
    assert_eq!(kept.len(), 32);
    for one in &kept {
        assert!(tools(folder.path(), one).iter().all(|tool| tool.definition.is_some()));
    }
    assert!(tools(folder.path(), &Survey { id: 1, ..kept[0].clone() }).is_empty());
    drop(store);
    let database = rusqlite::Connection::open(folder.path().join("audit.db")).unwrap();
    let count = |table: &str| -> u64 {
        database.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
    };
    assert_eq!((count("definition"), count("surveyed")), (33, 64));
}

#[tokio::test]
async fn what_is_too_much_is_refused_or_known_by_its_fingerprint_only() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let long = "x".repeat(SurveyTool::DEFINITION_BYTES_MAX + 1);
    record(&store, survey(&[SurveyTool { definition: Some(long), ..tool("pay", 1) }])).await;
    assert_eq!(tools(folder.path(), &surveys(folder.path())[0])[0].definition, None);
    let flood = vec![tool("pay", 1); NewSurvey::TOOLS_MAX + 1];
    let refused = store.change(vec![Act::RecordSurvey(survey(&flood))], "test").await;
    let Err(ChangeError::Rejected(why)) = refused else { panic!("{refused:?}") };
    assert!(why.to_string().contains("10001 tools"), "{why}");
}

#[tokio::test]
async fn what_is_forgotten_is_gone_and_nobody_else_with_it() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    record(&store, survey(&[tool("pay", 1)])).await;
    record(&store, NewSurvey { server: "bank".to_owned(), ..survey(&[tool("pay", 1)]) }).await;
    let forget = || Act::ForgetSurveys { server: "shop".to_owned() };
    store.change(vec![forget()], "test").await.unwrap();
    assert_eq!(surveys(folder.path()), []);
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let bank = reader.surveys(Some("bank")).unwrap();
    assert!(reader.surveyed(bank[0].id).unwrap()[0].definition.is_some());
    assert!(store.change(vec![forget()], "test").await.is_err());
}
