//! `toolgate attacks`: what is told of them, and that each one is really stopped.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::toolgate::{Ran, Toolgate};

fn attacks(line: &str) -> Ran {
    Toolgate::new().line(&format!("attacks {line}")).run()
}

fn json(ran: &Ran) -> Value {
    assert!(ran.stdout.starts_with(r#"{"version":1,"#), "{}", ran.stdout);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The whole database, through the real gate: harm without the policy, none with it.
#[test]
fn every_attack_that_can_be_played_is_stopped_by_its_policy() {
    let toolgate = Toolgate::new().line("attacks run --all --json");
    let place = toolgate.path("temporary");
    fs::create_dir(&place).unwrap();
    let toolgate = toolgate.env("TMPDIR", &place);
    let ran = toolgate.run();
    ran.exits(0);
    let played = json(&ran);
    let attacks = played["attacks"].as_array().unwrap();
    assert!(attacks.len() >= 15, "{}", attacks.len());
    assert_eq!(played["stopped"], attacks.len());
    for attack in attacks {
        assert_eq!(attack["stopped"], true, "{attack}");
        assert_eq!(attack["record"]["intact"], true, "{attack}");
        for step in attack["steps"].as_array().unwrap() {
            let harms = |act: &str| step[act]["harms"].as_u64().unwrap();
            assert_eq!(harms("without") > 0, step["side"] == "attack", "{step}");
            assert_eq!(harms("with"), 0, "{step}");
        }
    }
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "nothing is kept");
}

/// What the server wrote down is what is told, and so is what the log holds.
#[test]
fn a_play_shows_what_was_sent_what_arrived_and_what_is_on_record() {
    let ran = attacks("run path-escape");
    ran.exits(0);
    for part in [
        "Path that leaves its folder (High)",
        "op: path_within",
        "ATTACK: two dots",
        "HARM: read /etc/passwd",
        "denied (condition_unknown)",
        "honest: a draft",
        "target/write_file",
        "condition_not_met at /tools/write_file/require/0",
        "2 allowed, 4 denied; the log of",
        "STOPPED path-escape: 4 of 4 attacks did harm without the policy, 0 with it; 2 of 2 honest",
    ] {
        ran.says(part);
    }
}

/// A message with two readings is stopped by the gate itself, so it is left out to show the harm.
#[test]
fn what_the_gate_stops_alone_is_first_played_without_it() {
    attacks("run batch-smuggling").exits(0).says("Without the policy: no gate at all.");
    attacks("run ssrf-metadata").exits(0).says("Without the policy: the gate, everything allowed.");
}

/// The policy allows that very call: what has changed is the tool.
#[test]
fn a_tool_that_changes_is_stopped_by_its_pin() {
    let ran = attacks("run rug-pull --json");
    ran.exits(0);
    let played = json(&ran);
    assert_eq!(played["steps"][0]["sent"], played["steps"][1]["sent"]);
    assert_eq!(played["steps"][0]["with"]["harms"], 0);
    assert_eq!(played["steps"][1]["without"]["harms"], 1);
    assert_eq!(played["steps"][1]["with"]["denied"], "tool_changed");
    assert_eq!(played["steps"][3]["with"]["denied"], "deny_if");
    let setting = played["settings"]["with"].as_str().unwrap();
    assert!(setting.contains("tools_changed: block"), "{setting}");
}

#[test]
fn a_limit_is_shown_at_work() {
    let ran = attacks("run runaway-loop --json");
    ran.exits(0);
    let played = json(&ran);
    assert_eq!(played["record"]["allowed"], 10);
    assert_eq!(played["record"]["limited"], 23);
    assert_eq!(played["steps"][1]["with"]["denied"], "limit");
}

#[test]
fn the_list_has_every_attack_once_and_one_family_alone() {
    let all = json(attacks("list --json").exits(0));
    let all = all["attacks"].as_array().unwrap();
    assert!(all.len() >= 40, "{}", all.len());
    let supply = json(attacks("list --family supply --json").exits(0));
    let supply = supply["attacks"].as_array().unwrap();
    assert!(!supply.is_empty() && supply.len() < all.len());
    assert!(supply.iter().all(|attack| attack["family"] == "supply"));
    let shown = attacks("list");
    for attack in all {
        shown.says(attack["id"].as_str().unwrap());
    }
}

#[test]
fn one_attack_is_told_whole() {
    let ran = attacks("show rug-pull");
    ran.exits(0);
    for part in [
        "rug-pull · definitions · Critical",
        "CVE-2025-54136: ",
        "https://nvd.nist.gov/vuln/detail/CVE-2025-54136",
        "OWASP MCP Top 10      MCP03 tool poisoning, MCP04 supply chain",
        "SAFE-T1201",
        "any server, whatever its tools",
        "default: deny",
        "toolgate attacks run rug-pull",
    ] {
        ran.says(part);
    }
    let same = json(attacks("show rug-pull --json").exits(0));
    assert_eq!(same["maps"]["owasp_mcp"][0], "MCP03");
    assert!(same["policy"].as_str().unwrap().starts_with("version:"));
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let failed = attacks("show path-ecsape");
    failed.fails_in_one_line(2, "did you mean `path-escape`?");
    attacks("run no-such-thing").fails_in_one_line(2, "see `toolgate attacks list`");
    attacks("run").fails_in_one_line(2, "see `toolgate attacks run --help`");
    let talk = attacks("run dns-rebinding");
    talk.fails_in_one_line(2, "`toolgate attacks show dns-rebinding` has the policy to try");
    attacks("run dns-rebinding --json").exits(2).warns(r#"{"version":1,"error":{"exit":2,"#);
    attacks("list --family money").fails_in_one_line(2, "possible values: arguments");
}

/// The index in the guide is the list.
#[test]
fn the_guide_names_every_attack() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/attacks.md");
    let guide = fs::read_to_string(guide).unwrap();
    let all = json(attacks("list --json").exits(0));
    for attack in all["attacks"].as_array().unwrap() {
        let row = format!(
            "| `{}` | {} |",
            attack["id"].as_str().unwrap(),
            attack["name"].as_str().unwrap()
        );
        assert!(guide.contains(&row), "no row {row}");
    }
}
