//! Accounts, their tokens and their sessions.

use hyper::Method;
use serde_json::json;

use super::desk::{ASKED, Desk, body, nonce};
use crate::rig::hello;

#[tokio::test]
async fn the_sign_in_page_answers_without_an_account() {
    let desk = Desk::open(ASKED).await;
    for path in ["/", "/sign-in"] {
        let (status, page) = desk.browser().page(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(page.contains("<h1>Sign in</h1>"), "{page}");
        assert_eq!(page.matches("<script").count(), 1, "{page}");
    }
    let (status, page) = desk.browser().page("/approvals").await;
    assert_eq!(status, 401);
    assert!(page.contains("<h1>Sign in</h1>") && page.contains("value=\"/approvals\""), "{page}");
    let (status, _) = desk.browser().page("/no/such/page").await;
    assert_eq!(status, 404);
}

const OWN_SCRIPT: &str = "<script src=\"/app.js\" defer></script>";
const ANSWERS_SCRIPT: &str = "<script src=\"/approvals.js\" defer></script>";

#[tokio::test]
async fn every_page_forbids_foreign_scripts_frames_and_everything_from_elsewhere() {
    let desk = Desk::open(ASKED).await;
    let browser = desk.signed_in("ann", "approver").await;
    let id = desk.ask("x").await;
    for path in ["/sign-in", "/approvals", &format!("/approvals/{id}"), "/style.css", "/none"] {
        let reply = browser.get(path).await;
        let policy = reply.header("content-security-policy").unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        let (_, page) = body(reply).await;
        assert!(!page.contains("http://") && !page.contains("https://"), "{path}: {page}");
        let own = page.replace(OWN_SCRIPT, "").replace(ANSWERS_SCRIPT, "");
        assert!(!own.contains("style=\"") && !own.contains("<script"), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_session_is_a_cookie_that_no_script_and_no_other_site_gets() {
    let desk = Desk::open(ASKED).await;
    let (browser, token) = (desk.browser(), desk.account("ann", "viewer"));
    let reply = browser.sign_in(&token).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/")));
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    let session = cookies.iter().filter_map(|value| value.to_str().ok());
    let session = session.filter(|line| line.starts_with("toolgate_session=")).collect::<Vec<_>>();
    let [session] = session[..] else { panic!("{cookies:?}") };
    assert!(session.contains("; HttpOnly; SameSite=Strict"), "{session}");
    assert!(!session.contains(&token));
    assert_eq!(browser.page("/approvals").await.0, 200);
}

#[tokio::test]
async fn a_wrong_token_signs_nobody_in_and_many_have_to_wait() {
    let desk = Desk::open(ASKED).await;
    let (browser, token) = (desk.browser(), desk.account("ann", "viewer"));
    let wrong = format!("tga_{}", "0".repeat(64));
    for _ in 0..10 {
        let (status, page) = body(browser.sign_in(&wrong).await).await;
        assert_eq!(status, 401, "{page}");
        assert!(page.contains("not one of an account") && !page.contains(&wrong), "{page}");
    }
    let reply = browser.sign_in(&wrong).await;
    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").is_some());
    let program = desk.program(&wrong).get("/api/v1/approvals").await;
    assert_eq!((program.0, &program.1["error"]["code"]), (429, &json!("too_many")));
    // Nobody can lock others out: a right token is not kept waiting.
    assert_eq!(browser.sign_in(&token).await.status, 303);
}

#[tokio::test]
async fn a_sign_in_form_of_another_browser_signs_nobody_in() {
    let desk = Desk::open(ASKED).await;
    let (victim, token) = (desk.browser(), desk.account("mallory", "viewer"));
    let (_, foreign) = desk.browser().page("/sign-in").await;
    let foreign = nonce(&foreign, "/sign-in");
    for nonce in [foreign.as_str(), "", "0"] {
        let reply = victim.post("/sign-in", &[("nonce", nonce), ("token", &token)]).await;
        assert_eq!(reply.status, 403, "{nonce}");
    }
    assert_eq!(victim.page("/approvals").await.0, 401);
}

#[tokio::test]
async fn after_signing_in_nobody_is_led_elsewhere() {
    let desk = Desk::open(ASKED).await;
    let token = desk.account("ann", "viewer");
    for (next, led) in [
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/approvals/apr_1", "/approvals/apr_1"),
        ("/sign-out", "/"),
    ] {
        let browser = desk.browser();
        let (_, page) = browser.page("/sign-in").await;
        let nonce = nonce(&page, "/sign-in");
        let fields = [("nonce", nonce.as_str()), ("token", &token), ("next", next)];
        let reply = browser.post("/sign-in", &fields).await;
        assert_eq!(reply.header("location"), Some(led), "{next}");
    }
}

#[tokio::test]
async fn revoking_an_account_ends_its_sessions_and_its_token() {
    let desk = Desk::open(ASKED).await;
    let (browser, token) = (desk.browser(), desk.account("ann", "approver"));
    browser.sign_in(&token).await;
    let id = desk.ask("x").await;
    let (_, page) = browser.page(&format!("/approvals/{id}")).await;
    let path = format!("/approvals/{id}/approve");
    let nonce = nonce(&page, &path);
    desk.serving.json(&["account", "revoke", "ann"]);
    assert_eq!(browser.post(&path, &[("nonce", &nonce)]).await.status, 401);
    assert_eq!(browser.page("/approvals").await.0, 401);
    let (status, told) = desk.program(&token).get("/api/v1/approvals").await;
    assert_eq!((status, &told["error"]["code"]), (401, &json!("unknown_token")));
    // Somebody new of the same name does not inherit the old session.
    desk.account("ann", "admin");
    assert_eq!(browser.page("/approvals").await.0, 401);
    assert_eq!(desk.state(&id).await, "pending");
}

#[tokio::test]
async fn signing_out_ends_the_session_wherever_its_cookie_went() {
    let desk = Desk::open(ASKED).await;
    let browser = desk.signed_in("ann", "viewer").await;
    let copy = desk.browser();
    copy.with_cookies_of(&browser);
    let (_, page) = copy.page("/approvals").await;
    assert_eq!(copy.post("/sign-out", &[]).await.status, 403);
    let nonce = nonce(&page, "/sign-out");
    assert_eq!(browser.post("/sign-out", &[("nonce", &nonce)]).await.status, 303);
    assert_eq!(copy.page("/approvals").await.0, 401);
    assert!(!browser.cookies().contains_key("toolgate_session"));
}

/// One opens nothing of the other.
#[tokio::test]
async fn tokens_of_grants_and_of_accounts_never_stand_in_for_each_other() {
    let desk = Desk::open(ASKED).await;
    let account = desk.account("ann", "admin");
    assert_eq!(desk.serving.web("a", &account).post(hello(), &[]).await.status, 401);
    let grant = desk.agents_token();
    let id = desk.ask("x").await;
    for (method, path) in [
        (Method::GET, "/api/v1/approvals".to_owned()),
        (Method::POST, format!("/api/v1/approvals/{id}/approve")),
    ] {
        let (status, told) = desk.program(grant).send(method, &path, &[], "").await;
        assert_eq!((status, &told["error"]["code"]), (403, &json!("grant_token")), "{told}");
    }
    let (status, page) = body(desk.browser().sign_in(grant).await).await;
    assert_eq!(status, 403);
    assert!(page.contains("token of a grant") && !page.contains(grant), "{page}");
    assert_eq!(desk.state(&id).await, "pending");
}

#[tokio::test]
async fn every_change_of_accounts_is_in_the_log() {
    let desk = Desk::open(ASKED).await;
    let token = desk.account("ann", "approver");
    desk.serving.json(&["account", "revoke", "ann"]);
    let listed = desk.serving.json(&["account", "list"]);
    assert_eq!(listed["accounts"][0]["account"], "ann");
    assert!(listed["accounts"][0]["revoked"].is_string());
    let log = desk.serving.rig.log();
    let codes: Vec<_> = log.iter().filter(|entry| entry["subject"] == "ann").collect();
    let codes: Vec<_> = codes.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["account_added", "account_revoked"]);
    assert!(!serde_json::to_string(&log).unwrap().contains(&token));
}
