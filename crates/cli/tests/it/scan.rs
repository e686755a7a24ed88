//! `toolgate scan`: files, live servers, hostile ones, and what is said of them.

mod hostile;
mod outputs;

use std::path::Path;

use serde_json::{Value, json};
use toolgate_testkit::bin;

use crate::toolgate::{Ran, Toolgate};

const TOOLS: &str = r#"{"tools": [
    {"name": "list_orders", "description": "Lists all orders.", "annotations": {"readOnlyHint": true}},
    {"name": "delete_order", "description": "Deletes an order for good.",
     "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
    {"name": "run", "description": "Runs the tests of a project.", "annotations": {"readOnlyHint": true},
     "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}}
]}"#;

/// A command of a configuration.
fn hostile(mode: &str, rest: &[&str]) -> Value {
    let program = bin("hostile");
    let args = [&[mode], rest].concat();
    json!({"command": program, "args": args})
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

fn names(server: &Value) -> Vec<&str> {
    let tools = server["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn a_saved_list_is_judged_gravest_first() {
    let toolgate = Toolgate::new().file("shop.json", TOOLS).line("scan --tools shop.json");
    let ran = toolgate.run();
    ran.exits(0).says("delete_order").says("Destructive").says("annotation-contradicts-definition");
    ran.says("Next:").says("toolgate scan --policy shop.yaml --tools shop.json");
    let place = |name: &str| ran.stdout.find(name).unwrap();
    assert!(place("delete_order") < place("list_orders"), "{}", ran.stdout);

    let told = json_of(toolgate.line("scan --tools shop.json --json").run().exits(0));
    assert_eq!(told["version"], 1);
    assert_eq!(told["server"], "shop");
    assert_eq!(told["flows"], json!([]));
    let tools = told["tools"].as_array().unwrap();
    let delete = tools.iter().find(|tool| tool["name"] == "delete_order").unwrap();
    assert_eq!(delete["category"], "Destructive");
    assert!(delete["score"].as_u64().unwrap() >= 4, "{delete}");
    assert!(delete["confidence"].as_f64().is_some_and(|sure| (0.0..=1.0).contains(&sure)));
    assert!(delete["signals"][0]["id"].is_string() && delete["signals"][0].get("param").is_some());
    let run = tools.iter().find(|tool| tool["name"] == "run").unwrap();
    assert_eq!(run["findings"][0]["id"], "annotation-contradicts-definition", "{run}");
}

#[test]
fn every_form_of_a_saved_list_is_read() {
    let list: Value = serde_json::from_str(TOOLS).unwrap();
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": list});
    for text in [list["tools"].to_string(), answer.to_string()] {
        let ran = Toolgate::new().line("scan --tools - --json").stdin(text).run();
        assert_eq!(names(&json_of(ran.exits(0))).len(), 3);
    }
    let ran = Toolgate::new().file("x.json", "{\"prompts\": []}").line("scan --tools x.json").run();
    ran.fails_in_one_line(2, "`tools`");
    Toolgate::new().line("scan --tools none.json").run().fails_in_one_line(2, "`none.json`");
}

#[test]
fn what_is_grave_enough_fails() {
    let toolgate = Toolgate::new().file("shop.json", TOOLS);
    let toolgate = toolgate.line("scan --tools shop.json --fail-on high");
    toolgate.run().exits(3).says("delete_order").warns("--fail-on high");
    let read = r#"[{"name": "get_page", "description": "Gets a page."}]"#;
    let harmless = Toolgate::new().file("read.json", read);
    let harmless = harmless.line("scan --tools read.json --fail-on medium");
    harmless.run().exits(0);
    harmless
        .line("scan --tools read.json --fail-on low --json")
        .run()
        .exits(3)
        .warns(r#""exit":3"#);
}

#[test]
fn a_command_is_started_asked_and_ended() {
    let sentinel = bin("sentinel");
    for era in ["legacy", "modern"] {
        let flag = format!("--era={era}");
        let args = ["scan", "--json", "--server", "shop", "--", sentinel.to_str().unwrap(), &flag];
        let told = json_of(Toolgate::new().args(&args).run().exits(0));
        assert_eq!(told["server"], "shop");
        assert_eq!(told["info"]["name"], "sentinel");
        assert!(names(&told).len() > 10, "{told}");
    }
}

#[test]
fn a_server_that_cannot_be_had_is_one_line() {
    let nothing = Toolgate::new().line("scan");
    nothing.run().fails_in_one_line(2, "`--config FILE`");
    let gone = Toolgate::new().line("scan -- /nowhere/to/be/found --token hunter2-hunter2");
    let ran = gone.run();
    ran.fails_in_one_line(4, "/nowhere/to/be/found");
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    Toolgate::new()
        .line("scan --url http://127.0.0.1:1/mcp")
        .run()
        .fails_in_one_line(4, "127.0.0.1");
    Toolgate::new().line("scan --server shop").run().fails_in_one_line(7, "no state directory");
    Toolgate::new().line("scan --tools a --config b").run().exits(2).is_silent();
}

#[test]
fn a_registered_server_is_scanned_by_its_name() {
    let sentinel = bin("sentinel");
    let sentinel = sentinel.to_str().unwrap();
    let toolgate = Toolgate::new().args(&["server", "add", "shop", "--", sentinel]);
    toolgate.run().exits(0);
    let told = json_of(toolgate.line("scan --server shop --json").run().exits(0));
    assert_eq!(told["server"], "shop");
    assert!(names(&told).len() > 10);
}

#[test]
fn nothing_is_written_outside_caches_by_a_server_in_its_fence() {
    let open = ["/tmp", "/var/tmp", "/dev/shm"];
    // Folders for temporary files are open, and so is all that somebody builds in one.
    let is_open = open.iter().any(|open| Path::new(env!("CARGO_TARGET_TMPDIR")).starts_with(open));
    if is_open || !fences_files() {
        return;
    }
    let toolgate = Toolgate::new();
    let outside = tempfile::Builder::new().tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let child = outside.path().join("child");
    let hostile = bin("hostile");
    let path = [hostile.to_str().unwrap(), "leave-child", child.to_str().unwrap()];
    let fenced = toolgate.args(&[&["scan", "--"], &path[..]].concat());
    fenced.run().fails_in_one_line(4, "`--no-fence`");
    assert!(!child.exists());
    let open = fenced.args(&[&["scan", "--no-fence", "--"], &path[..]].concat());
    open.run().exits(0);
    assert!(child.exists());
}

/// As the gateway finds out: Landlock with ABI 3 or newer.
fn fences_files() -> bool {
    let args = ["child", "--fence", "network=on", "--fence", "read=/", "--", "/bin/true"];
    Path::new("/bin/true").exists() && Toolgate::new().args(&args).run().code == Some(0)
}

#[test]
fn a_wrong_line_says_how_to_mend_it() {
    let toolgate = Toolgate::new().file("shop.json", TOOLS);
    let fails = |line: &str, part: &str| {
        Toolgate::new().file("shop.json", TOOLS).line(line).run().fails_in_one_line(2, part);
    };
    fails("scan npx some-server", "`toolgate scan -- npx …`");
    fails("scan -- /etc", "`/etc` is a folder");
    fails("scan --tools shop.json --html no/such/page.html", "there is no such folder");
    toolgate.line("scan --tools shop.json --fail-on Critical").run().exits(3);
}

#[test]
fn a_file_with_too_many_tools_is_refused() {
    let tools = vec![json!({"name": "a"}); 50_001];
    let toolgate = Toolgate::new().file("many.json", json!(tools).to_string());
    toolgate.line("scan --tools many.json").run().fails_in_one_line(2, "lists 50001 tools");
}
