//! The first page counts what is on record, and nothing else.

use std::time::Duration;

use serde_json::json;
use toolgate_testkit::GUARD;

use super::desk::{Browser, Desk};

const POLICY: &str = "\
version: \"1\"
default: deny
tools:
  echo: {require_approval: [{path: args.message, op: eq, value: ask}]}
  add: {limits: [{window: hour, max: 2}]}
approvals: {hold: 0s}
";

/// The page once everything was counted: old entries are counted in the background.
async fn counted(browser: &Browser, range: &str, decisions: usize) -> String {
    let wanted = format!("<b class=\"\">{decisions}</b> <span>decisions</span>");
    let all = async {
        loop {
            let (status, page) = browser.page(&format!("/?range={range}")).await;
            assert_eq!(status, 200, "{page}");
            if page.contains(&wanted) && !page.contains("Still counting") {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, all).await.unwrap()
}

#[tokio::test]
async fn the_first_page_counts_what_is_on_record() {
    let desk = Desk::open(POLICY).await;
    let agent = desk.agent().await;
    for n in 0..5 {
        agent.call("echo", json!({"message": format!("{n}")})).await;
    }
    for _ in 0..3 {
        agent.call("add", json!({"a": 1, "b": 2})).await;
    }
    agent.call("fail", json!({})).await;
    desk.ask("ask").await;
    let browser = desk.signed_in("vic", "viewer").await;
    for range in ["1h", "24h", "7d", "30d"] {
        let page = counted(&browser, range, 10).await;
        for expected in [
            "<b class=\"deny\">1</b>",
            "<b class=\"limit\">1</b>",
            "<b class=\"\">1</b> <span>held for a person",
            "<b class=\"pending\">1</b> <span>waiting now",
            "default_deny",
            "<td>2 of 2 <span class=\"dim\">in",
            "<span class=\"dim\">answers</span></th><td>7</td><td>0</td><td>0</td>",
            "median",
            "10 decisions over time",
        ] {
            assert!(page.contains(expected), "{range} {expected}: {page}");
        }
    }
    // What comes after is counted without being asked for twice.
    agent.call("echo", json!({"message": "more"})).await;
    counted(&browser, "1h", 11).await;
    assert_eq!(browser.page("/?range=2h").await.0, 400);
}
