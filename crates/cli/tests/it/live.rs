//! `toolgate top`: one look, and the screen.

use serde_json::Value;

use crate::pty::Pty;
use crate::session::{play, play_on};
use crate::toolgate::Toolgate;

/// Three pass, the fourth is over a limit, two are denied.
const CALLS: [(&str, &str); 6] = [
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("refund", r#"{"customer":"c-1","amount":20}"#),
    ("refund", r#"{"customer":"c-1","amount":200}"#),
    ("run_command", r#"{"command":"ls"}"#),
];

fn look(toolgate: Toolgate, line: &str) -> (Toolgate, Value) {
    let toolgate = toolgate.line(&format!("top --state state --json {line}"));
    let look = serde_json::from_str(&toolgate.run().exits(0).stdout).unwrap();
    (toolgate, look)
}

#[test]
fn one_look_counts_what_the_log_has() {
    let (toolgate, look) = look(play(&CALLS), "--window 1h");
    let decided = serde_json::json!({"allow": 3, "deny": 2, "limit": 1, "pending": 0});
    assert_eq!(look["decisions"], decided);
    assert_eq!(look["servers"][0]["server"], "shop");
    assert_eq!(look["grants"][0]["allow"], 3);
    let denial = |code: &str| {
        let all = look["denials"].as_array().unwrap();
        all.iter().find(|it| it["code"] == code).cloned().unwrap_or_default()
    };
    assert_eq!(denial("default_deny")["count"], 1);
    assert_eq!(denial("limit")["rule"], "/tools/list_customers/limits/0");
    let budgets = look["budgets"].as_array().unwrap();
    let full = &budgets[0];
    assert_eq!(
        (&full["used"], &full["max"], &full["percent"]),
        (&"2".into(), &"2".into(), &100.into())
    );
    let refunds = budgets.iter().find(|it| it["rule"] == "/tools/refund/limits/0").unwrap();
    assert_eq!((&refunds["used"], &refunds["max"]), (&"20".into(), &"150".into()));
    assert_eq!(refunds["owner"], "local at shop");
    assert_eq!(
        (&look["approvals"], &look["freezes"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );

    let toolgate = toolgate.line("freeze --all --state state");
    toolgate.run().exits(0);
    // Without a terminal it is one look, too.
    let toolgate = toolgate.line("top --state state");
    let ran = toolgate.run();
    ran.exits(0).says("allow 3  deny 2  limit 1  pending 0   in the last 60 s");
    ran.says("FROZEN everything, since ")
        .says("100%  2 of 2 in 60 s  ")
        .says("waiting for a person\n  none");
    let toolgate = toolgate.line("top --state state --window soon");
    toolgate.run().fails_in_one_line(2, "`--window soon` is no time");
    let toolgate = toolgate.line("top --state nowhere");
    toolgate.run().fails_in_one_line(7, "is no state directory");
}

#[test]
fn the_screen_shows_what_comes_and_ends_with_q() {
    let toolgate = play(&CALLS[..1]);
    let toolgate = toolgate.line("top --state state");
    let mut top = Pty::spawn(toolgate.command());
    top.until("budgets");
    top.until("looks");
    let toolgate = play_on(toolgate, &[("run_command", "{}")]);
    top.until("default_deny");
    top.press("p");
    top.until("PAUSED");
    top.press("q");
    assert!(top.wait().success());
    drop(toolgate);
}
