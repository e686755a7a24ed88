//! The catalogue: what scans leave, what is known offline, and pages of both.

use std::fs;

use serde_json::Value;

use crate::toolgate::{Ran, Toolgate, run};

const BEFORE: &str = r#"[{"name":"refund","description":"Shows refunds."}]"#;
const AFTER: &str = r#"{"tools":[
    {"name":"refund","description":"Refunds a payment.","inputSchema":{"type":"object",
     "properties":{"amount":{"type":"number"}},"required":["amount"]}},
    {"name":"delete_all","description":"Deletes every order for good."}]}"#;

fn shop() -> Toolgate {
    let toolgate = Toolgate::new().file("before.json", BEFORE).file("after.json", AFTER);
    let state = toolgate.path("state");
    let toolgate = toolgate.env("TOOLGATE_STATE", state);
    for line in [
        "scan --tools before.json --server shop --state state",
        "scan --tools after.json --server shop --state state",
        "scan --tools after.json --server shop --state state",
    ] {
        let ran = ran(&toolgate, line);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("toolgate catalog show shop"), "{}", ran.stderr);
    }
    toolgate
}

fn ran(toolgate: &Toolgate, line: &str) -> Ran {
    let mut command = toolgate.command();
    command.args(line.split_whitespace());
    run(command, b"")
}

fn json(toolgate: &Toolgate, line: &str) -> Value {
    let ran = ran(toolgate, line);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["version"], 1, "{line}");
    value
}

#[test]
fn a_scan_is_kept_with_its_history() {
    let shop = shop();
    let known = json(&shop, "catalog show shop --json");
    assert_eq!((&known["source"], &known["tool_count"]), (&"scan".into(), &2.into()));
    let history = known["history"].as_array().unwrap();
    assert_eq!(history.len(), 2, "{history:?}");
    assert_eq!(history[0]["times"], 2);
    assert_eq!(history[0]["drift"], "1 new (delete_all), 1 changed (refund)");
    assert!(history[1].get("drift").is_none());
    let off: i64 = known["grade"]["deductions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["points"].as_i64().unwrap())
        .sum();
    assert_eq!(known["grade"]["points"], 100 - off);
    let tool = json(&shop, "catalog show shop/delete_all --json");
    assert_eq!(tool["tool"]["category"], "Destructive");
    let text = ran(&shop, "catalog show shop").stdout;
    assert!(text.contains("1 new (delete_all)") && text.contains("grade "), "{text}");
}

#[test]
fn what_was_scanned_takes_the_place_of_the_index() {
    let shop = shop();
    let path = "microsoft/playwright";
    let indexed = json(&shop, &format!("catalog show {path} --json"));
    assert_eq!(indexed["source"], "index");
    assert!(indexed["as_of"].as_str().unwrap().starts_with("20"));
    let text = ran(&shop, &format!("catalog show {path}")).stdout;
    assert!(text.contains("known from the index of"), "{text}");
    // The name of a scan that is also one of the index.
    let line = "scan --tools before.json --server it-tools-mcp --state state";
    assert_eq!(ran(&shop, line).code, Some(0));
    let scanned = json(&shop, "catalog show it-tools-mcp --json");
    assert_eq!((&scanned["source"], &scanned["tool_count"]), (&"scan".into(), &1.into()));
}

#[test]
fn both_are_listed_and_searched() {
    let shop = shop();
    let list = json(&shop, "catalog list --json");
    assert_eq!(list["servers"].as_array().unwrap().len(), 1);
    assert_eq!(list["servers"][0]["server"], "shop");
    assert!(list["in_index"].as_u64().unwrap() > 2_000);
    assert!(json(&shop, "catalog list --all --json")["servers"].as_array().unwrap().len() > 2_000);
    let found = json(&shop, "catalog search delete all --json");
    assert_eq!(found["hits"][0]["tool"], "delete_all");
    assert!(found["count"].as_u64().unwrap() > 1);
    let nothing = ran(&shop, "catalog search qqqqqqqq");
    assert_eq!(
        (nothing.code, &*nothing.stdout),
        (Some(0), "nothing has all these words in its name\n")
    );
}

#[test]
fn pages_are_written_to_an_empty_folder_only() {
    let shop = shop();
    let written = json(&shop, "catalog export --html site --scanned --json");
    assert!(written["files"].as_u64().unwrap() > 60);
    let page = fs::read_to_string(shop.path("site/tools/shop/delete_all.html")).unwrap();
    assert!(page.contains("hide:") && page.contains("Destructive"));
    assert!(shop.path("site/index.html").exists());
    let again = ran(&shop, "catalog export --html site --scanned");
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("has files in it") && again.stderr.contains("--force"));
    assert_eq!(ran(&shop, "catalog export --html site --scanned --force").code, Some(0));
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let shop = shop();
    let ran_one = ran(&shop, "catalog show nobody");
    assert_eq!(ran_one.code, Some(2));
    assert!(ran_one.stderr.contains("`nobody`") && ran_one.stderr.contains("catalog search"));
    assert_eq!(ran(&shop, "catalog forget shop").code, Some(0));
    let gone = ran(&shop, "catalog forget shop");
    assert_eq!(gone.code, Some(2));
    assert!(gone.stderr.contains("no scan of `shop`"), "{}", gone.stderr);
    assert_eq!(json(&shop, "catalog list --json")["servers"].as_array().unwrap().len(), 0);
}

#[test]
fn without_a_state_directory_nothing_is_kept_and_the_index_answers() {
    let toolgate = Toolgate::new().file("before.json", BEFORE);
    let state = toolgate.path("nowhere");
    let toolgate = toolgate.env("TOOLGATE_STATE", state.clone());
    let scanned = ran(&toolgate, "scan --tools before.json --server shop");
    assert!(scanned.code == Some(0) && !scanned.stderr.contains("Kept in"), "{}", scanned.stderr);
    assert!(!state.exists());
    assert!(json(&toolgate, "catalog list --json")["servers"].as_array().unwrap().is_empty());
    let named = ran(&toolgate, "catalog list --state elsewhere");
    assert_eq!(named.code, Some(7), "{}", named.stderr);
}
