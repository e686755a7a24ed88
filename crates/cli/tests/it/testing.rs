//! `toolgate test`, and that a policy whose tests fail comes into force nowhere.

use std::fs;

use crate::session::{POLICY, parse};
use crate::toolgate::Toolgate;

const GOOD: &str = "\
default: deny
tools:
  pay:
    require: [{path: args.amount, op: lte, value: 5}]
    rate_limit: 1/minute
tests:
  - {name: five, tool: pay, args: {amount: 5}, expect: allow}
";

/// Its test is as it was, its rule is not.
fn broken() -> String {
    GOOD.replace("value: 5}]", "value: 4}]")
}

#[test]
fn what_failed_is_told_with_the_rule_that_decided_and_its_line() {
    let toolgate = Toolgate::new().file("p.yaml", broken()).file("good.yaml", GOOD);
    let ran = toolgate.line("test p.yaml good.yaml").run();
    ran.exits(1).says("FAILED five (line 7)").says("call      pay {\"amount\":5}");
    ran.says("expected  allow").says("came      deny, code condition_not_met");
    ran.says("rule      line 4, /tools/pay/require/0");
    ran.says("p.yaml: 0 passed, 1 failed").says("good.yaml: 1 passed;");
    ran.says("2 policies: 1 passed, 1 failed");
}

#[test]
fn coverage_names_the_rules_that_no_test_asks_by_line() {
    let ran = Toolgate::new().file("p.yaml", GOOD).line("test p.yaml --coverage").run();
    ran.exits(0).says("p.yaml: 1 passed; 0 % of its rules decide a test");
    ran.says("line 4    /tools/pay/require/0: lets 1 call pass, and decides none");
    let more = "  - {tool: pay, args: {amount: 6}, expect: deny}\n  - {tool: pay, args: {amount: 5}, \
                history: [{ago: 1s}], expect: limit}\n";
    let ran =
        Toolgate::new().file("p.yaml", format!("{GOOD}{more}")).line("test p.yaml --coverage");
    ran.run().exits(0).says("p.yaml: 3 passed; 100 %").says("2 of 2 rules covered");
}

#[test]
fn a_directory_is_searched_for_policies_with_tests() {
    let toolgate = Toolgate::new();
    fs::create_dir_all(toolgate.path("policies/inner")).unwrap();
    let toolgate = toolgate
        .file("policies/a.yaml", GOOD)
        .file("policies/inner/b.yml", GOOD)
        .file("policies/untested.yaml", "default: deny\n")
        .file("policies/other.json", "{\"name\": \"package\"}")
        .file("policies/notes.txt", "tests: none");
    let toolgate = toolgate.line("test policies");
    toolgate.run().exits(0).says("2 policies: 2 passed, 0 failed; 2 documents without tests");
    let toolgate = toolgate.file("policies/c.yaml", format!("{GOOD}tols: {{}}\n"));
    toolgate
        .run()
        .exits(6)
        .warns("unknown key `tols`")
        .says("3 policies: 2 passed, 0 failed; 1 with errors");
}

#[test]
fn junit_has_every_call_and_a_broken_policy_is_an_error_in_it() {
    let hostile = GOOD.replace("name: five", "name: \"<&\\\"]]>\\x07\"");
    let toolgate = Toolgate::new()
        .file("good.yaml", hostile)
        .file("failing.yaml", broken())
        .file("broken.yaml", "defalt: deny\n");
    let toolgate = toolgate.line("test good.yaml failing.yaml broken.yaml --junit report.xml");
    toolgate.run().exits(6);
    let report = fs::read_to_string(toolgate.path("report.xml")).unwrap();
    for part in [
        "<testsuites name=\"toolgate\" tests=\"3\" failures=\"1\" errors=\"1\">",
        "name=\"&lt;&amp;&quot;]]&gt;\u{fffd}: pay {&quot;amount&quot;:5}\"",
        "<failure message=\"effect `allow` expected, `deny` came\">",
        "<error message=\"the policy has errors\">",
    ] {
        assert!(report.contains(part), "no {part} in\n{report}");
    }
}

#[test]
fn json_says_all_of_it() {
    let ran = Toolgate::new().file("p.yaml", broken()).line("test p.yaml --json").run();
    let report = parse(&ran.exits(1).stdout);
    let file = report.root().get("files").unwrap().items().next().unwrap();
    let test = file.get("tests").unwrap().items().next().unwrap();
    assert_eq!(test.get("passed").unwrap().as_bool(), Some(false));
    let came = test.get("came").unwrap();
    assert_eq!(came.get("rule").unwrap().as_str().unwrap(), "/tools/pay/require/0");
    assert_eq!(came.get("line").unwrap().raw(), b"4");
}

#[test]
fn a_policy_whose_tests_fail_is_not_put_in_force() {
    let failing =
        "test `five` fails for `pay {\"amount\":5}`: effect `allow` expected, `deny` came";
    for line in [
        "run --policy p.yaml --state state -- nothing",
        "policy --state state put pay p.yaml",
        "check p.yaml",
    ] {
        let toolgate = Toolgate::new().file("p.yaml", broken()).line(line);
        toolgate.run().exits(6).is_silent().warns(failing).warns("p.yaml:7:");
    }
    let toolgate = Toolgate::new().file("good.yaml", GOOD);
    let toolgate = toolgate.line("policy --state state put pay good.yaml");
    toolgate.run().exits(0);
    let toolgate = toolgate.line("policy --state state list pay");
    assert_eq!(toolgate.run().exits(0).stdout.lines().count(), 2);
}

/// The revision names what a policy decides; tests decide nothing.
#[test]
fn tests_leave_the_revision_as_it_is() {
    let bare = GOOD.split("tests:").next().unwrap();
    let print = |text: &str| {
        let ran = Toolgate::new().file("p.yaml", text).line("check p.yaml --print").run();
        ran.exits(0).stdout.clone()
    };
    assert_eq!(print(bare), print(GOOD));
    assert!(!print(GOOD).contains("tests"));
}

#[test]
fn the_demo_is_tested_by_its_own_tests() {
    let toolgate = Toolgate::new().file("p.yaml", POLICY);
    toolgate.line("test p.yaml").run().exits(0).says("100 % of its rules");
}
