//! `toolgate check`.

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};

use crate::toolgate::Toolgate;

const GOOD: &str = "\
version: \"1\"
default: deny
tools:
  refund:
    limits:
      - {window: day, max: 3, scope: grant, align: sliding, refund: not_sent}
";

const BAD: &str = "\
version: \"1\"
defualt: deny
tools:
  refund:
    limits:
      - {counter: refunds, windw: day, max: 3}
";

#[test]
fn a_good_policy_passes() {
    let ran = Toolgate::new().file("p.yaml", GOOD).line("check p.yaml").run();
    assert_eq!(ran.exits(0).stdout, "p.yaml: ok\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn every_mistake_is_told_at_once() {
    let ran = Toolgate::new().file("p.yaml", BAD).line("check p.yaml").run();
    ran.fails_in_one_line(6, "p.yaml: ").warns("defualt").warns("`default`").warns("windw");
    ran.warns("p.yaml:2").warns("p.yaml:6");
}

#[test]
fn one_bad_policy_among_good_ones_fails() {
    let toolgate = Toolgate::new().file("a.yaml", GOOD).file("b.yaml", BAD).file("c.yaml", GOOD);
    let ran = toolgate.line("check a.yaml b.yaml c.yaml").run();
    assert_eq!(ran.exits(6).stdout, "a.yaml: ok\nc.yaml: ok\n");
}

#[test]
fn warnings_do_not_fail_and_go_to_standard_error() {
    let silent = GOOD.replace("default: deny\n", "");
    let ran = Toolgate::new().file("p.yaml", silent).line("check p.yaml").run();
    ran.exits(0).warns("default").says("p.yaml: ok, 1 warning");
}

#[test]
fn standard_input_is_a_file_too() {
    Toolgate::new().stdin(GOOD).line("check -").run().exits(0).says("<stdin>: ok");
    Toolgate::new().stdin(BAD).line("check -").run().exits(6).warns("<stdin>:2");
}

#[test]
fn a_configuration_is_checked_like_a_policy() {
    let toolgate = Toolgate::new().file("p.yaml", GOOD).file(
        "toolgate.yaml",
        "listen: 0.0.0.0:0\nservers: {shop: {command: [./shop], env: {API_KEY: hunter2}}}\n",
    );
    let ran = toolgate.line("check --config toolgate.yaml p.yaml").run();
    ran.exits(0).says("p.yaml: ok\n").says("toolgate.yaml: ok, 2 warnings").warns("`API_KEY`");
    let bad = Toolgate::new().file("t.yaml", "lisen: 1\nservers: {shop: {}}\n");
    let ran = bad.line("check --config t.yaml").run();
    ran.fails_in_one_line(6, "t.yaml: 2 errors").warns("did you mean `listen`?").warns("t.yaml:2");
    Toolgate::new().line("check --config none.yaml").run().exits(6).warns("cannot read");
    Toolgate::new().stdin(GOOD).line("check --config -").run().exits(6).warns("is this a policy?");
}

#[test]
fn a_configuration_is_printed_without_its_secrets() {
    let text = "servers: {shop: {command: [./shop], env: {API_KEY: hunter2}}}\n";
    let ran = Toolgate::new().stdin(text).line("check --config - --print").run();
    ran.exits(0).says("\"listen\": \"127.0.0.1:8480\"").says("/shop\"]");
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
    let ran = Toolgate::new().stdin(text).line("check --config - --json").run();
    let envelope = Document::parse(Bytes::from(ran.exits(0).stdout.clone()), Reading::Strict);
    let envelope = envelope.unwrap();
    let config = envelope.root().get("config").unwrap();
    assert_eq!(config.get("valid").and_then(Value::as_bool), Some(true));
    assert_eq!(config.get("diagnostics").unwrap().items().count(), 1);
}

/// The canonical form means the same as what it came from, and is its own canonical form.
#[test]
fn print_gives_the_canonical_form() {
    let once = Toolgate::new().stdin(GOOD).line("check - --print").run();
    once.exits(0).says("\"refund\"");
    let twice = Toolgate::new().stdin(once.stdout.clone()).line("check - --print").run();
    assert_eq!(twice.exits(0).stdout, once.stdout);
    Toolgate::new().stdin(BAD).line("check - --print").run().exits(6).is_silent();
}

#[test]
fn json_has_every_finding() {
    let toolgate = Toolgate::new().file("good.yaml", GOOD).file("bad.yaml", BAD);
    let ran = toolgate.line("check good.yaml bad.yaml --json").run();
    assert_eq!(ran.exits(6).stderr, "");
    let envelope = Document::parse(Bytes::from(ran.stdout.clone()), Reading::Strict).unwrap();
    let policies: Vec<_> = envelope.root().get("policies").unwrap().items().collect();
    assert_eq!(envelope.root().get("version").and_then(Value::as_number), Some("1"));
    assert_eq!(policies[0].get("valid").and_then(Value::as_bool), Some(true));
    assert_eq!(policies[1].get("valid").and_then(Value::as_bool), Some(false));
    let found: Vec<_> = policies[1].get("diagnostics").unwrap().items().collect();
    let lines: Vec<_> = found.iter().filter_map(|one| one.get("line")?.as_number()).collect();
    assert!(lines.contains(&"2") && lines.contains(&"6"), "{}", ran.stdout);
    assert!(found.iter().all(|one| one.get("severity").is_some() && one.get("message").is_some()));
}

#[test]
fn what_cannot_be_read_says_so() {
    let ran = Toolgate::new().line("check none.yaml").run();
    ran.fails_in_one_line(6, "cannot read the policy `none.yaml`");
    let ran = Toolgate::new().file("p.yaml", b"version: \xff").line("check p.yaml").run();
    ran.fails_in_one_line(6, "not UTF-8 at byte 9");
    let ran = Toolgate::new().line("check none.yaml --json").run();
    ran.exits(6).warns(r#"{"version":1,"error":{"exit":6,"kind":"policy","#);
}
