//! `toolgate approvals`: a person's answer, typed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::pty::Pty;
use crate::session::answers_on;
use crate::toolgate::{BINARY, Ran, Toolgate};

const POLICY: &str = "\
version: \"1\"
default: deny
approvals: {hold: 0s}
tools:
  refund: {rules: [{action: require_approval}]}
  list_customers: {}
";

/// Calls `refund` with these arguments; gives what the agent heard.
fn refund(toolgate: Toolgate, arguments: &str) -> (Toolgate, String) {
    let (toolgate, ran) = answers_on(toolgate, &[("refund", arguments)]);
    let heard =
        ran.exits(0).stdout.lines().find(|line| line.contains("\"id\":1")).unwrap().to_owned();
    (toolgate, heard)
}

fn asked(amounts: &[u32]) -> (Toolgate, Vec<String>) {
    let mut toolgate = Toolgate::new().file("p.yaml", POLICY);
    for amount in amounts {
        (toolgate, _) = refund(toolgate, &arguments(*amount));
    }
    let (toolgate, list) = list(toolgate, "list");
    let ids = list.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    (toolgate, ids)
}

fn arguments(amount: u32) -> String {
    format!(r#"{{"amount":{amount},"customer":"c-1"}}"#)
}

fn approvals(toolgate: Toolgate, line: &str) -> (Toolgate, Ran) {
    let toolgate = toolgate.line(&format!("approvals --state state {line}"));
    let ran = toolgate.run();
    (toolgate, ran)
}

fn list(toolgate: Toolgate, line: &str) -> (Toolgate, Vec<Value>) {
    let (toolgate, ran) = approvals(toolgate, &format!("{line} --json"));
    let whole: Value = serde_json::from_str(&ran.exits(0).stdout).unwrap();
    assert_eq!(whole["version"], 1);
    (toolgate, whole["approvals"].as_array().unwrap().clone())
}

#[test]
fn a_yes_lets_the_identical_call_pass_once() {
    let (toolgate, ids) = asked(&[20, 30]);
    let (toolgate, listed) = list(toolgate, "list");
    assert_eq!(listed[0]["arguments"]["amount"], 20);
    for (member, value) in [
        ("state", "pending"),
        ("grant", "local"),
        ("server", "shop"),
        ("tool", "refund"),
        ("rule", "/tools/refund/rules/0"),
    ] {
        assert_eq!(listed[0][member], value);
    }
    assert_eq!(listed[0]["principal"]["subject"], "local");
    assert!(listed[0]["asked"].is_string() && listed[0]["expires"].is_string());
    // A beginning will do, with what is in front of all of them and without.
    let (toolgate, ran) = approvals(toolgate, &format!("approve {} --reason fine", &ids[0][4..12]));
    ran.exits(0).says(&format!("approved {}: shop/refund under grant `local` passes once", ids[0]));
    let (toolgate, heard) = refund(toolgate, &arguments(20));
    assert!(heard.contains("refunded 20"), "{heard}");
    let (toolgate, heard) = refund(toolgate, &arguments(20));
    assert!(heard.contains("approval pending"), "{heard}");
    let (toolgate, ran) = approvals(toolgate, &format!("deny {} --reason never", &ids[1][..12]));
    ran.exits(0).says(&format!("denied {}: shop/refund", ids[1]));
    let (toolgate, heard) = refund(toolgate, &arguments(30));
    assert!(heard.contains("\"isError\":true") && heard.contains("never"), "{heard}");
    let (toolgate, listed) = list(toolgate, "list --all");
    let states: Vec<_> = listed.iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["used", "denied", "pending"]);
    assert!(listed[0]["answer"]["by"].as_str().unwrap().starts_with("os:"));
    assert_eq!(listed[0]["answer"]["reason"], "fine");
    let (_, ran) = approvals(toolgate, "list");
    assert_eq!(ran.exits(0).stdout.lines().count(), 2, "{}", ran.stdout);
}

/// Each is told in one line with who and when, and changes nothing.
#[test]
fn what_cannot_be_answered_says_why() {
    let (toolgate, ids) = asked(&[20, 30]);
    let id = &ids[0];
    let mut toolgate = toolgate;
    for line in ["approve nothing", "deny apr_", "show zz"] {
        let (back, ran) = approvals(toolgate, line);
        ran.fails_in_one_line(1, "there is no approval `").warns(&format!("pending is {id}, "));
        toolgate = back;
    }
    let long = "x".repeat(513);
    let (toolgate, ran) = approvals(toolgate, &format!("deny {id} --reason {long}"));
    ran.fails_in_one_line(2, "`--reason` is one line of at most 512 bytes");
    let (toolgate, ran) = approvals(toolgate, &format!("deny {id} --reason no"));
    ran.exits(0);
    for word in ["approve", "deny"] {
        let command = toolgate.command();
        let mut command = Command::new(command.get_program());
        command.args(["approvals", "--state", "state", word, id]).current_dir(toolgate.place());
        let ran = crate::toolgate::run(command, b"");
        ran.fails_in_one_line(1, "cannot be answered any more: denied ");
        ran.warns("by os:").warns("(cli): no; nothing changed");
    }
    let (toolgate, listed) = list(toolgate, "list --all");
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&"denied".into(), &"pending".into()));
    let (toolgate, ran) = approvals(toolgate, "watch extra");
    ran.fails_in_one_line(2, "unexpected argument `extra`");
    let toolgate = toolgate.line("approvals list --state nowhere");
    toolgate.run().fails_in_one_line(7, "is no state directory");
}

/// T17: what a person reads is what there is; nothing moves, paints or hides.
#[test]
fn arguments_are_shown_whole_and_harmless() {
    let gap = " ".repeat(3000);
    let arguments = format!("{{\"customer\":\"\\u001b[2J\\u202e c{gap}; rm -rf /\",\"amount\":1}}");
    let (toolgate, _) = refund(Toolgate::new().file("p.yaml", POLICY), &arguments);
    let (toolgate, ran) = approvals(toolgate, "list --json");
    assert!(!ran.stdout.chars().any(|c| c != '\n' && toolgate_catalog_hidden(c)), "{}", ran.stdout);
    let listed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let customer = listed["approvals"][0]["arguments"]["customer"].as_str().unwrap();
    assert_eq!(customer, format!("\u{1b}[2J\u{202e} c{gap}; rm -rf /"));
    let id = listed["approvals"][0]["id"].as_str().unwrap();
    let (_, ran) = approvals(toolgate, &format!("show {id}"));
    ran.exits(0).says("\\u{202e} c⟨3000 blanks⟩; rm -rf /\"");
    assert!(!ran.stdout.chars().any(|c| c != '\n' && toolgate_catalog_hidden(c)), "{}", ran.stdout);
}

/// Controls, and what turns the direction of writing around.
fn toolgate_catalog_hidden(c: char) -> bool {
    c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)
}

/// B51: a shell tool behind the gate must not answer for a person, nor thaw, nor make itself the
/// account that answers or the policy that need not ask.
#[test]
fn a_server_behind_the_gate_cannot_do_what_people_do() {
    let (toolgate, ids) = asked(&[20]);
    let script = format!(
        "{BINARY} approvals --state state approve {id} 2>said; echo $? >>said; \
         {BINARY} thaw --state state --all 2>>said; echo $? >>said; \
         {BINARY} account --state state add me --role approver 2>>said; echo $? >>said; \
         {BINARY} policy --state state put p p.yaml 2>>said; echo $? >>said; \
         {BINARY} console --state state --listen 127.0.0.1:0 2>>said; echo $? >>said; true",
        id = ids[0]
    );
    // However many processes stand between.
    let run = ["run", "--policy", "p.yaml", "--state", "state", "--", "sh", "-c"];
    let nested = format!("sh -c '{script}'; true");
    let toolgate = toolgate.stdin("").args(&[&run[..], &[&nested]].concat());
    toolgate.run();
    let said = std::fs::read_to_string(toolgate.path("said")).unwrap();
    assert_eq!(said.matches("a server behind the gate may not").count(), 5, "{said}");
    assert_eq!(said.lines().filter(|line| *line == "1").count(), 5, "{said}");
    let (toolgate, listed) = list(toolgate, "list");
    assert_eq!(listed.len(), 1);
    // A gate on another state directory is another matter.
    let state = toolgate.path("state").display().to_string();
    let script = format!("{BINARY} approvals --state {state} approve {} >said; true", ids[0]);
    let run = ["run", "--policy", "p.yaml", "--state", "other", "--", "sh", "-c", &script];
    let toolgate = toolgate.args(&run);
    toolgate.run();
    assert!(std::fs::read_to_string(toolgate.path("said")).unwrap().contains("approved"));
}

#[test]
fn watch_prints_lines_as_they_come_without_a_terminal() {
    let (toolgate, ids) = asked(&[20]);
    let mut watch = Command::new(BINARY);
    watch.args(["approvals", "--state", "state", "watch"]).current_dir(toolgate.place());
    let mut watch = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap());
    let mut line = || {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        line
    };
    let first = line();
    assert!(first.starts_with(&ids[0]) && first.contains(&arguments(20)), "{first}");
    let (toolgate, _) = refund(toolgate, &arguments(30));
    assert!(line().contains(&arguments(30)));
    let (toolgate, ran) = approvals(toolgate, &format!("deny {} --reason no", ids[0]));
    ran.exits(0);
    let last = line();
    assert!(
        last.starts_with(&ids[0]) && last.contains("denied") && last.contains(": no"),
        "{last}"
    );
    drop(lines);
    let ended = watch.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(0), &b""[..]));
    drop(toolgate);
}

/// On a real terminal: read, a, a reason, Enter.
#[test]
fn the_board_answers_by_keys_and_gives_the_terminal_back() {
    let (toolgate, ids) = asked(&[20, 30]);
    let toolgate = toolgate.line("approvals watch --state state");
    let mut board = Pty::spawn(toolgate.command());
    board.until(&ids[1]);
    board.until("\"amount\"");
    board.press("a");
    board.until("APPROVE");
    board.press("fine\r");
    board.until("passes");
    board.press("d");
    board.until("DENY");
    board.press("\u{1b}");
    // Together with the key behind it, it would be another one.
    board.until("PageDown");
    board.press("q");
    board.until("\u{1b}[?1049l");
    board.until("\u{1b}[?25h");
    assert!(board.wait().success());
    let (_, listed) = list(toolgate, "list --all");
    let state = |at: usize| listed[at]["state"].as_str().unwrap();
    assert_eq!((state(0), state(1)), ("approved", "pending"));
    assert_eq!(listed[0]["answer"]["reason"], "fine");
}
