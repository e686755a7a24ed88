//! The shop speaks MCP of both eras, one line per message.

use super::*;

fn session(lines: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    serve(lines.join("\n").as_bytes(), &mut out, None).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn ask(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

fn call(id: &str, tool: &str, arguments: &str) -> String {
    ask(id, "tools/call", &format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#))
}

/// Parameters of the stateless era.
fn modern(version: &str, more: &str) -> String {
    let meta = r#""io.modelcontextprotocol/clientCapabilities":{}"#;
    format!(r#"{{{more}"_meta":{{"{MODERN_KEY}":"{version}",{meta}}}}}"#)
}

fn parsed(line: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(line.as_bytes()), Reading::Strict).unwrap()
}

#[test]
fn a_legacy_session() {
    let answers = session(&[
        ask("0", "initialize", r#"{"protocolVersion":"2025-06-18","capabilities":{}}"#),
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
        ask("\"a\"", "tools/list", "{}"),
        call("2", "read_file", r#"{"path":"/shop/public/hours.txt"}"#),
        ask("3", "ping", "{}"),
    ]);
    assert_eq!(answers.len(), 4, "a notification gets no answer");
    assert!(answers[0].contains(r#""protocolVersion":"2025-06-18""#), "{}", answers[0]);
    let list = parsed(&answers[1]);
    let tools: Vec<_> = list.root().get("result").unwrap().get("tools").unwrap().items().collect();
    assert_eq!(tools.len(), 5);
    assert!(list.root().get("id").unwrap().is("a"));
    assert!(list.root().get("result").unwrap().get("resultType").is_none());
    let content = r#"[{"type":"text","text":"Mon-Sat 9-18\n"}]"#;
    let result = format!(r#"{{"content":{content},"isError":false}}"#);
    assert_eq!(answers[2], format!(r#"{{"jsonrpc":"2.0","id":2,"result":{result}}}"#));
    assert_eq!(answers[3], r#"{"jsonrpc":"2.0","id":3,"result":{}}"#);
}

#[test]
fn a_modern_exchange() {
    let answers = session(&[
        ask("1", "server/discover", &modern(MODERN, "")),
        ask("2", "tools/list", &modern(MODERN, "")),
        ask("3", "tools/call", &modern(MODERN, r#""name":"list_customers","#)),
        ask("4", "ping", &modern(MODERN, "")),
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
        "{".to_owned(),
        ask("1", "server/discover", "{}"),
        call("2", "nothing", "{}"),
        ask("3", "tools/list", &modern("2099-01-01", "")),
        call("4", "refund", r#"{"customer":"c-1","amount":"5"}"#),
    ]);
    let expected = [
        r#""id":null,"error":{"code":-32700"#,
        r#""id":1,"error":{"code":-32601"#,
        r#""id":2,"error":{"code":-32602"#,
        r#""data":{"supported":["2026-07-28"],"requested":"2099-01-01"}"#,
        r#""text":"`amount` must be a number"}],"isError":true"#,
    ];
    assert_eq!(answers.len(), expected.len());
    for (answer, expected) in answers.iter().zip(expected) {
        assert!(answer.contains(expected), "{answer}\nshould have {expected}");
    }
    assert!(answers[3].contains(r#""code":-32022"#), "{}", answers[3]);
}

#[test]
fn every_call_that_arrives_is_in_the_ledger() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let call = call("1", "delete_customer", r#"{"customer":"c-2"}"#);
    let lines = format!("{call}\n{}\n", ask("2", "tools/list", "{}"));
    serve(lines.as_bytes(), io::sink(), Some(file.path())).unwrap();
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), format!("{call}\n"));
}
