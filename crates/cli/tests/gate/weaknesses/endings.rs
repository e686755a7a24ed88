//! The end of the server is the end of the gate, with its code, and nothing it said is lost.

use serde_json::{Value, json};

use crate::rig::{BACKS, Back, Era, GUARDED, Rig, assert_error, call_text, text};
use crate::scripted;
use toolgate_testkit::Pipe;

/// The client keeps its side open: the gate must not wait for it.
#[tokio::test]
async fn when_the_child_ends_the_gate_ends_with_its_code() {
    for code in [0, 5, 200] {
        let rig =
            Rig::new(GUARDED).sentinel(&["--exit-after", "3", "--exit-code", &code.to_string()]);
        let pipe = rig.pipe();
        pipe.open().await;
        let last = pipe.call("big", json!({"bytes": 300_000})).await;
        assert_eq!(text(&last).len(), 300_000);
        assert_eq!(pipe.wait().await.code(), Some(code));
        assert!(pipe.next_message().await.is_none());
    }
}

#[tokio::test]
async fn a_crash_in_a_call_is_an_error_under_its_id_and_the_childs_code() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.open().await;
    let silent = pipe.expect(&json!("s")).unwrap();
    let line = r#"{"jsonrpc":"2.0","id":"s","method":"tools/call","params":{"name":"silent"}}"#;
    pipe.send_line(line).await.unwrap();
    assert_error(&pipe.call("crash", Value::Null).await, 50200);
    assert_error(&silent.await.unwrap().json, 50200);
    assert_eq!(pipe.wait().await.code(), Some(7));
    let outcomes: Vec<_> =
        rig.log().into_iter().filter(|entry| entry["kind"] == "closed").collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|entry| entry["outcome"] == "disconnected"), "{outcomes:?}");
}

/// A signal's number behind 128, as a shell tells it.
#[tokio::test]
async fn a_killed_child_is_told_as_a_shell_would() {
    let rig = Rig::new(GUARDED);
    let args = ["-c".to_owned(), "kill -9 $$".to_owned()];
    let pipe = Pipe::spawn(rig.before(std::path::Path::new("/bin/sh"), &args));
    assert_eq!(pipe.wait().await.code(), Some(137));
}

/// What it says with its last breath arrives, though its end is noticed at the same time.
#[tokio::test]
async fn the_last_output_of_a_child_is_not_lost() {
    const LINES: usize = 400;
    let rig = Rig::new(GUARDED);
    let note =
        r#"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"n\":$i}}"#;
    let script =
        format!(r#"i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo "{note}"; done; exit 3"#);
    let args = ["-c".to_owned(), script];
    let pipe = Pipe::spawn(rig.before(std::path::Path::new("/bin/sh"), &args));
    for n in 1..=LINES {
        let heard = pipe.next_message().await.unwrap();
        assert_eq!(heard.json["params"]["n"], n);
    }
    assert!(pipe.next_message().await.is_none());
    assert_eq!(pipe.wait().await.code(), Some(3));
}

/// An answer without a line end, and then the end: it was said.
#[tokio::test]
async fn a_last_line_without_its_end_is_not_lost() {
    let rig = Rig::new(GUARDED);
    let said = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"said"}]}}"#;
    rig.scratch.file("said", said);
    let script = "read -r line; cat said; exit 4".to_owned();
    let args = ["-c".to_owned(), script];
    let pipe = Pipe::spawn(rig.before(std::path::Path::new("/bin/sh"), &args));
    assert_eq!(text(&pipe.call("nothing", Value::Null).await), "said");
    assert_eq!(pipe.wait().await.code(), Some(4));
}

/// A client that has said everything closes its side and still reads; so does the server.
#[tokio::test]
async fn answers_that_are_owed_arrive_though_the_client_closed_its_side() {
    for back in BACKS {
        let flags: &[_] = if back == Back::Child { &["--linger"] } else { &[] };
        let rig = Rig::new(GUARDED).sentinel(flags);
        let (pipe, _upstream) = rig.pipe_before(back).await;
        pipe.open().await;
        let answer = pipe.expect(&json!("late")).unwrap();
        let line = call_text(Era::Legacy, r#""late""#, "slow", r#"{"ms":150}"#);
        pipe.send_line(line).await.unwrap();
        pipe.close_stdin().await;
        assert_eq!(text(&answer.await.unwrap().json), "slept 150 ms", "{back:?}");
    }
}

/// Servers print banners and logs where only messages belong. Clients pass over them; so must the
/// gate, also while just one request waits.
#[tokio::test]
async fn what_a_child_prints_beside_messages_is_dropped() {
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"said"}]}}"#;
    for noise in [
        "Server running on stdio",
        "[info] {\"id\":1} started",
        r#"{"level":"info","msg":"started"}"#,
        r#"{"id":1,"msg":"started"}"#,
        "[]",
        "1",
        "\u{1b}[32mok\u{1b}[0m",
    ] {
        let rig = Rig::new(GUARDED);
        let said = format!("{noise}\n{answer}\n{noise}");
        let (program, args) = scripted::child(&rig.scratch, &[said.as_bytes()]);
        let pipe = Pipe::spawn(rig.before(&program, &args));
        let heard = pipe.call("nothing", Value::Null).await;
        assert_eq!(text(&heard), "said", "{noise}: {heard}");
        assert!(pipe.unread().is_empty(), "{noise}");
    }
}

/// An answer that cannot be read will not come twice: whoever waits hears an error.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_under_its_id() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for result in [deep.as_str(), r#""\x""#, "NaN", "01"] {
        let rig = Rig::new(GUARDED);
        let said = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":{result}}}}}"#);
        let (program, args) = scripted::child(&rig.scratch, &[said.as_bytes()]);
        let pipe = Pipe::spawn(rig.before(&program, &args));
        assert_error(&pipe.call("nothing", Value::Null).await, 50200);
    }
}

#[tokio::test]
async fn when_the_client_leaves_the_child_ends_and_its_code_is_passed_on() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.open().await;
    assert_eq!(pipe.close().await.code(), Some(0));
    let (program, args) = scripted::child(&rig.scratch, &[]);
    let script = format!("{}; exit 9", args[1]);
    let args = [args[0].clone(), script, args[2].clone()];
    let pipe = Pipe::spawn(rig.before(&program, &args));
    assert_eq!(pipe.close().await.code(), Some(9));
}
