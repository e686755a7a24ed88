//! What the gateway says itself, batches, and versions.

use toolgate_protocol::{BATCH_MAX, Era, Message, Side, Version, answer, batch, version};

use crate::support::{bytes, client, text};

fn refusal(message: &str) -> String {
    let refusal = Message::read(bytes(message), Side::Client).unwrap_err();
    text(&refusal.to_bytes()).to_owned()
}

#[test]
fn answers_carry_the_very_id() {
    assert_eq!(
        text(&answer::result(br#""\u0031""#, br#"{"isError":true}"#)),
        r#"{"jsonrpc":"2.0","id":"\u0031","result":{"isError":true}}"#
    );
    assert_eq!(
        text(&answer::error(Some(b"1"), answer::POLICY_DENIED, "no \"x\"\n", Some(b"{\"a\":1}"))),
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":40300,"message":"no \"x\"\n","data":{"a":1}}}"#
    );
}

#[test]
fn an_error_without_id_has_no_id_rather_than_null() {
    assert_eq!(
        refusal("{"),
        r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"unexpected end at byte 1"}}"#
    );
    assert!(!refusal(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#).contains("\"id\""));
}

#[test]
fn a_refusal_repeats_nothing_of_the_message() {
    let secret = "hunter2";
    for message in [
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"{secret}\u0000":1}}}}"#
        ),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{secret}":1}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":"{secret}","a":1}}}}"#),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{secret}\n"}}}}"#
        ),
    ] {
        assert!(!refusal(&message).contains(secret), "{message}");
    }
}

#[test]
fn a_large_message_has_a_small_refusal() {
    let huge = "x".repeat(1 << 20);
    for message in [
        format!(r#"{{"jsonrpc":"2.0","id":"{huge}","method":"ping"}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{huge}":1}}"#),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"_meta":{{"{huge}":1,"{huge}":1}}}}}}"#
        ),
        "[".repeat(1 << 20),
    ] {
        assert!(refusal(&message).len() < 200);
    }
}

#[test]
fn depth_is_bounded() {
    let call = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{{"a":{open}{close}}}}}}}"#
        )
    };
    assert!(Message::read(bytes(&call(61)), Side::Client).is_ok());
    for depth in [62, 1_000, 100_000] {
        let refused = Message::read(bytes(&call(depth)), Side::Client).unwrap_err();
        assert_eq!((refused.code, refused.id), (answer::INVALID_REQUEST, None));
    }
}

#[test]
fn a_batch_is_split_into_its_messages() {
    let text = bytes(" [{\"id\":1} ,\n{\"id\":2,\"a\":[{}]}]");
    let split = batch(&text).unwrap().unwrap();
    assert_eq!(split, ["{\"id\":1}", "{\"id\":2,\"a\":[{}]}"]);
    assert_eq!(split[0].as_ptr(), text[2..].as_ptr(), "not copied");
    assert_eq!(batch(&bytes("{\"id\":1}")).unwrap(), None);
    assert_eq!(batch(&bytes("\"[]\"")).unwrap(), None);
    assert_eq!(batch(&bytes("")).unwrap(), None);
}

#[test]
fn batches_without_or_with_too_many_messages_are_refused() {
    let many = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    assert_eq!(batch(&bytes(&many(BATCH_MAX))).unwrap().unwrap().len(), BATCH_MAX);
    for (text, code) in [
        ("[]", answer::INVALID_REQUEST),
        ("[ ]", answer::INVALID_REQUEST),
        ("[[{}]]", answer::INVALID_REQUEST),
        ("[{},[]]", answer::INVALID_REQUEST),
        ("[{},1]", answer::INVALID_REQUEST),
        ("[{}", answer::PARSE_ERROR),
        ("[{}] []", answer::PARSE_ERROR),
        (&many(BATCH_MAX + 1), answer::INVALID_REQUEST),
    ] {
        let refused = batch(&bytes(text)).unwrap_err();
        assert_eq!((refused.code, refused.id), (code, None), "{text}");
    }
}

#[test]
fn each_message_of_a_batch_is_read_for_itself() {
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#;
    let split = batch(&bytes(&format!("[{call}]"))).unwrap().unwrap();
    assert_eq!(Message::read(split[0].clone(), Side::Client).unwrap_err().id.unwrap(), b"1");
}

#[test]
fn versions_are_ordered_and_named() {
    assert!(Version::ALL.is_sorted());
    for version in Version::ALL {
        assert_eq!(Version::parse(version.as_str()), Some(version));
    }
    for unknown in ["", "2026-07-29", "DRAFT-2026", "2025-03-26 ", "1.0"] {
        assert_eq!(Version::parse(unknown), None);
    }
    let batches: Vec<_> = Version::ALL.into_iter().filter(|v| v.has_batches()).collect();
    assert_eq!(batches, [Version::V2025_03_26]);
    let modern: Vec<_> = Version::ALL.into_iter().filter(|v| v.era() == Era::Modern).collect();
    assert_eq!(modern, [Version::V2026_07_28]);
}

#[test]
fn a_handshake_asks_and_settles() {
    let ask = client(
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#,
    );
    assert_eq!(version::requested(&ask).unwrap(), "2025-11-25");
    let settle = bytes(r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05"}}"#);
    let settle = Message::read(settle, Side::Server).unwrap();
    assert_eq!(version::negotiated(&settle).unwrap(), "2024-11-05");
    let other = client(
        r#"{"jsonrpc":"2.0","id":0,"method":"ping","params":{"protocolVersion":"2025-11-25"}}"#,
    );
    assert_eq!(version::requested(&other), None);
}
