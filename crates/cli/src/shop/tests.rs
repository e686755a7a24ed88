//! The shop speaks MCP of both eras, one line per message.

use super::*;

fn session(lines: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    serve(lines.join("\n").as_bytes(), &mut out, None).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn parsed(line: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(line.as_bytes()), Reading::Strict).unwrap()
}

#[test]
fn a_legacy_session() {
    let answers = session(&[
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":"a","method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"/shop/public/hours.txt"}}}"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#,
    ]);
    assert_eq!(answers.len(), 4, "a notification gets no answer");
    assert!(answers[0].contains(r#""protocolVersion":"2025-06-18""#), "{}", answers[0]);
    let list = parsed(&answers[1]);
    let tools: Vec<_> = list.root().get("result").unwrap().get("tools").unwrap().items().collect();
    assert_eq!(tools.len(), 5);
    assert!(list.root().get("id").unwrap().is("a"));
    assert!(list.root().get("result").unwrap().get("resultType").is_none());
    assert_eq!(
        answers[2],
        r#"{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"Mon-Sat 9-18\n"}],"isError":false}}"#
    );
    assert_eq!(answers[3], r#"{"jsonrpc":"2.0","id":3,"result":{}}"#);
}

#[test]
fn a_modern_exchange() {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
    let answers = session(&[
        &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{{{meta}}}}}"#),
        &format!(r#"{{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{{{meta}}}}}"#),
        &format!(
            r#"{{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{{"name":"list_customers",{meta}}}}}"#
        ),
        &format!(r#"{{"jsonrpc":"2.0","id":4,"method":"ping","params":{{{meta}}}}}"#),
    ]);
    let discovered = parsed(&answers[0]);
    let result = discovered.root().get("result").unwrap();
    assert_eq!(result.get("supportedVersions").unwrap().raw(), br#"["2026-07-28"]"#);
    for answer in &answers[..3] {
        assert!(answer.contains(r#""resultType":"complete""#), "{answer}");
        assert!(answer.contains("io.modelcontextprotocol/serverInfo"), "{answer}");
    }
    assert!(answers[1].contains(r#""ttlMs":0,"cacheScope":"private""#));
    assert!(answers[3].contains("-32601"), "there is no ping in this era: {}", answers[3]);
}

#[test]
fn refusals_carry_the_right_codes() {
    let answers = session(&[
        "{",
        r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"nothing"}}"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2099-01-01"}}}"#,
        r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"refund","arguments":{"customer":"c-1","amount":"5"}}}"#,
    ]);
    for (answer, expected) in answers.iter().zip([
        r#""id":null,"error":{"code":-32700"#,
        r#""id":1,"error":{"code":-32601"#,
        r#""id":2,"error":{"code":-32602"#,
        r#""id":3,"error":{"code":-32022,"message":"Unsupported protocol version","data":{"supported":["2026-07-28"],"requested":"2099-01-01"}}"#,
        r#""text":"`amount` must be a number"}],"isError":true"#,
    ]) {
        assert!(answer.contains(expected), "{answer}\nshould have {expected}");
    }
}

#[test]
fn every_call_that_arrives_is_in_the_ledger() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_customer","arguments":{"customer":"c-2"}}}"#;
    let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
    let lines = format!("{call}\n{list}\n");
    serve(lines.as_bytes(), io::sink(), Some(file.path())).unwrap();
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), format!("{call}\n"));
}
