//! Grants: made, looked at, changed and ended at the console.

use std::time::Duration;

use serde_json::json;
use toolgate_testkit::{GUARD, Web};

use super::desk::{Browser, Desk, body, nonce};
use crate::rig::hello;

const LIMITED: &str = "\
version: \"1\"
default: deny
tools: {echo: {limits: [{counter: echoes, window: hour, max: 5}]}, add: {require_approval: true}}
";

/// Fills in the form of a page that posts to `path`.
async fn post(browser: &Browser, page: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let (_, shown) = browser.page(page).await;
    let own = [("nonce", &*nonce(&shown, path))];
    body(browser.post(path, &[&own, fields].concat()).await).await
}

fn token_in(page: &str) -> String {
    let (_, rest) =
        page.split_once("aria-label=\"The token\">").unwrap_or_else(|| panic!("{page}"));
    rest.split('<').next().unwrap().to_owned()
}

/// The gateway follows a change of the directory within a moment; no call passes in between.
async fn until_refused(web: &Web) {
    let refused = async {
        while web.post(hello(), &[]).await.status != 401 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(GUARD, refused).await.unwrap();
}

#[tokio::test]
async fn a_minted_token_opens_its_server_and_is_shown_on_that_answer_alone() {
    let desk = Desk::open(LIMITED).await;
    let browser = desk.signed_in("ann", "admin").await;
    let address = "https://gate.example:8480/";
    let fields = [
        ("name", "ci"),
        ("principal", "build"),
        ("server", "a"),
        ("policy", "agent"),
        ("lifetime", "30d"),
        ("address", address),
    ];
    let (status, page) = post(&browser, "/grants", "/grants", &fields).await;
    assert_eq!(status, 200, "{page}");
    let token = token_in(&page);
    assert!(page.contains("https://gate.example:8480/mcp/a"), "{page}");
    for client in
        ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "Codex", "Gemini CLI", "Windsurf"]
    {
        assert!(page.contains(&format!("<summary>{client} ")), "{client}");
    }
    let web = desk.serving.web("a", &token);
    assert_eq!(web.post(hello(), &[]).await.status, 200);
    for path in ["/grants", "/grants/ci"] {
        let (status, page) = browser.page(path).await;
        assert!(status == 200 && page.contains("local:build"), "{page}");
        assert!(!page.contains(&token), "{page}");
    }
    let log = desk.serving.rig.log();
    let added = log.iter().rfind(|entry| entry["subject"] == "ci").unwrap();
    assert_eq!((&added["code"], &added["by"]), (&json!("grant_added"), &json!("account:ann")));
    assert!(!serde_json::to_string(&log).unwrap().contains(&token));
}

#[tokio::test]
async fn rotating_and_revoking_reach_connections_that_are_open() {
    let desk = Desk::open(LIMITED).await;
    let browser = desk.signed_in("ann", "admin").await;
    let old = desk.agent().await;
    let (status, page) = post(&browser, "/grants/agent", "/grants/agent/rotate", &[]).await;
    assert_eq!(status, 200, "{page}");
    until_refused(&old).await;
    let new = desk.serving.web("a", &token_in(&page));
    assert_eq!(new.post(hello(), &[]).await.status, 200);
    let (status, _) = post(&browser, "/grants/agent", "/grants/agent/revoke", &[]).await;
    assert_eq!(status, 303);
    until_refused(&new).await;
    let (_, page) = browser.page("/grants/agent").await;
    assert!(page.contains("revoked") && !page.contains("/grants/agent/rotate"), "{page}");
}

#[tokio::test]
async fn what_is_left_of_a_limit_is_told() {
    let desk = Desk::open(LIMITED).await;
    let browser = desk.signed_in("ann", "viewer").await;
    let agent = desk.agent().await;
    agent.request("tools/list", json!({})).await;
    for _ in 0..2 {
        agent.call("echo", json!({"message": "x"})).await;
    }
    let (_, page) = browser.page("/grants/agent").await;
    assert!(page.contains("<bdi>echoes</bdi>") && page.contains("3 of 5 calls"), "{page}");
    assert!(page.contains("a person's approval") || page.contains("a person&#39;s approval"));
    assert!(!page.contains("none in the newest"), "{page}");
}

#[tokio::test]
async fn only_admins_change_grants_and_others_see_no_form() {
    let desk = Desk::open(LIMITED).await;
    for role in ["viewer", "approver", "editor"] {
        let browser = desk.signed_in(role, role).await;
        for path in ["/grants", "/grants/agent"] {
            let (status, page) = browser.page(path).await;
            assert_eq!(status, 200);
            assert_eq!(page.matches("<form").count(), 1, "only the one that signs out: {page}");
        }
        for path in ["/grants", "/grants/agent/revoke", "/grants/agent/rotate"] {
            assert_eq!(browser.post(path, &[("name", "x")]).await.status, 403, "{role} {path}");
        }
    }
    let admin = desk.signed_in("ann", "admin").await;
    for path in ["/grants", "/grants/agent/revoke", "/grants/agent/rotate"] {
        assert_eq!(admin.post(path, &[("name", "x"), ("server", "a")]).await.status, 403, "{path}");
    }
    assert_eq!(desk.agent().await.post(hello(), &[]).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_a_grant_is_refused_and_nothing_is_made() {
    let desk = Desk::open(LIMITED).await;
    let browser = desk.signed_in("ann", "admin").await;
    let usual: [(&str, &str); 3] = [("name", "x"), ("server", "a"), ("policy", "agent")];
    for (field, value, status) in [
        ("name", "", 400),
        ("name", "two words", 400),
        ("name", "agent", 409),
        ("server", "nowhere", 409),
        ("policy", "none-such", 409),
        ("lifetime", "soon", 400),
        ("address", "javascript:alert(1)", 400),
        ("address", "http://x\" -H \"y", 400),
    ] {
        let mut fields: Vec<_> = usual.iter().copied().filter(|(name, _)| *name != field).collect();
        fields.push((field, value));
        let (got, page) = post(&browser, "/grants", "/grants", &fields).await;
        assert_eq!(got, status, "{field}={value}: {page}");
        assert!(!page.contains("tgt_"), "{page}");
    }
    let listed = desk.serving.json(&["grant", "list"]);
    assert_eq!(listed["grants"].as_array().unwrap().len(), 1, "{listed}");
}

#[tokio::test]
async fn programs_do_all_of_it_too() {
    let desk = Desk::open(LIMITED).await;
    let program = desk.program(&desk.account("ann", "admin"));
    let made = r#"{"name":"ci","servers":["a"],"policy":"agent","lifetime":"12h"}"#;
    let (status, told) = program.post("/api/v1/grants", made).await;
    assert_eq!(status, 201, "{told}");
    let old = told["token"].as_str().unwrap().to_owned();
    let (status, told) = program.post("/api/v1/grants/ci/rotate", "").await;
    assert_eq!(status, 200, "{told}");
    until_refused(&desk.serving.web("a", &old)).await;
    let (_, shown) = program.get("/api/v1/grants/ci").await;
    assert_eq!((&shown["policy"], &shown["servers"]), (&json!("agent"), &json!(["a"])));
    assert!(shown["expires"].is_string() && shown.get("token").is_none(), "{shown}");
    let (status, shown) = program.post("/api/v1/grants/ci/revoke", "").await;
    assert!(status == 200 && shown["revoked"].is_string(), "{shown}");
    let viewer = desk.program(&desk.account("bob", "viewer"));
    assert_eq!(viewer.post("/api/v1/grants", made).await.0, 403);
    assert_eq!(viewer.get("/api/v1/grants").await.0, 200);
}
