//! Requests to a protected server: once more after a 401, and never a third time.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::{Method, StatusCode};
use tempfile::TempDir;
use toolgate_store::{Options, Store};
use toolgate_testkit::{Authority, CONFIDENTIAL};

use super::Target;
use crate::options::{AuthFlow, AuthSpec};
use crate::options::{Header, SecretSource};
use crate::options::{Transport, UrlSpec};
use crate::upstream::auth::Vault;

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#;

struct Rig {
    authority: Authority,
    vault: Vault,
    spec: UrlSpec,
    _folder: TempDir,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        drop(Store::open(&state, Options::default()).unwrap());
        let secret = folder.path().join("secret");
        std::fs::write(&secret, CONFIDENTIAL.1).unwrap();
        let authority = Authority::start().await;
        let auth = AuthSpec {
            flow: AuthFlow::ClientCredentials,
            client_id: Some(CONFIDENTIAL.0.to_owned()),
            client_secret: Some(SecretSource::File(secret)),
            scope: None,
            issuer: None,
            token_url: None,
        };
        let (url, headers) = (authority.url.clone(), Vec::new());
        let spec = UrlSpec { url, headers, auth: Some(auth), transport: Transport::Http };
        Self { authority, vault: Vault::new(state, None), spec, _folder: folder }
    }

    fn target(&self) -> Target {
        Target::new("web", &self.spec, &self.vault).unwrap()
    }

    /// The statuses of all requests to the MCP server.
    fn statuses(&self) -> Vec<u16> {
        let seen = self.authority.seen();
        seen.iter().filter(|seen| seen.path == "/mcp").map(|seen| seen.status).collect()
    }
}

async fn call(target: &Target) -> Result<StatusCode, String> {
    let sent = target.send(Method::POST, HeaderMap::new(), Bytes::from_static(CALL.as_bytes()));
    sent.await.map(|response| response.status()).map_err(|error| error.text())
}

#[tokio::test]
async fn a_401_is_followed_by_one_request_that_is_executed_once() {
    let rig = Rig::new().await;
    let target = rig.target();
    assert_eq!(call(&target).await, Ok(StatusCode::OK));
    assert_eq!(rig.statuses(), [401, 200]);
    assert_eq!(call(&target).await, Ok(StatusCode::OK));
    rig.authority.expire();
    assert_eq!(call(&target).await, Ok(StatusCode::OK));
    assert_eq!(rig.statuses(), [401, 200, 200, 401, 200]);
}

#[tokio::test]
async fn grants_share_one_token_of_a_server() {
    let rig = Rig::new().await;
    let one = rig.target();
    for _ in 0..3 {
        assert_eq!(call(&one.clone()).await, Ok(StatusCode::OK));
    }
    assert_eq!(rig.authority.count("/token"), 1);
}

#[tokio::test]
async fn a_server_that_takes_no_token_is_not_asked_a_third_time() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.takes_none = true);
    let target = rig.target();
    assert_eq!(call(&target).await, Ok(StatusCode::UNAUTHORIZED));
    assert_eq!(rig.statuses(), [401, 401]);
    for _ in 0..10 {
        let text = call(&target).await.unwrap_err();
        assert!(text.contains("no credential for this server"), "{text}");
    }
    assert_eq!(rig.authority.count("/token"), 1);
    assert_eq!(rig.statuses().len(), 12);
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent() {
    let mut rig = Rig::new().await;
    let person = AuthSpec {
        flow: AuthFlow::AuthorizationCode,
        client_id: None,
        client_secret: None,
        scope: None,
        issuer: None,
        token_url: None,
    };
    rig.spec.auth = Some(person);
    let text = call(&rig.target()).await.unwrap_err();
    assert!(text.contains("a person must log in"), "{text}");
    assert!(rig.authority.seen().is_empty());
}

#[tokio::test]
async fn only_our_own_authorization_is_carried() {
    let rig = Rig::new().await;
    let target = rig.target();
    let mut foreign = HeaderMap::new();
    foreign.insert(AUTHORIZATION, "Bearer of-the-client".parse().unwrap());
    call(&target).await.unwrap();
    let sent = target.send(Method::POST, foreign, Bytes::from_static(CALL.as_bytes())).await;
    assert_eq!(sent.unwrap().status(), StatusCode::OK);
    for seen in rig.authority.seen() {
        assert!(seen.headers.iter().all(|(_, value)| !value.contains("of-the-client")), "{seen:?}");
        let count = seen.headers.iter().filter(|(name, _)| name == "authorization").count();
        assert!(count <= 1, "{seen:?}");
    }
}

#[tokio::test]
async fn a_header_and_a_token_cannot_both_be_the_authorization() {
    let mut rig = Rig::new().await;
    let name = "authorization".to_owned();
    rig.spec.headers = vec![Header { name, source: SecretSource::Env("PATH".to_owned()) }];
    let refused = Target::new("web", &rig.spec, &rig.vault).unwrap_err();
    assert!(refused.text.contains("keep one of them"), "{}", refused.text);
}

#[tokio::test]
async fn fifty_calls_at_once_bring_one_token_and_are_executed_once_each() {
    let rig = Rig::new().await;
    let target = Arc::new(rig.target());
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let target = Arc::clone(&target);
            tokio::spawn(async move { call(&target).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(StatusCode::OK));
    }
    let statuses = rig.statuses();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 50);
    assert_eq!(rig.authority.count("/token"), 1);
}
