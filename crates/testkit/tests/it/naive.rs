//! The naive gate has the faults that it is there to have.

use std::process::Command;

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Ledger, Pipe, Scratch, Web, bin};

use crate::{ledger_flag, text};

/// A naive gate before a sentinel that writes a ledger in this folder.
fn gate(scratch: &Scratch, flags: &[&str]) -> Pipe {
    let mut command = Command::new(bin("naive-proxy"));
    command.args(flags).arg("--").arg(bin("sentinel")).arg(ledger_flag(scratch));
    Pipe::spawn(command)
}

#[tokio::test]
async fn plain_denials_hold() {
    let scratch = Scratch::new();
    let pipe = gate(&scratch, &["--deny", "delete_customer"]);
    pipe.open().await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
    let denied = pipe.call("delete_customer", json!({})).await;
    assert_eq!(denied["result"]["isError"], true);
    assert!(pipe.close().await.success());
    assert!(Ledger::new(scratch.ledger()).calls_of("delete_customer").is_empty());
}

#[tokio::test]
async fn what_it_cannot_read_gets_through() {
    let hidden = [
        r#"[{"id":1,"method":"tools/call","params":{"name":"delete_customer"}}]"#,
        r#"{"id":1,"method":"tools/call","params":{"name":"delete_customer","Name":"echo"}}"#,
        r#"{"id":1,"method":"tools/call","Method":"ping","params":{"name":"delete_customer"}}"#,
        r#"{"id":1,"method":"tools/call","params":{"name":"delete_customer","arguments":[]}}"#,
    ];
    for line in hidden {
        let scratch = Scratch::new();
        let pipe = gate(&scratch, &["--deny", "delete_customer"]);
        pipe.send_line(line).await.unwrap();
        assert!(pipe.close().await.success());
        assert_eq!(Ledger::new(scratch.ledger()).calls_of("delete_customer").len(), 1, "{line}");
    }
}

#[tokio::test]
async fn limits_are_forgotten_with_the_process() {
    let scratch = Scratch::new();
    for _ in 0..2 {
        let pipe = gate(&scratch, &["--limit", "nothing=2"]);
        let denied = async || pipe.call("nothing", Value::Null).await["result"]["isError"] == true;
        assert_eq!([denied().await, denied().await, denied().await], [false, false, true]);
        assert!(pipe.close().await.success());
    }
    assert_eq!(Ledger::new(scratch.ledger()).calls_of("nothing").len(), 4);
}

#[tokio::test]
async fn http_has_the_same_faults() {
    let scratch = Scratch::new();
    let server = Daemon::sentinel(&[&ledger_flag(&scratch)]).await;
    let mut command = Command::new(bin("naive-proxy"));
    command.args(["--http", "127.0.0.1:0", "--upstream", &server.url, "--deny", "refund"]);
    let gate = Daemon::start(command).await;
    let web = Web::new(&gate.url);
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
    assert_eq!(web.call("refund", json!({})).await["result"]["isError"], true);
    let ledger = Ledger::new(scratch.ledger());
    assert!(ledger.calls_of("refund").is_empty());
    let batch = r#"[{"id":1,"method":"tools/call","params":{"name":"refund"}}]"#;
    assert_eq!(web.post(batch, &[]).await.status, 200);
    assert_eq!(ledger.calls_of("refund").len(), 1);
}
