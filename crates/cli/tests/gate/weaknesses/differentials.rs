//! Messages that two parsers read differently: what the gate judged is not what the server runs.

use serde_json::json;
use toolgate_testkit::{Ledger, Web};

use crate::rig::{
    Client, Era, Front, GUARDED, Rig, assert_denied, assert_error, call_text, settle, text, ways,
};

/// Everything but an object where the arguments belong.
const ODD: [&str; 9] =
    ["[]", "null", r#""x""#, r#""{}""#, "7", "true", "false", "[{}]", r#"[{"customer":"c"}]"#];

/// Tools that any reader could have run.
#[track_caller]
fn never_deletes(ledger: &Ledger) {
    let names = ledger.could_run();
    assert!(!names.contains("delete_customer"), "{names:?}");
}

/// Whatever the tool, allowed or not, over every transport.
#[tokio::test]
async fn odd_arguments_are_refused() {
    for way in ways() {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, way).await;
        let calls = ODD.iter().flat_map(|odd| [("delete_customer", odd), ("nothing", odd)]);
        for (i, (tool, odd)) in calls.enumerate() {
            let answer = client.call_text(&(100 + i).to_string(), tool, odd).await;
            assert_error(&answer, -32602);
            assert_eq!(answer["id"], 100 + i, "{way:?}");
        }
        // No arguments at all are none to quarrel about.
        assert_eq!(text(&client.call_text("99", "nothing", "").await), "ran nothing with null");
        assert_denied(&client.call_text("98", "delete_customer", "").await, "default_deny");
        assert_eq!(rig.ledger().calls().len(), 1, "{way:?}");
        never_deletes(&rig.ledger());
    }
}

#[tokio::test]
async fn odd_parameters_are_refused() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for params in ["[]", "null", r#""x""#, r#"["delete_customer"]"#, "{}", r#"{"name":null}"#] {
        let line =
            format!(r#"{{"jsonrpc":"2.0","id":"p","method":"tools/call","params":{params}}}"#);
        let answer = pipe.exchange(&json!("p"), line).await.unwrap().json;
        assert_error(&answer, -32602);
    }
    let line = r#"{"jsonrpc":"2.0","id":"p","method":"tools/call"}"#;
    assert_error(&pipe.exchange(&json!("p"), line).await.unwrap().json, -32602);
    settle(&pipe).await;
    assert_eq!(rig.ledger().calls().len(), 1);
}

/// One tool for one reader, another tool for another: a message to each level of which somebody
/// added a twin.
fn twins() -> Vec<String> {
    let call = call_text(Era::Legacy, "1", "echo", r#"{"message":"m"}"#);
    let evil = r#""delete_customer""#;
    let beside = |key: &str, twin: &str| {
        // Before it and behind it: some readers take the first, some the last.
        let key = format!(r#""{key}":"#);
        let at = call.find(&key).unwrap();
        let end = at + call[at..].find([',', '}']).unwrap();
        [
            format!("{}{twin},{}", &call[..at], &call[at..]),
            format!("{},{twin}{}", &call[..end], &call[end..]),
        ]
    };
    let params = r#"{"name":"delete_customer","arguments":{}}"#;
    let mut lines = Vec::new();
    for key in
        ["Name", "NAME", "nAmE", "name", r"n\u0061me", "name_", "-name", "ｎame", r"name\u0000"]
    {
        lines.extend(beside("name", &format!(r#""{key}":{evil}"#)));
    }
    for key in ["Arguments", "ARGUMENTS", "arguments", r"argument\u0073", "argumentſ"] {
        lines.extend(beside("name", &format!(r#""{key}":{{"customer":"c"}}"#)));
    }
    for key in ["Params", "PARAMS", "params", "paramſ", r"param\u017f", r"\u0070arams"] {
        lines.extend(beside("id", &format!(r#""{key}":{params}"#)));
    }
    for key in ["Method", "METHOD", "method", r"metho\u0064", "ｍethod"] {
        lines.extend(beside("method", &format!(r#""{key}":"ping""#)));
        // Judged as a ping, run as a call.
        let ping = call.replace(r#""method":"tools/call""#, r#""method":"ping""#);
        let ping = ping.replace(r#""echo""#, evil);
        let twin = format!(r#""{key}":"tools/call","params""#);
        lines.push(ping.replace(r#""params""#, &twin));
    }
    for key in ["ID", "Id", "id", r"\u0069d"] {
        lines.extend(beside("id", &format!(r#""{key}":2"#)));
    }
    for key in ["jsonRPC", "JSONRPC", "jsonrpc"] {
        lines.extend(beside("jsonrpc", &format!(r#""{key}":"2.0""#)));
    }
    for key in ["_Meta", "_META", "meta", "_meta"] {
        let twin = format!(r#""_meta":{{}},"{key}":{{}},"name""#);
        lines.push(call.replace(r#""name""#, &twin));
    }
    for key in ["METHOD", "Method", r"\u004dethod"] {
        lines.push(call.replace(r#""method""#, &format!(r#""{key}""#)).replace(r#""echo""#, evil));
    }
    for key in ["Name", "NAME"] {
        lines.push(call.replace(r#""name":"echo""#, &format!(r#""{key}":{evil}"#)));
    }
    lines
}

#[tokio::test]
async fn twins_of_keys_over_stdio_are_refused() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for line in twins() {
        pipe.send_line(&line).await.unwrap();
        let refusal = pipe.next_message().await.unwrap().json;
        let code = refusal["error"]["code"].as_i64();
        assert!(matches!(code, Some(-32600 | -32602)), "{line}: {refusal}");
    }
    settle(&pipe).await;
    assert_eq!(rig.ledger().entries().len(), 1);
    never_deletes(&rig.ledger());
}

#[tokio::test]
async fn twins_of_keys_over_http_are_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    for line in twins() {
        let reply = web.post(line.clone(), &[]).await;
        assert_eq!(reply.status, 400, "{line}");
        let code = reply.json().await["error"]["code"].as_i64();
        assert!(matches!(code, Some(-32600 | -32602)), "{line}");
    }
    assert!(rig.ledger().calls().is_empty());
    never_deletes(&rig.ledger());
}

/// A twin of an argument that the tool declares, or that a rule reads.
#[tokio::test]
async fn twins_of_arguments_are_denied() {
    let declared = r#"{"version":"1","default":"deny","tools":{
        "run-model":{"validate":{"required_args":true}},
        "create_charge":{"require":[{"path":"args.amount","op":"lte","value":500}]},
        "nothing":{}}}"#;
    for way in ways().filter(|way| way.era == Era::Legacy || way.front == Front::Http) {
        let rig = Rig::new(declared);
        let client = Client::start(&rig, way).await;
        let calls = [
            ("run-model", r#"{"model":"a","Model":"b"}"#),
            ("run-model", r#"{"MODEL":"b","model":"a"}"#),
            ("create_charge", r#"{"amount":1,"Amount":900}"#),
            ("create_charge", r#"{"AMOUNT":900,"amount":1}"#),
        ];
        for (i, (tool, arguments)) in calls.iter().enumerate() {
            let answer = client.call_text(&(70 + i).to_string(), tool, arguments).await;
            assert_denied(&answer, "ambiguous_argument");
        }
        // Nobody reads these: they are the server's business.
        let free = client.call_text("80", "nothing", r#"{"a":1,"A":2}"#).await;
        assert_eq!(text(&free), r#"ran nothing with {"A":2,"a":1}"#, "{way:?}");
        assert_eq!(rig.ledger().calls().len(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn the_naive_gate_lets_odd_arguments_and_twins_through() {
    let hidden = [
        call_text(Era::Legacy, "1", "delete_customer", "[]"),
        call_text(Era::Legacy, "1", "delete_customer", "{}")
            .replace(r#""arguments""#, r#""Name":"echo","arguments""#),
        call_text(Era::Legacy, "1", "delete_customer", "{}")
            .replace(r#""params""#, r#""Method":"ping","params""#),
    ];
    for line in &hidden {
        let rig = Rig::new(GUARDED);
        let pipe = rig.naive(&["--deny", "delete_customer"]);
        pipe.send_line(line).await.unwrap();
        assert!(pipe.close().await.success());
        assert_eq!(rig.ledger().calls_of("delete_customer").len(), 1, "{line}");
    }
    let rig = Rig::new(GUARDED);
    let (gate, _upstream) = rig.naive_http(&["--deny", "delete_customer"]).await;
    let web = Web::new(&gate.url);
    web.open().await;
    for line in &hidden {
        web.post(line.clone(), &[]).await.bytes().await;
    }
    assert_eq!(rig.ledger().calls_of("delete_customer").len(), hidden.len());
}
