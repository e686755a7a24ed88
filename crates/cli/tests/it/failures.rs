//! What `run` cannot work with: one line that says how to mend it, and a documented exit code.

use std::net::TcpListener;
use std::process::Command;

use crate::session::{POLICY, answers_on, play};
use crate::toolgate::{BINARY, Ran, Toolgate, run};

fn start(toolgate: Toolgate, args: &[&str]) -> Ran {
    toolgate.args(&[&["run"], args].concat()).run()
}

fn with_policy() -> Toolgate {
    Toolgate::new().file("p.yaml", POLICY)
}

#[test]
fn a_policy_that_is_not_there() {
    let ran = start(Toolgate::new(), &["--policy", "none.yaml", "--", BINARY, "demo-shop"]);
    ran.fails_in_one_line(6, "cannot read the policy none.yaml");
}

#[test]
fn a_policy_that_cannot_be_read() {
    let ran = start(Toolgate::new(), &["--policy", ".", "--", BINARY, "demo-shop"]);
    ran.fails_in_one_line(6, "cannot read the policy");
}

#[test]
fn a_policy_with_mistakes() {
    let toolgate = Toolgate::new().file("p.yaml", "defualt: deny\n");
    let ran = start(toolgate, &["--policy", "p.yaml", "--", BINARY, "demo-shop"]);
    ran.fails_in_one_line(6, "has errors").warns("`default`");
}

#[test]
fn a_server_that_cannot_be_started() {
    let ran = start(with_policy(), &["--policy", "p.yaml", "--", "./no-such-program"]);
    ran.fails_in_one_line(4, "cannot start the server `./no-such-program`");
}

#[test]
fn a_server_that_ends_passes_its_exit_code_on() {
    let ran = start(with_policy(), &["--policy", "p.yaml", "--", "sh", "-c", "exit 3"]);
    ran.fails_in_one_line(3, "the server ended with exit code 3");
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let args = ["--policy", "p.yaml", "--listen", &address, "--", BINARY, "demo-shop"];
    start(with_policy(), &args).fails_in_one_line(2, &format!("cannot listen on {address}"));
}

#[test]
fn a_state_directory_that_cannot_be_written() {
    let args = ["--policy", "p.yaml", "--state", "p.yaml/state", "--", BINARY, "demo-shop"];
    start(with_policy(), &args).fails_in_one_line(7, "cannot write `p.yaml/state`");
}

#[test]
fn a_store_that_is_corrupt() {
    let toolgate = play(&[]).file("state/audit.db", "not a database");
    let (_, ran) = answers_on(toolgate, &[]);
    ran.fails_in_one_line(7, "is damaged");
}

/// The shell's limit on the size of files stands for a disk that is full.
#[test]
fn a_disk_that_is_full() {
    let toolgate = with_policy();
    let gate = format!("exec {BINARY} run --policy p.yaml -- {BINARY} demo-shop");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f 1; {gate}")]);
    command.current_dir(toolgate.place()).env("HOME", toolgate.place());
    command.env_remove("TOOLGATE_STATE").env_remove("XDG_STATE_HOME");
    run(command, b"").fails_in_one_line(7, "cannot write ");
}

#[test]
fn a_header_with_a_plain_secret() {
    let url = ["--policy", "p.yaml", "--url", "http://127.0.0.1:1/mcp"];
    let plain = [&url[..], &["--header", "Authorization=Bearer s3cret"]].concat();
    let ran = start(with_policy(), &plain);
    ran.fails_in_one_line(2, "--header Authorization=env:AUTHORIZATION");
    assert!(!ran.stderr.contains("s3cret"));
    let unset = [&url[..], &["--header", "Authorization=env:NO_SUCH_VARIABLE"]].concat();
    start(with_policy(), &unset).fails_in_one_line(2, "NO_SUCH_VARIABLE");
    let command = ["--policy", "p.yaml", "--header", "A=env:B", "--", BINARY, "demo-shop"];
    start(with_policy(), &command).fails_in_one_line(2, "`--header` is for a server with `--url`");
}

#[test]
fn names_that_could_be_mistaken() {
    for (option, name) in [("--grant", "a b"), ("--server", ""), ("--server", "a\u{1b}[2J")] {
        let args = ["--policy", "p.yaml", option, name, "--", BINARY, "demo-shop"];
        start(with_policy(), &args).fails_in_one_line(2, &format!("`{option}` is not a name"));
    }
}

#[test]
fn no_place_for_the_state() {
    let toolgate = with_policy().args(&["run", "--policy", "p.yaml", "--", BINARY, "demo-shop"]);
    let mut command = toolgate.command();
    command.env_remove("HOME");
    run(command, b"").fails_in_one_line(2, "`--state DIR`");
}
