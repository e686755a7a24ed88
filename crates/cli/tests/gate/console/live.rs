//! Decisions as they are recorded, told to browsers.

use hyper::Method;
use serde_json::{Value, json};
use toolgate_testkit::{Events, GUARD};

use super::desk::{Browser, Desk};

const POLICY: &str = "\
version: \"1\"
default: deny
tools: {echo: {}, add: {}}
";

async fn follow(browser: &Browser, query: &str, last: Option<&str>) -> Events {
    let path = format!("/log/events?{query}");
    let headers: Vec<_> = last.iter().map(|id| ("last-event-id", *id)).collect();
    let reply = browser.send(Method::GET, &path, &headers, String::new()).await;
    assert_eq!((reply.status, reply.is_events()), (200, true));
    reply.events()
}

/// The rows of the next events until there are as many.
async fn rows(events: &mut Events, count: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let all = async {
        while rows.len() < count {
            let event = events.next().await.unwrap();
            if event.data.is_empty() {
                continue;
            }
            let news: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!(news["missed"], 0, "{news}");
            rows.extend(news["rows"].as_array().unwrap().iter().cloned());
        }
    };
    tokio::time::timeout(GUARD, all).await.unwrap();
    assert_eq!(rows.len(), count);
    rows
}

fn tools(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["tool"][0].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_recorded_is_told_in_order_once_and_by_the_page_s_filter() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let mut all = follow(&browser, "", None).await;
    let mut denied = follow(&browser, "effect=deny", None).await;
    let agent = desk.agent().await;
    for _ in 0..20 {
        agent.call("echo", json!({"message": "hi"})).await;
        agent.call("fail", json!({})).await;
    }
    let told = rows(&mut all, 40).await;
    assert_eq!(tools(&told), ["echo", "fail"].repeat(20));
    assert_eq!(tools(&rows(&mut denied, 20).await), ["fail"].repeat(20));
    let (_, page) = browser.page("/log").await;
    for row in &told {
        assert!(page.contains(row["id"].as_str().unwrap()), "{row}");
    }
}

/// A connection that was cut is made again, and nothing between is lost.
#[tokio::test]
async fn whoever_comes_back_is_told_what_came_meanwhile() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let agent = desk.agent().await;
    let mut events = follow(&browser, "", None).await;
    agent.call("echo", json!({"message": "1"})).await;
    rows(&mut events, 1).await;
    let last = events.last_id.clone().unwrap();
    drop(events);
    for _ in 0..3 {
        agent.call("fail", json!({})).await;
    }
    let mut again = follow(&browser, "after=1", Some(&last)).await;
    assert_eq!(tools(&rows(&mut again, 3).await), ["fail"; 3]);
    agent.call("echo", json!({"message": "2"})).await;
    assert_eq!(tools(&rows(&mut again, 1).await), ["echo"]);
    // The page's own address does the same at first.
    let mut fresh = follow(&browser, &format!("after={last}"), None).await;
    assert_eq!(tools(&rows(&mut fresh, 4).await), ["fail", "fail", "fail", "echo"]);
}

#[tokio::test]
async fn other_people_s_words_come_in_pieces_and_mean_nothing() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let mut events = follow(&browser, "", None).await;
    desk.agent().await.call("a\u{202e}<script>", json!({})).await;
    let told = rows(&mut events, 1).await;
    let expected = json!(["a", ["U+202E", false], "<script>"]);
    assert_eq!(told[0]["tool"], expected);
}

#[tokio::test]
async fn a_stream_ends_with_the_account_and_nobody_else_gets_one() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let mut events = follow(&browser, "", None).await;
    assert_eq!(desk.browser().page("/log/events").await.0, 401);
    for query in ["effect=maybe", "after=x"] {
        assert_eq!(browser.page(&format!("/log/events?{query}")).await.0, 400, "{query}");
    }
    assert!(desk.serving.toolgate(&["account", "revoke", "vic"]).status.success());
    let ended = async { while events.next().await.is_some() {} };
    tokio::time::timeout(GUARD, ended).await.unwrap();
}
