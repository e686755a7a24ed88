//! The log's rows for other programs: the same from the page as from the command line.

use serde_json::{Value, json};

use super::desk::Desk;

const POLICY: &str = "\
version: \"1\"
default: deny
tools: {echo: {}}
";

#[tokio::test]
async fn an_export_has_what_the_page_lists_and_what_the_command_prints() {
    let desk = Desk::open(POLICY).await;
    let agent = desk.agent().await;
    for n in 0..300 {
        agent.call("echo", json!({"message": "x".repeat(n)})).await;
    }
    agent.call("re\"fu|nd=1", json!({})).await;
    let browser = desk.signed_in("vic", "viewer").await;
    for format in ["jsonl", "cef", "ocsf"] {
        let (status, all) = browser.page(&format!("/log/export?format={format}")).await;
        assert_eq!(status, 200, "{all}");
        let printed = desk.serving.toolgate(&["audit", "export", "--format", format]);
        assert_eq!(all, String::from_utf8(printed.stdout).unwrap(), "{format}");
        let denied = format!("/log/export?format={format}&effect=deny");
        let (_, denied) = browser.page(&denied).await;
        assert_eq!(denied.lines().count(), 1, "{denied}");
        if format != "cef" {
            assert!(all.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        }
        if format != "jsonl" {
            assert_eq!(all.lines().count(), 301);
        }
    }
    let (_, denied) = browser.page("/log/export?format=cef&effect=deny").await;
    assert!(denied.contains("cs2=re\"fu|nd\\=1 "), "{denied}");
    assert_eq!(browser.page("/log/export?format=xml").await.0, 400);
    assert_eq!(desk.browser().page("/log/export?format=cef").await.0, 401);
}
