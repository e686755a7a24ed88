//! Accounts of those who watch and approve: kept as a hash, ended at once, never a grant's.

use tempfile::tempdir;
use toolgate_store::{
    Account, Act, ChangeError, DirectoryReader, Kind, Log, NewAccount, Power, Role, Server, Store,
    Token, TokenHash, TokenKind,
};

use crate::common::open;

fn add(name: &str, role: Role, token: &Token) -> Act {
    Act::AddAccount(NewAccount {
        name: name.to_owned(),
        role,
        servers: Vec::new(),
        token: token.hash(),
    })
}

fn token() -> Token {
    Token::random_of(TokenKind::Account).unwrap()
}

fn revoke(name: &str) -> Act {
    Act::RevokeAccount { name: name.to_owned() }
}

async fn rejected(store: &Store, act: Act) -> String {
    match store.change(vec![act], "test").await {
        Err(ChangeError::Rejected(why)) => why.to_string(),
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn an_account_is_found_by_its_token_until_it_is_revoked() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let (first, second) = (token(), token());
    store.change(vec![add("ann", Role::Approver, &first)], "test").await.unwrap();
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let found = |token: &Token| reader.account_of(token.hash()).unwrap();
    let account = found(&first).unwrap();
    assert_eq!((account.name.as_str(), account.role), ("ann", Role::Approver));
    assert!(found(&second).is_none());
    store.change(vec![revoke("ann")], "test").await.unwrap();
    assert!(found(&first).is_none());
    let Account { revoked_ms, token, .. } = reader.account("ann").unwrap().unwrap();
    assert!(revoked_ms.is_some() && token.is_none());
    // The name is free again; the old token stays worth nothing.
    store.change(vec![add("ann", Role::Viewer, &second)], "test").await.unwrap();
    assert!(found(&first).is_none());
    assert_eq!(found(&second).unwrap().role, Role::Viewer);
}

#[tokio::test]
async fn what_cannot_be_done_to_accounts_says_why_and_changes_nothing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    store.change(vec![add("ann", Role::Admin, &token())], "test").await.unwrap();
    let again = rejected(&store, add("ann", Role::Viewer, &token())).await;
    assert!(again.contains("`toolgate account revoke ann`"), "{again}");
    let unknown = rejected(&store, revoke("bob")).await;
    assert!(unknown.contains("`toolgate account list`"), "{unknown}");
    store.change(vec![revoke("ann")], "test").await.unwrap();
    assert_eq!(rejected(&store, revoke("ann")).await, "account `ann` is revoked already");
    let accounts = DirectoryReader::open(folder.path()).unwrap().accounts().unwrap();
    assert_eq!(accounts.len(), 1);
}

#[tokio::test]
async fn every_change_of_accounts_is_in_the_log_without_the_token() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let token = token();
    store.change(vec![add("ann", Role::Approver, &token)], "uid 7").await.unwrap();
    store.change(vec![revoke("ann")], "uid 7").await.unwrap();
    store.finish().await.unwrap();
    let log = Log::open(folder.path()).unwrap();
    let entries = log.entries(1).collect::<Result<Vec<_>, _>>().unwrap();
    let changed = entries.iter().filter_map(|entry| match &entry.kind {
        Kind::Changed(changed) => Some(changed),
        _ => None,
    });
    let told: Vec<_> = changed
        .map(|change| (change.code.as_str(), change.subject.as_str(), change.by.as_str()))
        .collect();
    assert_eq!(told, [("account_added", "ann", "uid 7"), ("account_revoked", "ann", "uid 7")]);
    assert!(entries.iter().all(|entry| !entry.to_json().contains(token.as_str())));
}

#[tokio::test]
async fn a_role_at_named_servers_counts_there_and_nowhere_else() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let part = |role, servers: &[&str]| {
        let servers = servers.iter().map(|name| (*name).to_owned()).collect();
        Act::SetRole { name: "ann".to_owned(), role, servers }
    };
    let shop = Act::PutServer(Server::of_cli("shop", "{}"));
    store.change(vec![shop, add("ann", Role::Admin, &token())], "test").await.unwrap();
    store.change(vec![part(Role::Approver, &["shop"])], "test").await.unwrap();
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let account = reader.account("ann").unwrap().unwrap();
    assert_eq!((account.role, &*account.servers), (Role::Approver, &["shop".to_owned()][..]));
    assert!(account.may_at(Power::Answer, "shop") && account.may_at(Power::Look, "web"));
    assert!(!account.may_at(Power::Answer, "web") && !account.may_at(Power::Edit, "shop"));
    assert!(rejected(&store, part(Role::Approver, &["nowhere"])).await.contains("nowhere"));
    assert!(rejected(&store, part(Role::Viewer, &["shop"])).await.contains("viewer"));
    store.change(vec![part(Role::Approver, &[])], "test").await.unwrap();
    assert!(reader.account("ann").unwrap().unwrap().may_at(Power::Answer, "web"));
}

#[tokio::test]
async fn a_password_goes_with_its_account() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let set =
        |hash: &str| Act::SetPassword { name: "ann".to_owned(), password: Some(hash.to_owned()) };
    assert!(rejected(&store, set("x")).await.contains("no account"));
    store.change(vec![add("ann", Role::Admin, &token()), set("hash-1")], "test").await.unwrap();
    let reader = DirectoryReader::open(folder.path()).unwrap();
    assert_eq!(reader.password_of("ann").unwrap().as_deref(), Some("hash-1"));
    store.change(vec![revoke("ann")], "test").await.unwrap();
    assert_eq!(reader.password_of("ann").unwrap(), None);
    // Somebody new of the same name has none either.
    store.change(vec![add("ann", Role::Viewer, &token())], "test").await.unwrap();
    assert_eq!(reader.password_of("ann").unwrap(), None);
    let log = Log::open(folder.path()).unwrap();
    let told: Vec<_> = log.entries(1).map(|entry| entry.unwrap().to_json()).collect();
    assert!(told.iter().any(|line| line.contains("account_password")));
    assert!(!told.concat().contains("hash-1"));
}

/// One kind of token opens nothing that the other is for.
#[test]
fn tokens_say_of_which_kind_they_are() {
    let (account, grant) = (token(), Token::random().unwrap());
    assert_eq!(TokenKind::of(account.as_str()), Some(TokenKind::Account));
    assert_eq!(TokenKind::of(grant.as_str()), Some(TokenKind::Grant));
    assert!(TokenHash::of_candidate(account.as_str()).is_none());
    assert!(TokenHash::of_candidate(grant.as_str()).is_some());
    for other in ["", "tga_", "tgt_00", "ghp_x"] {
        assert_eq!(TokenKind::of(other), None, "{other}");
    }
}
