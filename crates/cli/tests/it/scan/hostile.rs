//! Servers that crash, hang, flood, go on for ever or answer nonsense.

use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use toolgate_testkit::bin;

use super::{hostile, json_of, names};
use crate::toolgate::{Ran, Toolgate};

/// What is said of each, where it cannot be scanned.
const FAILING: [(&str, &str); 6] = [
    ("crash", "the server ended; it said: no database"),
    ("deep", "nested too deeply"),
    ("flood", "longer than the limit"),
    ("no-list", "no list of tools"),
    ("nonsense", "no protocol version"),
    ("refuse", "not \\u{1b}[31mtoday"),
];

/// Those that have to be given up.
const STUCK: [&str; 4] = ["flood-lines", "flood-stderr", "hang", "hang-list"];

/// What is remarked of those that can be.
const REMARKED: [(&str, &str, usize); 5] = [
    ("empty-pages", "more than 100 pages", 0),
    ("endless-pages", "more than 100 pages", 100),
    ("many", "more than 10000 tools", 10_000),
    ("odd", "4 of its tools have no name", 1),
    ("same-page", "the same one again", 2),
];

fn scanned(modes: &[&str], timeout: &str) -> (Ran, Vec<Value>) {
    let servers: serde_json::Map<String, Value> =
        modes.iter().map(|mode| ((*mode).to_owned(), hostile(mode, &[]))).collect();
    let toolgate = Toolgate::new().file("mcp.json", json!({"mcpServers": servers}).to_string());
    let ran = toolgate.line(&format!("scan --config mcp.json --json --timeout {timeout}")).run();
    let told = json_of(&ran)["servers"].as_array().unwrap().clone();
    assert_eq!(told.len(), modes.len());
    (ran, told)
}

fn of<'a>(told: &'a [Value], mode: &str) -> &'a Value {
    told.iter().find(|server| server["server"] == mode).unwrap()
}

#[test]
fn whoever_misbehaves_is_told_by_name_and_the_others_go_on() {
    let failing = FAILING.iter().map(|(mode, _)| *mode);
    let modes: Vec<&str> =
        failing.chain(REMARKED.iter().map(|(mode, ..)| *mode)).chain(["none"]).collect();
    let (ran, told) = scanned(&modes, "600");
    ran.exits(4).warns("6 of 12 servers could not be scanned");
    for (mode, said) in FAILING {
        let error = of(&told, mode)["error"]["text"].as_str().unwrap();
        assert!(error.contains(said) && !error.contains('\n'), "{mode}: {error}");
    }
    for (mode, said, count) in REMARKED {
        let server = of(&told, mode);
        let remark = server["remarks"][0].as_str().unwrap_or_default();
        assert!(remark.contains(said), "{mode}: {remark}");
        assert_eq!(names(server).len(), count, "{mode}");
    }
    assert_eq!(names(of(&told, "none")), ["tool_1"]);
}

#[test]
fn whoever_does_not_come_to_an_end_is_given_up() {
    let (ran, told) = scanned(&STUCK, "1");
    ran.exits(4);
    for mode in STUCK {
        let error = of(&told, mode)["error"]["text"].as_str().unwrap();
        assert!(error.contains("no answer to `") && error.contains("`--timeout`"), "{error}");
    }
}

#[test]
fn one_server_alone_fails_in_one_line() {
    let hostile = bin("hostile");
    for (mode, said) in [("crash", "no database"), ("refuse", "the server refuses the handshake")] {
        let args = ["scan", "--server", mode, "--", hostile.to_str().unwrap(), mode];
        let ran = Toolgate::new().args(&args).run();
        ran.fails_in_one_line(4, said).warns(&format!("server `{mode}`"));
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn whatever_a_server_started_ends_with_the_scan() {
    let toolgate = Toolgate::new();
    let path = toolgate.path("child");
    let hostile = bin("hostile");
    let args = ["scan", "--", hostile.to_str().unwrap(), "leave-child", path.to_str().unwrap()];
    let toolgate = toolgate.args(&args);
    toolgate.run().exits(0);
    let child: i32 = fs::read_to_string(path).unwrap().parse().unwrap();
    assert_gone(child);
}

#[test]
fn an_interrupted_scan_leaves_nothing_behind() {
    let toolgate = Toolgate::new();
    let servers = json!({"a": hostile("leave-child", &["child"]), "b": hostile("hang", &[])});
    let toolgate = toolgate.file("mcp.json", json!({"mcpServers": servers}).to_string());
    let toolgate = toolgate.line("scan --config mcp.json --timeout 600");
    let mut command: Command = toolgate.command();
    let mut running = command.spawn().unwrap();
    let child = wait_for(|| fs::read_to_string(toolgate.path("child")).ok()?.parse().ok());
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));
    assert_gone(child);
}

/// It may be there as a zombie until whoever adopted it looks.
fn assert_gone(process: i32) {
    let pid = Pid::from_raw(process).unwrap();
    let is_zombie = || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
    };
    wait_for(|| (test_kill_process(pid).is_err() || is_zombie()).then_some(()));
}

fn wait_for<T>(what: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}
