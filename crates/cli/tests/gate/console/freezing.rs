//! Freezing and thawing at the console.

use serde_json::json;

use super::desk::{ASKED, Browser, Desk, nonce};
use crate::rig::text;

async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> u16 {
    let (_, page) = browser.page("/freezes").await;
    let own = [("nonce", &*nonce(&page, path))];
    browser.post(path, &[&own, fields].concat()).await.status
}

#[tokio::test]
async fn nothing_passes_while_the_banner_stands_and_thawing_takes_it_away() {
    let desk = Desk::open(ASKED).await;
    let (browser, looker) =
        (desk.signed_in("ann", "admin").await, desk.signed_in("bob", "viewer").await);
    let agent = desk.agent().await;
    let call = || agent.call("add", json!({"a": 1, "b": 2}));
    for (extent, name, words) in
        [("server", "a", "server a"), ("grant", "agent", "grant agent"), ("all", "", "everything")]
    {
        let fields = [("extent", extent), ("name", name), ("reason", "refunds look wrong")];
        assert_eq!(post(&browser, "/freezes", &fields).await, 303);
        let (_, page) = looker.page("/approvals").await;
        assert!(page.contains("<b>Frozen:</b>") && page.contains(words), "{page}");
        let (_, page) = looker.page("/freezes").await;
        assert!(page.contains("refunds look wrong") && page.contains("account:ann"), "{page}");
        assert_eq!(page.matches("<form").count(), 1, "{page}");
        assert!(text(&call().await).contains("refunds look wrong"));
        assert_eq!(post(&browser, "/freezes/thaw", &fields[..2]).await, 303);
        let (_, page) = looker.page("/approvals").await;
        assert!(!page.contains("<b>Frozen:</b>"), "{page}");
        assert_eq!(text(&call().await), "3");
    }
    assert_eq!(desk.ledger().calls().len(), 3);
}

/// A slip in a name must not look like a stop.
#[tokio::test]
async fn a_name_that_nobody_knows_is_not_frozen() {
    let desk = Desk::open(ASKED).await;
    let browser = desk.signed_in("ann", "admin").await;
    for (extent, name, status) in [
        ("server", "b", 404),
        ("grant", "a", 404),
        ("server", "", 400),
        ("all", "a", 400),
        ("tool", "echo", 400),
        ("", "", 400),
    ] {
        let fields = [("extent", extent), ("name", name)];
        assert_eq!(post(&browser, "/freezes", &fields).await, status, "{extent} {name}");
    }
    let (_, page) = browser.page("/freezes").await;
    assert!(page.contains("Nothing is frozen"), "{page}");
}

#[tokio::test]
async fn only_admins_stop_things_by_page_and_by_program() {
    let desk = Desk::open(ASKED).await;
    let all = r#"{"extent":"all","reason":"drill"}"#;
    for role in ["viewer", "approver", "editor"] {
        let program = desk.program(&desk.account(role, role));
        assert_eq!(program.post("/api/v1/freezes", all).await.0, 403);
        assert_eq!(program.get("/api/v1/freezes").await.1["freezes"], json!([]));
    }
    let program = desk.program(&desk.account("ann", "admin"));
    let (status, told) = program.post("/api/v1/freezes", all).await;
    assert_eq!((status, &told["freezes"][0]["by"]), (200, &json!("account:ann")), "{told}");
    let (_, told) = program.post("/api/v1/freezes/thaw", r#"{"extent":"all"}"#).await;
    assert_eq!(told["freezes"], json!([]));
}
