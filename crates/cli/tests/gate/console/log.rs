//! The log as pages: what is on record is found, explained, and shown as what it is.

use serde_json::json;

use super::desk::Desk;
use crate::rig::decision;

const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools:
  echo:
    deny_if: [{path: args.message, op: contains, value: secret}]
  add:
    limits: [{window: hour, max: 1}]
";

/// The ids of the decisions that a page lists, in order.
fn listed(page: &str) -> Vec<String> {
    let rows = page.split("href=\"/log/dec_").skip(1);
    rows.map(|row| format!("dec_{}", row.split('"').next().unwrap())).collect()
}

async fn denied(desk: &Desk, tool: &str, arguments: serde_json::Value) -> String {
    let answer = desk.agent().await.call(tool, arguments).await;
    decision(&answer)["decision_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn every_decision_is_listed_newest_first_and_filters_narrow() {
    let desk = Desk::open(POLICY).await;
    desk.again("hello").await;
    let secret = denied(&desk, "echo", json!({"message": "a Secret and a secret"})).await;
    desk.agent().await.call("add", json!({"a": 1, "b": 2})).await;
    let limit = denied(&desk, "add", json!({"a": 1, "b": 2})).await;
    let unlisted = denied(&desk, "fail", json!({})).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let list = async |query: &str| listed(&browser.page(&format!("/log?{query}")).await.1);
    let all = list("").await;
    assert_eq!(all.len(), 5);
    assert_eq!([&all[0], &all[1], &all[3]], [&unlisted, &limit, &secret]);
    for (query, expected) in [
        ("effect=limit", vec![&limit]),
        ("effect=deny", vec![&unlisted, &secret]),
        ("tool=echo&effect=deny", vec![&secret]),
        ("tool=a%2Fech*&effect=deny", vec![&secret]),
        ("code=default_deny", vec![&unlisted]),
        ("code=%2Ftools%2Fadd%2Flimits%2F0", vec![&limit]),
        ("text=A+SECRET", vec![&secret]),
        ("text=nowhere", vec![]),
        ("server=b", vec![]),
        ("grant=agent&principal=agent&effect=limit", vec![&limit]),
        ("from=2001-01-01&to=2001-01-02", vec![]),
        ("from=1h&effect=limit", vec![&limit]),
    ] {
        assert_eq!(list(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let (_, page) = browser.page("/log?effect=allow").await;
    assert!(page.contains("answered in"), "{page}");
    assert!(page.contains("toolgate audit tail --decision allow"), "{page}");
    for query in ["effect=maybe", "from=yesterday", "before=x", "text=%ff"] {
        assert_eq!(browser.page(&format!("/log?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let desk = Desk::open(POLICY).await;
    let agent = desk.agent().await;
    for n in 0..120 {
        agent.call("echo", json!({"message": format!("{n}")})).await;
    }
    let browser = desk.signed_in("vic", "viewer").await;
    let (mut path, mut all) = ("/log?tool=echo".to_owned(), Vec::new());
    loop {
        let (_, page) = browser.page(&path).await;
        all.extend(listed(&page));
        let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else { break };
        path = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(all.len(), 120);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 120);
}

#[tokio::test]
async fn a_decision_says_what_each_rule_found_and_what_would_make_it_pass() {
    let desk = Desk::open(POLICY).await;
    let id = denied(&desk, "echo", json!({"message": "a secret"})).await;
    let browser = desk.signed_in("vic", "viewer").await;
    let (status, page) = browser.page(&format!("/log/{id}")).await;
    assert_eq!(status, 200);
    for expected in
        ["deny_if", "decided", "a secret", "/tools/echo/deny_if/0", "DENIED", "nothing was sent"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains(&format!("toolgate explain {id}")), "{page}");
    let explained = desk.serving.toolgate(&["explain", &id]).stdout;
    let explained = String::from_utf8(explained).unwrap();
    let verdict = explained.lines().find(|line| line.starts_with("DENIED")).unwrap();
    assert!(page.contains(&verdict.replace('"', "&#34;")), "{verdict}\n{page}");
    desk.agent().await.call("add", json!({"a": 1, "b": 2})).await;
    let limit = denied(&desk, "add", json!({"a": 1, "b": 2})).await;
    let (_, page) = browser.page(&format!("/log/{limit}")).await;
    assert!(
        page.contains("1 + 1 is more than 1") && page.contains("What would make it pass"),
        "{page}"
    );
    for id in ["dec_00_1", "x", &format!("{id}0"), "..%2f"] {
        assert_eq!(browser.page(&format!("/log/{id}")).await.0, 404, "{id}");
    }
}

#[tokio::test]
async fn a_rule_drafted_from_a_call_is_one_that_check_takes() {
    let desk = Desk::open(POLICY).await;
    let hostile = "secret\"}\n  evil: {} # <script>";
    let id = denied(&desk, "echo", json!({"message": hostile})).await;
    let browser = desk.signed_in("eddy", "editor").await;
    for aim in ["allow", "approve", "deny", "limit"] {
        let (_, page) = browser.page(&format!("/log/{id}?rule={aim}")).await;
        let (_, rest) = page.split_once("spellcheck=\"false\">\ntools:").unwrap();
        let rule = rest.split("</textarea>").next().unwrap();
        let plain =
            [("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#39;", "'"), ("&#38;", "&")];
        let rule = plain.iter().fold(rule.to_owned(), |text, (from, to)| text.replace(from, to));
        let policy = format!("version: \"1\"\ndefault: deny\ntools:{rule}");
        desk.serving.rig.scratch.file("draft.yaml", &policy);
        let rig = &desk.serving.rig;
        let checked = rig.toolgate("check").arg(rig.scratch.at("draft.yaml")).output().unwrap();
        assert!(checked.status.success(), "{policy}{checked:?}");
    }
}
