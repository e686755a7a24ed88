//! Servers, policies and grants: changed in one transaction with the log, seen by everybody.

use std::path::Path;
use std::sync::Arc;

use tempfile::tempdir;
use toolgate_policy::Caller;
use toolgate_store::{
    Act, Admission, ChangeError, Directory, DirectoryReader, Facts, Intent, Kind, Log, NewGrant,
    Origin, SeenTool, Server, Store, Token,
};

use crate::common::{denied, facts, open};

fn put_server(name: &str) -> Act {
    Act::PutServer(Server::of_cli(name, r#"{"url":"http://127.0.0.1:1"}"#))
}

fn put_policy(name: &str, text: &str) -> Act {
    Act::PutPolicy { name: name.to_owned(), text: text.to_owned() }
}

fn new_grant(name: &str, server: &str, token: &Token) -> NewGrant {
    NewGrant {
        name: name.to_owned(),
        issuer: "local".to_owned(),
        subject: name.to_owned(),
        servers: vec![server.to_owned()],
        policy: Some("p".to_owned()),
        token: Some(token.hash()),
        expires_ms: None,
    }
}

fn read(path: &Path) -> Directory {
    DirectoryReader::open(path).unwrap().read().unwrap()
}

async fn rejected(store: &Store, act: Act) -> String {
    match store.change(vec![act], "test").await {
        Err(ChangeError::Rejected(why)) => why.to_string(),
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn a_grant_with_its_policy_and_server_is_read_back() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let token = Token::random().unwrap();
    let acts = vec![
        put_server("shop"),
        put_policy("p", "default: deny"),
        Act::AddGrant(new_grant("ann", "shop", &token)),
    ];
    let seq = store.change(acts, "test").await.unwrap();
    let directory = read(folder.path());
    assert_eq!(directory.seq, seq);
    let grant = &directory.grants["ann"];
    assert_eq!(grant.servers, ["shop"]);
    assert_eq!(grant.token, Some(token.hash()));
    assert_eq!(directory.policies["p"].revision, 1);
    assert!(grant.is_live(grant.created_ms));
}

#[tokio::test]
async fn every_change_is_in_the_log_with_who_made_it() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    store.change(vec![put_server("shop"), put_policy("p", "a")], "uid 7").await.unwrap();
    store.finish().await.unwrap();
    let log = Log::open(folder.path()).unwrap();
    let told: Vec<_> = log
        .entries(1)
        .filter_map(|entry| match entry.unwrap().kind {
            Kind::Changed(changed) => Some((changed.code, changed.subject, changed.by)),
            _ => None,
        })
        .collect();
    let one = |code: &str, subject: &str| (code.to_owned(), subject.to_owned(), "uid 7".to_owned());
    assert_eq!(told, [one("server_added", "shop"), one("policy_put", "p")]);
    assert!(log.verify(None).holds());
}

#[tokio::test]
async fn acts_that_belong_together_are_done_together_or_not_at_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let token = Token::random().unwrap();
    let acts = vec![put_policy("p", "text"), Act::AddGrant(new_grant("ann", "nowhere", &token))];
    let failed = store.change(acts, "test").await;
    assert!(matches!(failed, Err(ChangeError::Rejected(_))), "{failed:?}");
    assert_eq!(read(folder.path()), Directory::default());
    // The transaction goes on for others.
    store.change(vec![put_server("shop")], "test").await.unwrap();
    assert_eq!(read(folder.path()).servers.len(), 1);
}

#[tokio::test]
async fn a_call_decided_before_a_change_is_not_admitted_even_if_another_process_made_it() {
    let folder = tempdir().unwrap();
    let (gateway, other) = (open(folder.path()), open(folder.path()));
    let seq = other.change(vec![put_server("shop")], "test").await.unwrap();
    let facts = |seq| Facts { directory: Some(seq), ..facts("pay") };
    let intent =
        |seq| Intent { facts: facts(seq), charges: Vec::new(), approval: None, shadow: None };
    assert!(matches!(gateway.admit(intent(seq)).await.unwrap(), Admission::Admitted(_)));
    let later = other.change(vec![put_policy("p", "text")], "test").await.unwrap();
    assert!(matches!(gateway.admit(intent(seq)).await.unwrap(), Admission::Stale));
    assert_eq!(gateway.refuse(facts(seq), denied()).await.unwrap(), None);
    assert!(matches!(gateway.admit(intent(later)).await.unwrap(), Admission::Admitted(_)));
}

/// Else a server that flaps would have every call of everybody decided again.
#[tokio::test]
async fn a_change_of_one_servers_tools_makes_no_call_at_another_out_of_date() {
    let folder = tempdir().unwrap();
    let (gateway, other) = (open(folder.path()), open(folder.path()));
    let seq = other.change(vec![put_server("shop"), put_server("web")], "test").await.unwrap();
    let facts = |server: &str, seq| {
        let facts = facts("pay");
        let caller = Caller { server: server.to_owned(), ..(*facts.caller).clone() };
        Facts { caller: Arc::new(caller), directory: Some(seq), ..facts }
    };
    let admitted = async |server: &str, seq| {
        let intent =
            Intent { facts: facts(server, seq), charges: Vec::new(), approval: None, shadow: None };
        matches!(gateway.admit(intent).await.unwrap(), Admission::Admitted(_))
    };
    let (name, definition, in_place_of) = ("pay".to_owned(), None, None);
    let tool = SeenTool { name, fingerprint: [1; 32], definition, in_place_of };
    let see = Act::SeeTools { server: "web".to_owned(), tools: vec![tool] };
    let later = other.change(vec![see], "test").await.unwrap();
    assert!(later > seq);
    assert_eq!((admitted("shop", seq).await, admitted("web", seq).await), (true, false));
    assert_eq!((admitted("shop", later).await, admitted("web", later).await), (true, true));
    other.change(vec![put_policy("p", "text")], "test").await.unwrap();
    assert!(!admitted("shop", later).await);
    // A process that comes later is no less strict.
    drop(gateway);
    let gateway = open(folder.path());
    let intent =
        Intent { facts: facts("shop", seq), charges: Vec::new(), approval: None, shadow: None };
    assert!(matches!(gateway.admit(intent).await.unwrap(), Admission::Stale));
}

#[tokio::test]
async fn what_the_config_file_keeps_the_command_line_cannot_change() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let sync = |names: &[&str]| {
        let servers = names.iter().map(|name| ((*name).to_owned(), "{}".to_owned())).collect();
        vec![Act::SyncServers { servers }]
    };
    store.change(sync(&["shop", "web"]), "config").await.unwrap();
    store.change(vec![put_server("own")], "cli").await.unwrap();
    assert!(rejected(&store, put_server("shop")).await.contains("belongs to the config file"));
    let remove = Act::RemoveServer { name: "web".to_owned() };
    assert!(rejected(&store, remove).await.contains("belongs to the config file"));
    store.change(sync(&["web"]), "config").await.unwrap();
    let directory = read(folder.path());
    let left: Vec<_> = directory.servers.values().map(|s| (s.name.as_str(), s.origin)).collect();
    assert_eq!(left, [("own", Origin::Cli), ("web", Origin::Config)]);
}

#[tokio::test]
async fn a_policy_rolls_back_to_an_older_text_as_a_new_revision() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for text in ["a", "b", "b"] {
        store.change(vec![put_policy("p", text)], "test").await.unwrap();
    }
    let back = |revision| Act::RollbackPolicy { name: "p".to_owned(), revision };
    store.change(vec![back(1)], "test").await.unwrap();
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let texts: Vec<_> = reader.revisions("p").unwrap().into_iter().map(|p| p.text).collect();
    assert_eq!(texts, ["a", "b", "a"]);
    assert!(rejected(&store, back(9)).await.contains("no revision 9"));
}

/// Of two who began with one revision, the second is stopped, whichever way it went between them.
#[tokio::test]
async fn a_policy_is_changed_only_from_the_revision_that_was_expected() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let expect = |revision| Act::ExpectPolicy { name: "p".to_owned(), revision };
    store.change(vec![expect(0), put_policy("p", "a")], "test").await.unwrap();
    let late = store.change(vec![expect(0), put_policy("p", "b")], "test").await.unwrap_err();
    assert!(late.to_string().contains("at revision 1, not 0"), "{late}");
    let late = store.change(vec![put_policy("p", "b"), expect(1)], "test").await;
    assert!(late.is_err());
    store.change(vec![expect(1), put_policy("p", "c")], "test").await.unwrap();
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let texts: Vec<_> = reader.revisions("p").unwrap().into_iter().map(|p| p.text).collect();
    assert_eq!(texts, ["a", "c"]);
}

#[tokio::test]
async fn a_revoked_grant_has_no_token_and_cannot_be_rotated() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let token = Token::random().unwrap();
    let add = Act::AddGrant(new_grant("ann", "shop", &token));
    store.change(vec![put_server("shop"), put_policy("p", "a"), add.clone()], "t").await.unwrap();
    assert!(rejected(&store, add.clone()).await.contains("already"));
    store.change(vec![Act::RevokeGrant { name: "ann".to_owned() }], "t").await.unwrap();
    let grant = read(folder.path()).grants["ann"].clone();
    assert_eq!((grant.token, grant.is_live(0)), (None, false));
    let rotate = Act::RotateToken { grant: "ann".to_owned(), token: token.hash() };
    assert!(rejected(&store, rotate).await.contains("revoked"));
    store.change(vec![add], "t").await.unwrap();
    assert!(read(folder.path()).grants["ann"].is_live(0));
}

#[tokio::test]
async fn a_log_of_the_first_format_gets_a_directory() {
    let folder = tempdir().unwrap();
    open(folder.path()).finish().await.unwrap();
    let db = rusqlite::Connection::open(folder.path().join("audit.db")).unwrap();
    db.execute_batch(
        r#"DROP TABLE directory; DROP TABLE server; DROP TABLE policy; DROP TABLE "grant";
           DROP TABLE grant_server; PRAGMA user_version = 1;"#,
    )
    .unwrap();
    drop(db);
    let store = open(folder.path());
    store.change(vec![put_server("shop")], "test").await.unwrap();
    assert_eq!(read(folder.path()).servers.len(), 1);
    assert!(Log::open(folder.path()).unwrap().verify(None).holds());
}
