//! `toolgate explain`: golden files for every policy that is shipped or shown, and what it must
//! not tell.
//!
//! A file under `tests/explain/` begins with the policy it is about; each line that starts with
//! `$ ` is what is typed behind `toolgate explain --policy`, and what follows is what comes.
//! `UPDATE=1 cargo test -p toolgate --test it -- explain` writes what comes now; review the diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::documents::policies_shown;
use crate::session::{POLICY, parse, play, play_on};
use crate::toolgate::Toolgate;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `policies/demo.yaml`, or `docs/policy.md 2`: the second policy that is shown there.
fn policy(named: &str) -> String {
    match named.rsplit_once(' ') {
        None => fs::read_to_string(root().join(named)).unwrap(),
        Some((document, number)) => {
            let number: usize = number.parse().unwrap();
            let shown = policies_shown(&root().join(document));
            shown[number - 1].clone()
        }
    }
}

#[test]
fn every_shipped_policy_is_explained_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
    let mut covered = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let golden = fs::read_to_string(&path).unwrap();
        let named = golden.lines().next().unwrap().strip_prefix("policy ").unwrap();
        let mut toolgate = Toolgate::new().file("policy.yaml", policy(named));
        let mut now = format!("policy {named}\n");
        for line in golden.lines().filter(|line| line.starts_with("$ ")) {
            toolgate = toolgate.line(&format!("explain --policy policy.yaml {}", &line[2..]));
            let ran = toolgate.run();
            ran.exits(0);
            assert_eq!(ran.stderr, "", "{line}");
            write!(now, "\n{line}\n{}", ran.stdout).unwrap();
        }
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, now).unwrap();
        } else {
            assert_eq!(golden, now, "{}", path.display());
        }
        covered.push(named.to_owned());
    }
    let mut expected: Vec<String> = fs::read_dir(root().join("policies"))
        .unwrap()
        .map(|entry| format!("policies/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    for document in ["README.md", "docs/policy.md", "docs/testing.md"] {
        let shown = policies_shown(&root().join(document)).len();
        expected.extend((1..=shown).map(|number| format!("{document} {number}")));
    }
    expected.sort();
    covered.sort();
    assert_eq!(covered, expected, "each policy has a golden file");
}

const CALLS: [(&str, &str); 5] = [
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("refund", r#"{"customer":"c-1","amount":20}"#),
    ("refund", r#"{"customer":"c-1","amount":200}"#),
];

/// The id of the only decision whose line in the log has all `parts`.
fn id_of(toolgate: Toolgate, parts: &[&str]) -> (Toolgate, String) {
    let toolgate = toolgate.line("audit --state state tail -n 100");
    let ran = toolgate.run();
    let mut lines = ran.stdout.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
    assert!(lines.clone().next().is_some(), "no {parts:?} in\n{}", ran.stdout);
    let line = lines.next().unwrap();
    assert_eq!(lines.next(), None, "{parts:?}");
    let id = line.split_whitespace().find(|word| word.starts_with("dec_")).unwrap().to_owned();
    (toolgate, id)
}

#[test]
fn a_decision_is_explained_by_the_policy_that_made_it_or_not_at_all() {
    let (toolgate, id) = id_of(play(&CALLS), &["refund", "deny"]);
    let toolgate = toolgate.line(&format!("explain {id} --state state"));
    let ran = toolgate.run();
    ran.exits(0).says("deny, code condition_not_met, rule /tools/refund/require/0");
    ran.says("the policy was a file, revision ").says("`amount`, `customer`");
    assert!(!ran.stdout.contains("line 21"), "{}", ran.stdout);

    // Another text, be it as strict, is not what decided.
    let toolgate = toolgate.file("other.yaml", POLICY.replace("value: 100", "value: 99"));
    let args = r#"--args '{"customer":"c-1","amount":200}'"#;
    let toolgate = toolgate.line(&format!("explain {id} --state state --policy other.yaml {args}"));
    let ran = toolgate.run();
    ran.exits(0).says("and the decision was made by revision").says("`other.yaml` is revision");
    assert!(!ran.stdout.contains("DENIED"), "{}", ran.stdout);

    // A text that means the same is.
    let toolgate = toolgate.file("same.yaml", format!("# moved down\n{POLICY}"));
    let toolgate = toolgate.line(&format!("explain {id} --state state --policy same.yaml {args}"));
    let ran = toolgate.run();
    ran.exits(0).says("args.amount is 200; it must be at most 100").says("DENIED by line 22");
    assert!(!ran.stdout.contains("cannot be told"), "{}", ran.stdout);

    let wrong = r#"--args '{"customer":"c-1","amount":201}'"#;
    let toolgate = toolgate.line(&format!("explain {id} --state state --policy p.yaml {wrong}"));
    toolgate.run().fails_in_one_line(2, "not the arguments of that call");
}

#[test]
fn a_recorded_limit_is_explained_as_it_stood_then() {
    let (toolgate, id) = id_of(play(&CALLS), &["list_customers", " limit "]);
    let line = format!("explain {id} --state state --policy p.yaml --args '{{}}'");
    let toolgate = toolgate.line(&line);
    let ran = toolgate.run();
    ran.exits(0).says("2 before, 1 more do not fit").says("LIMITED by line 10");
    ran.says("call again in ").says("as the counters stood then");
    let json = toolgate.line(&format!("{line} --json")).run();
    let json = parse(&json.exits(0).stdout);
    let decision = json.root().get("decision").unwrap();
    assert_eq!(decision.get("effect").unwrap().as_str().unwrap(), "limit");
    assert_eq!(decision.get("line").unwrap().raw(), b"10");
}

#[test]
fn counters_of_other_grants_are_not_told() {
    let toolgate = play(&CALLS);
    let as_grant = |grant: &str| {
        format!(
            "explain --policy p.yaml --tool list_customers --args {{}} --server shop --state state \
             --as {grant}"
        )
    };
    let toolgate = toolgate.line(&as_grant("local"));
    toolgate.run().exits(0).says("2 before, 1 more do not fit").says("LIMITED");
    // Looking has spent nothing, and another grant has counters of its own.
    let toolgate = toolgate.line(&as_grant("ann"));
    toolgate.run().exits(0).says("0 before, 1 after").says("ALLOWED");
    for scope in ["server", "global"] {
        let shared = POLICY
            .replace("window: minute, max: 2", &format!("window: minute, max: 2, scope: {scope}"));
        let toolgate = Toolgate::new().file("p.yaml", shared);
        let toolgate = play_on(toolgate, &CALLS).line(&as_grant("ann"));
        let ran = toolgate.run();
        ran.exits(0).says("others count too, which is not shown").says("LIMITED");
        ran.says("call again in ");
        assert!(!ran.stdout.contains("before"), "{}", ran.stdout);
        let json = toolgate.line(&format!("{} --json", as_grant("ann"))).run();
        assert!(!json.exits(0).stdout.contains("\"before\""), "{}", json.stdout);
    }
}

#[test]
fn decisions_of_other_grants_do_not_exist() {
    let (toolgate, id) = id_of(play(&CALLS), &["refund", "deny"]);
    let toolgate = toolgate.line(&format!("explain {id} --state state --as ann"));
    toolgate.run().fails_in_one_line(2, &format!("no decision `{id}`"));
    let toolgate = toolgate.line(&format!("explain {id} --state state --as local"));
    toolgate.run().exits(0).says("condition_not_met");
    let toolgate = toolgate.line("explain dec_00000000_1 --state state");
    toolgate.run().fails_in_one_line(2, "no decision `dec_00000000_1`");
}

#[test]
fn a_stored_decision_needs_nothing_but_its_id() {
    let toolgate = Toolgate::new().file("p.yaml", format!("record: args\n{POLICY}"));
    let (toolgate, id) = id_of(play_on(toolgate, &CALLS), &["refund", "deny"]);
    let ran = toolgate.line(&format!("explain {id} --state state --policy p.yaml")).run();
    ran.exits(0).says("args.amount is 200").says("DENIED by line 22");
}

#[test]
fn what_is_typed_wrong_is_told_in_one_line() {
    for (line, code, part) in [
        ("explain", 2, "see `toolgate explain --help`"),
        ("explain --tool t", 2, "name one with `--policy`"),
        ("explain --tool t --policy p.yaml --args {a", 2, "`--args` is refused"),
        ("explain --tool t --policy p.yaml --args [1]", 2, "`--args` is no JSON object"),
        ("explain --tool t --policy missing.yaml", 6, "`missing.yaml`"),
        ("explain --tool t --policy p.yaml --definition d.json", 2, "`d.json`"),
        ("explain --tool t --as ann --state nowhere", 7, "nowhere"),
        ("explain dec_1_1 --state nowhere", 7, "nowhere"),
    ] {
        let toolgate = Toolgate::new().file("p.yaml", POLICY).line(line);
        toolgate.run().fails_in_one_line(code, part);
    }
}
