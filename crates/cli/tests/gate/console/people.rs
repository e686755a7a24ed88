//! People: the first one, passwords, roles at named servers, sessions.

use hyper::Method;
use serde_json::json;
use toolgate_testkit::GUARD;

use super::desk::{ASKED, Browser, Desk, body, console_of, nonce};
use crate::rig::{Rig, Serving};

const PASSWORD: &str = "correct horse battery";

async fn post(browser: &Browser, page: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let (_, shown) = browser.page(page).await;
    let own = [("nonce", &*nonce(&shown, path))];
    body(browser.post(path, &[&own, fields].concat()).await).await
}

async fn by_password(browser: &Browser, name: &str, password: &str) -> (u16, String) {
    let (_, page) = browser.page("/sign-in").await;
    let nonce = nonce(&page, "/sign-in");
    let fields = [("nonce", &*nonce), ("name", name), ("password", password)];
    body(browser.post("/sign-in", &fields).await).await
}

/// A gateway whose state has no account yet, and the path of its first sign-in.
async fn empty() -> (Serving, String, String) {
    let rig = Rig::new(ASKED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let settings = json!({"servers": servers, "console": {"listen": "127.0.0.1:0"}});
    let serving = Serving::start_with(rig, settings).await;
    let url = console_of(&serving.gateway).await;
    let said = async {
        loop {
            let said = serving.gateway.stderr();
            if let Some((_, rest)) = said.split_once("first sign-in: ")
                && let Some((link, _)) = rest.split_once('\n')
            {
                return link.trim().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    let link = tokio::time::timeout(GUARD, said).await.unwrap();
    let path = link.strip_prefix(&url).unwrap_or_else(|| panic!("{link} {url}")).to_owned();
    (serving, url, path)
}

#[tokio::test]
async fn the_first_account_comes_by_a_link_that_opens_once() {
    let (serving, url, path) = empty().await;
    let said = serving.gateway.stderr();
    assert!(!said.starts_with("first sign-in"), "the address comes first: {said}");
    let browser = Browser::at(&url);
    let other = Browser::at(&url);
    for wrong in ["/welcome/0", &path[..path.len() - 1]] {
        assert_eq!(browser.page(wrong).await.0, 404);
    }
    // Looking does not use it up, nor does what cannot be an account.
    for (name, password, again) in
        [("ann", "short", "short"), ("two words", PASSWORD, PASSWORD), ("ann", PASSWORD, "other")]
    {
        let fields = [("name", name), ("password", password), ("again", again)];
        let (status, page) = post(&browser, &path, &path, &fields).await;
        assert_eq!(status, 400, "{page}");
        assert!(page.contains("role=\"alert\""), "{page}");
    }
    let (_, page) = other.page(&path).await;
    let late = nonce(&page, &path);
    let fields = [("name", "ann"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(post(&browser, &path, &path, &fields).await.0, 303);
    let (status, page) = browser.page("/people").await;
    assert!(status == 200 && page.contains("<bdi>ann</bdi>") && page.contains("admin"), "{page}");
    // Whoever had opened it as well comes too late.
    let second = [("nonce", &*late), ("name", "eve"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(other.post(&path, &second).await.status, 404);
    assert_eq!(other.page(&path).await.0, 404);
    let log = serving.rig.log();
    let added = log.iter().find(|entry| entry["code"] == "account_added").unwrap();
    assert_eq!((&added["subject"], &added["by"]), (&json!("ann"), &json!("welcome")));
    assert_eq!(by_password(&other, "ann", PASSWORD).await.0, 303);
}

#[tokio::test]
async fn where_somebody_has_an_account_no_link_is_told() {
    let desk = Desk::open(ASKED).await;
    // There was none when this gateway started; the account has closed its link.
    let said = desk.serving.gateway.stderr();
    let link = said.split_once("first sign-in: ").unwrap().1.lines().next().unwrap().to_owned();
    let path = link.strip_prefix(&desk.url).unwrap();
    let browser = desk.browser();
    let (_, page) = browser.page(path).await;
    let fields = [
        ("nonce", &*nonce(&page, path)),
        ("name", "eve"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    assert_eq!(browser.post(path, &fields).await.status, 409);
    assert!(!desk.serving.json(&["account", "list"]).to_string().contains("eve"));
}

#[tokio::test]
async fn a_password_opens_beside_the_token_and_guesses_are_few() {
    let desk = Desk::open(ASKED).await;
    let (browser, token) = (desk.browser(), desk.account("ann", "viewer"));
    browser.sign_in(&token).await;
    let second = desk.browser();
    second.sign_in(&token).await;
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(post(&browser, "/people", "/people/password", &fields).await.0, 303);
    assert_eq!(browser.page("/people").await.0, 200);
    assert_eq!(second.page("/people").await.0, 401, "other browsers are signed out");
    assert_eq!(by_password(&second, "ann", PASSWORD).await.0, 303);
    let guesser = desk.browser();
    for guess in ["a", "b", "c", "d", "e"] {
        let (status, page) = by_password(&guesser, "ann", guess).await;
        assert!(status == 401 && page.contains("name or the password is wrong"), "{page}");
    }
    // Not even a right one is looked at now; the token still opens.
    assert_eq!(by_password(&guesser, "ann", PASSWORD).await.0, 429);
    assert_eq!(by_password(&guesser, "nobody", "x").await.0, 401);
    assert_eq!(guesser.sign_in(&token).await.status, 303);
    let log = serde_json::to_string(&desk.serving.rig.log()).unwrap();
    assert!(log.contains("account_password") && !log.contains("argon2") && !log.contains(PASSWORD));
    desk.serving.json(&["account", "revoke", "ann"]);
    assert_eq!(second.page("/people").await.0, 401);
}

#[tokio::test]
async fn a_role_at_named_servers_does_nothing_elsewhere() {
    let rig = Rig::new(ASKED);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    let desk = Desk::open_over(rig, servers).await;
    let id = desk.ask("x").await;
    let limited = |name: &str, role: &str, server: &str| {
        let words = ["account", "add", name, "--role", role, "--server", server];
        desk.serving.json(&words)["token"].as_str().unwrap().to_owned()
    };
    let at_b = desk.program(&limited("bob", "approver", "b"));
    let answer = format!("/api/v1/approvals/{id}/approve");
    let (status, told) = at_b.post(&answer, "{}").await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("server")), "{told}");
    let at_a = desk.program(&limited("amy", "approver", "a"));
    assert_eq!(at_a.post(&answer, "{}").await.0, 200);
    let admin = desk.program(&limited("adm", "admin", "b"));
    let grant = |servers| format!(r#"{{"name":"x","servers":{servers},"policy":"agent"}}"#);
    for (path, json) in [
        ("/api/v1/grants", grant(r#"["a"]"#)),
        ("/api/v1/grants", grant(r#"["b","a"]"#)),
        ("/api/v1/grants/agent/rotate", String::new()),
        ("/api/v1/grants/agent/revoke", String::new()),
        ("/api/v1/grants/agent/servers", r#"{"servers":["b"]}"#.to_owned()),
        ("/api/v1/grants/agent/policy", r#"{"policy":"agent"}"#.to_owned()),
        ("/api/v1/freezes", r#"{"extent":"all"}"#.to_owned()),
        ("/api/v1/freezes", r#"{"extent":"server","name":"a"}"#.to_owned()),
        ("/api/v1/freezes", r#"{"extent":"grant","name":"agent"}"#.to_owned()),
        ("/api/v1/accounts", r#"{"name":"eve","role":"admin"}"#.to_owned()),
        ("/api/v1/accounts/adm/role", r#"{"role":"admin"}"#.to_owned()),
    ] {
        let (status, told) = admin.send(Method::POST, path, &JSON, &json).await;
        assert_eq!((status, &told["error"]["code"]), (403, &json!("server")), "{path}: {told}");
    }
    assert_eq!(admin.post("/api/v1/grants", &grant(r#"["b"]"#)).await.0, 201);
    let frozen = r#"{"extent":"server","name":"b"}"#;
    assert_eq!(admin.post("/api/v1/freezes", frozen).await.0, 200);
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::test]
async fn an_admin_adds_changes_and_ends_accounts_but_not_the_last_of_all() {
    let desk = Desk::open(ASKED).await;
    let browser = desk.signed_in("ann", "admin").await;
    let fields = [("name", "bob"), ("role", "approver"), ("servers", "a")];
    let (status, page) = post(&browser, "/people", "/people", &fields).await;
    assert_eq!(status, 200, "{page}");
    let token = page.split_once("aria-label=\"The token\">").unwrap().1.split('<').next().unwrap();
    let bob = desk.browser();
    assert_eq!(bob.sign_in(token).await.status, 303);
    let (_, page) = bob.page("/people").await;
    assert!(!page.contains("action=\"/people/bob/role\"") && !page.contains(token), "{page}");
    assert_eq!(bob.post("/people/ann/revoke", &[]).await.status, 403);
    let editor = [("role", "editor"), ("servers", "")];
    assert_eq!(post(&browser, "/people", "/people/bob/role", &editor).await.0, 303);
    let listed = desk.serving.json(&["account", "list"]).to_string();
    assert!(listed.contains("editor"), "{listed}");
    for (path, fields) in
        [("/people/ann/revoke", &[][..]), ("/people/ann/role", &[("role", "viewer")][..])]
    {
        let (status, page) = post(&browser, "/people", path, fields).await;
        assert!(status == 409 && page.contains("add another one first"), "{page}");
    }
    assert_eq!(post(&browser, "/people", "/people/bob/revoke", &[]).await.0, 303);
    assert_eq!(bob.page("/people").await.0, 401);
    let (_, page) = browser.page("/people/changes").await;
    assert!(page.contains("account revoked") && page.contains("account:ann"), "{page}");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_ones_own_and_by_an_admin_any() {
    let desk = Desk::open(ASKED).await;
    let (ann, bob) = (desk.signed_in("ann", "admin").await, desk.signed_in("bob", "viewer").await);
    let ends = |page: &str| {
        let parts = page.split("action=\"/people/sessions/").skip(1);
        parts.map(|rest| rest.split('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (_, page) = bob.page("/people").await;
    assert!(ends(&page).is_empty() && page.contains("this browser"), "{page}");
    let (_, page) = ann.page("/people").await;
    let [of_bob] = &ends(&page)[..] else { panic!("{page}") };
    let end = format!("/people/sessions/{of_bob}/end");
    assert_eq!(post(&ann, "/people", &end, &[]).await.0, 303);
    assert_eq!(bob.page("/people").await.0, 401);
    assert_eq!(ann.page("/people").await.0, 200);
}
