//! What a scan shows, and what it never shows.

use std::fs;

use serde_json::{Value, json};

use super::{TOOLS, hostile, json_of};
use crate::toolgate::Toolgate;

const SECRET: &str = "hunter2-of-the-config";

#[test]
fn secrets_of_a_configuration_are_never_shown() {
    let mut echo = hostile("echo-env", &[]);
    echo["env"] = json!({"API_KEY": SECRET});
    let mut crash = hostile("crash", &["--token", SECRET]);
    crash["env"] = json!({"API_KEY": SECRET});
    let headers = json!({"Authorization": format!("Bearer {SECRET}")});
    let far =
        json!({"url": format!("http://127.0.0.1:1/mcp?api_key={SECRET}"), "headers": headers});
    let config = json!({"mcpServers": {"echo": echo, "crash": crash, "far": far}});
    let toolgate = Toolgate::new().file("mcp.json", config.to_string());
    for form in ["", "--json", "--sarif"] {
        let line = format!("scan --config mcp.json --force --html page.html {form}");
        let ran = toolgate_of(&toolgate, &line);
        assert!(ran.contains("delete_all"), "{ran}");
        assert!(!ran.contains(SECRET), "{ran}");
        let page = fs::read_to_string(toolgate.path("page.html")).unwrap();
        assert!(page.contains("delete_all") && !page.contains(SECRET), "{page}");
    }
}

/// Everything that a command says, on both streams.
fn toolgate_of(toolgate: &Toolgate, line: &str) -> String {
    let mut command = toolgate.command();
    let output = command.args(line.split_whitespace()).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn the_page_stands_alone_and_escapes_what_servers_say() {
    let config = json!({"mcpServers": {"<b>odd": hostile("odd", &[])}});
    let toolgate = Toolgate::new().file("mcp.json", config.to_string());
    let toolgate = toolgate.line("scan --config mcp.json --html page.html");
    toolgate.run().exits(0);
    let page = fs::read_to_string(toolgate.path("page.html")).unwrap();
    for there in
        ["&lt;script&gt;alert(1)", "&lt;b&gt;odd", r"a\u{202e}b\u{1b}", "default-src 'none'"]
    {
        assert!(page.contains(there), "no {there} in\n{page}");
    }
    for absent in ["<script", "<b>odd", "src=", "http", "@import", "url(", " on"] {
        let found =
            page.match_indices(absent).map(|(at, _)| &page[at..][..30.min(page.len() - at)]);
        let found: Vec<_> = found.filter(|text| !text.starts_with("http-equiv")).collect();
        let is_handler = |text: &&&str| {
            text.split('=').next().is_some_and(|name| {
                name[1..].chars().all(|c| c.is_ascii_lowercase()) && text.contains('=')
            })
        };
        let bad =
            if absent == " on" { found.iter().filter(is_handler).count() } else { found.len() };
        assert_eq!(bad, 0, "{absent}: {found:?}");
    }
    toolgate.run().fails_in_one_line(2, "`--force`");
}

#[test]
fn a_file_that_cannot_be_written_is_said_before_anything_is_started() {
    let toolgate = Toolgate::new().file("shop.json", TOOLS);
    let line = "scan --html no/folder/page.html -- /nowhere/to/be/found";
    toolgate.line(line).run().fails_in_one_line(2, "no such folder");
}

#[test]
fn sarif_has_rules_results_and_places() {
    let toolgate = Toolgate::new().file("a b.json", TOOLS);
    let args = ["scan", "--tools", "a b.json", "--sarif"];
    let sarif = json_of(toolgate.args(&args).run().exits(0));
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{sarif:#}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().is_some_and(|help| help.len() > 40));
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        let physical = &result["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "a%20b.json");
        assert!(physical["region"]["startLine"].as_u64().unwrap() > 1, "{result}");
    }
    let ids: Vec<&Value> = results.iter().map(|result| &result["ruleId"]).collect();
    assert!(ids.iter().any(|id| **id == "tool-destructive"), "{ids:?}");
    assert!(ids.iter().any(|id| **id == "annotation-contradicts-definition"), "{ids:?}");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_tells_what_could_not_be_scanned() {
    let config = json!({"mcpServers": {"crash": hostile("crash", &[])}});
    let toolgate = Toolgate::new().file("mcp.json", config.to_string());
    let ran = toolgate.line("scan --config mcp.json --sarif").run();
    let invocation = json_of(ran.exits(4))["runs"][0]["invocations"][0].clone();
    assert_eq!(invocation["executionSuccessful"], false);
    let said = invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(said.contains("server `crash`"), "{said}");
}

#[test]
fn the_policy_passes_check_and_is_not_written_over() {
    let toolgate = Toolgate::new().file("shop.json", TOOLS);
    for name in ["policy.yaml", "policy.json"] {
        let line = format!("scan --tools shop.json --policy {name}");
        let toolgate = toolgate_with(&line);
        toolgate.run().exits(0).says(&format!("toolgate run --policy {name} -- COMMAND"));
        toolgate.line(&format!("check {name}")).run().exits(0);
    }
    let toolgate =
        toolgate.file("policy.yaml", "mine").line("scan --tools shop.json --policy policy.yaml");
    toolgate.run().fails_in_one_line(2, "`--force`");
}

fn toolgate_with(line: &str) -> Toolgate {
    Toolgate::new().file("shop.json", TOOLS).line(line)
}

#[test]
fn every_server_of_a_configuration_gets_a_policy() {
    let servers =
        json!({"a": hostile("none", &[]), "b": hostile("none", &[]), "c": hostile("crash", &[])});
    let config = json!({"mcpServers": servers}).to_string();
    let toolgate = Toolgate::new().file("mcp.json", config);
    let toolgate = toolgate.line("scan --config mcp.json --policy policies");
    toolgate.run().exits(4).warns("wrote policies/a.yaml").warns("wrote policies/b.yaml");
    assert!(!toolgate.path("policies/c.yaml").exists());
    toolgate.line("check policies/a.yaml policies/b.yaml").run().exits(0);
}

/// Each of the four is honest; together they are a way out, and the gravest thing there is.
#[test]
fn what_tools_can_do_together_is_told_in_every_form() {
    let takes = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        json!({"type": "object", "properties": properties})
    };
    let tools = json!([
        {"name": "read_inbox", "description": "Reads the messages of the inbox."},
        {"name": "read_file", "description": "Reads a file.", "inputSchema": takes(&["path"])},
        {"name": "send_email", "description": "Sends mail.", "inputSchema": takes(&["to", "body"])},
    ]);
    let toolgate = Toolgate::new().file("desk.json", tools.to_string());
    let told = toolgate_of(&toolgate, "scan --tools desk.json --html page.html");
    let path = "desk/read_inbox → desk/read_file → desk/send_email";
    assert!(told.contains(&format!("data out: {path} (1 source, 2 holders, 1 sink)")), "{told}");
    assert!(fs::read_to_string(toolgate.path("page.html")).unwrap().contains(path));
    assert!(toolgate_of(&toolgate, "scan --tools desk.json --sarif").contains(path));
    let told =
        json_of(toolgate.line("scan --tools desk.json --json --fail-on critical").run().exits(3));
    assert_eq!(told["flows"][0]["sinks"][0]["tool"], "send_email");
}
