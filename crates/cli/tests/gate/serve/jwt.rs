//! Tokens that an issuer signed, and what they open.

use serde_json::{Value, json};
use toolgate_testkit::{Issuer, Web};

use crate::rig::{GUARDED, Rig, Serving, hello, text};

pub(super) const AUDIENCE: &str = "https://gw.example/mcp";

/// Grants `dev` and `bob`, given by claims.
pub(super) async fn serving(issuer: &Issuer) -> Serving {
    serving_with(issuer, json!({})).await
}

/// With these settings besides.
pub(super) async fn serving_with(issuer: &Issuer, more: Value) -> Serving {
    let rig = Rig::new(GUARDED);
    let jwt = json!({"issuer": issuer.url, "audience": AUDIENCE, "grants": [
        {"claim": "groups", "contains": "developers", "grant": "dev"},
        {"claim": "sub", "equals": "bob", "grant": "bob"}]});
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let mut settings = json!({"servers": servers, "hosts": ["gw.example"], "auth": {"jwt": jwt}});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let serving = Serving::start_with(rig, settings).await;
    serving.grant("dev", &["a"]);
    serving.grant("bob", &["a"]);
    serving
}

pub(super) fn developer(issuer: &Issuer, subject: &str) -> Value {
    let mut claims = issuer.claims(AUDIENCE, subject);
    claims["groups"] = json!(["people", "developers"]);
    claims
}

#[tokio::test]
async fn claims_give_grants_and_the_record_names_the_principal() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let token = issuer.token(algorithm, &developer(&issuer, "ann"));
        let web = serving.web("a", &token);
        web.open().await;
        assert_eq!(text(&web.call("echo", json!({"message": algorithm})).await), algorithm);
    }
    let token = issuer.token("ES256", &issuer.claims(AUDIENCE, "bob"));
    let web = serving.web("a", &token);
    web.open().await;
    web.call("echo", json!({"message": "x"})).await;
    let log = serving.rig.log();
    let opened: Vec<_> = log.iter().filter(|entry| entry["kind"] == "opened").collect();
    let text = serde_json::to_string(&opened).unwrap();
    assert_eq!(opened.len(), 4, "{log:?}");
    assert!(text.contains(&issuer.url) && text.contains("\"ann\"") && text.contains("\"bob\""));
    // Nobody was let in on the strength of one fetch for each request.
    assert_eq!(issuer.asked(), 1);
}

/// A session belongs to who opened it, not to the grant that two people share.
#[tokio::test]
async fn two_principals_of_one_grant_share_no_session() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let [ann, eve] = ["ann", "eve"].map(|who| issuer.token("ES256", &developer(&issuer, who)));
    let web = serving.web("a", &ann);
    web.open().await;
    let session = web.session().unwrap();
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let foreign = serving.web("a", &eve).post(ping, &[("mcp-session-id", &session)]).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn new_keys_are_found_and_old_ones_are_worth_nothing() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let old = issuer.token("RS256", &developer(&issuer, "ann"));
    serving.web("a", &old).open().await;
    issuer.rotate();
    let new = issuer.token("RS256", &developer(&issuer, "ann"));
    serving.web("a", &new).open().await;
    assert_eq!(serving.web("a", &old).post(hello(), &[]).await.status, 401);
    // Tokens with keys that nobody knows do not make us ask without end.
    for round in 0..50 {
        let header = json!({"alg": "RS256", "kid": format!("k{round}")});
        let token = issuer.sign("RS256", &header, &developer(&issuer, "ann"));
        assert_eq!(serving.web("a", &token).post(hello(), &[]).await.status, 401);
    }
    assert!(issuer.asked() <= 8, "{}", issuer.asked());
    serving.web("a", &new).open().await;
}

#[tokio::test]
async fn a_grant_that_is_revoked_is_nothing_to_a_valid_token() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let token = issuer.token("ES256", &developer(&issuer, "ann"));
    serving.web("a", &token).open().await;
    serving.json(&["grant", "revoke", "dev"]);
    while serving.web("a", &token).post(hello(), &[]).await.status != 403 {
        tokio::task::yield_now().await;
    }
    let nobody = issuer.token("ES256", &issuer.claims(AUDIENCE, "carl"));
    assert_eq!(serving.web("a", &nobody).post(hello(), &[]).await.status, 403);
}

/// RFC 9728: the resource is what the client dialled.
#[tokio::test]
async fn clients_are_told_where_tokens_come_from() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let reply = Web::new(format!("{}/mcp/a", serving.gateway.url)).post(hello(), &[]).await;
    let told = reply.header("www-authenticate").unwrap().to_owned();
    let path = "/.well-known/oauth-protected-resource";
    let url = &serving.gateway.url;
    assert_eq!(told, format!("Bearer resource_metadata=\"{url}{path}/mcp/a\""));
    let metadata = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    for (place, resource) in [("", "/mcp"), ("/mcp", "/mcp"), ("/mcp/a", "/mcp/a")] {
        let (status, text) = serving.page(&format!("{path}{place}")).await;
        let told = metadata(text);
        assert_eq!((status, &told["resource"]), (200, &json!(format!("{url}{resource}"))));
        assert_eq!(told["authorization_servers"], json!([issuer.url]));
    }
    let web = Web::new(format!("{url}{path}"));
    let named = web.send(hyper::Method::GET, &[("host", "gw.example")], "").await.unwrap();
    assert_eq!(named.json().await["resource"], "https://gw.example/mcp");
    let static_only = Serving::start(Rig::new(GUARDED), json!({})).await;
    assert_eq!(static_only.page(path).await.0, 404);
}
