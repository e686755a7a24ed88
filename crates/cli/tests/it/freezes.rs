//! `toolgate freeze` and `thaw`, as they are typed.

use serde_json::Value;

use crate::session::play;
use crate::toolgate::{Ran, Toolgate};

fn typed(toolgate: Toolgate, line: &str) -> (Toolgate, Ran) {
    let toolgate = toolgate.line(&format!("{line} --state state"));
    let ran = toolgate.run();
    (toolgate, ran)
}

#[test]
fn names_that_nobody_has_used_are_refused_with_the_nearest() {
    let toolgate = play(&[("list_customers", "{}")]);
    let (toolgate, ran) = typed(toolgate, "freeze --server shpo");
    ran.fails_in_one_line(
        2,
        "no server `shpo` is registered or has been called; did you mean `shop`?",
    );
    let (toolgate, ran) = typed(toolgate, "freeze --server shop --grant xyz");
    ran.fails_in_one_line(2, "no grant `xyz`");
    let (toolgate, ran) = typed(toolgate, "freeze --list");
    ran.exits(0).says("nothing is frozen");
    let (toolgate, ran) = typed(toolgate, "freeze --server new --unseen --json");
    ran.exits(0).says(r#""extent":"server","name":"new""#).says(r#""already":false"#);
    let (_, ran) = typed(toolgate, "freeze --server a/b");
    ran.fails_in_one_line(2, "is not a name");
}

#[test]
fn what_is_frozen_already_says_since_when_and_stays_so() {
    let toolgate = play(&[("list_customers", "{}")]);
    let (toolgate, ran) = typed(toolgate, "freeze --server shop --grant local --reason first");
    ran.exits(0)
        .says("server `shop` is frozen: no call passes until `toolgate thaw --server shop`");
    let (toolgate, ran) = typed(toolgate, "freeze --server shop --reason second");
    ran.exits(0).says("server `shop` is frozen already, since ").says(", by os:").says(": first");
    let (toolgate, ran) = typed(toolgate, "thaw --all");
    ran.fails_in_one_line(
        2,
        "no freeze of everything to thaw; frozen is grant `local`, server `shop`",
    );
    let (toolgate, ran) = typed(toolgate, "thaw --server shop");
    ran.exits(0).says("server `shop` is thawed\nstill frozen: grant `local`, since ");
    let (toolgate, ran) = typed(toolgate, "freeze --list --json");
    let list: Value = serde_json::from_str(&ran.exits(0).stdout).unwrap();
    assert_eq!(list["freezes"].as_array().unwrap().len(), 1);
    assert_eq!(list["freezes"][0]["reason"], "first");
    let (_, ran) = typed(toolgate, "thaw --grant local --json");
    ran.exits(0).says(r#""freezes":[]"#);
}

#[test]
fn what_was_typed_wrong_is_told_in_one_line() {
    let toolgate = play(&[("list_customers", "{}")]);
    let mut toolgate = toolgate;
    for (line, says) in [
        ("freeze", "were not provided"),
        ("freeze --all --server shop", "cannot be used with"),
        ("freeze --list --reason x", "were not provided"),
        ("thaw", "were not provided"),
        ("freeze --server shop --state elsewhere", "cannot be used multiple times"),
    ] {
        let (back, ran) = typed(toolgate, line);
        ran.fails_in_one_line(2, says);
        toolgate = back;
    }
    // Else somebody would believe that something is frozen.
    let toolgate = toolgate.line("freeze --all --state elsewhere");
    toolgate.run().fails_in_one_line(7, "is no state directory");
}
