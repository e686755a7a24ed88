//! `toolgate demo --once`: the whole thing, from a client to a server and back.

use crate::toolgate::Toolgate;

#[test]
fn the_demo_goes_as_its_policy_has_it() {
    let ran = Toolgate::new().line("demo --once").run();
    ran.exits(0);
    for part in [
        "default: deny",
        "allowed",
        "denied: default_deny",
        "ambiguous_argument",
        "limited",
        "hidden",
        "refused",
        "14 calls, 4 reached the shop: all as the policy has it.",
        "The audit log is intact: ",
    ] {
        ran.says(part);
    }
    assert!(!ran.stdout.contains("NOT EXPECTED"));
}
