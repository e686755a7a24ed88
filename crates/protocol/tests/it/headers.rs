//! Headers that mirror the body (B57, B58).

use toolgate_protocol::Message;
use toolgate_protocol::headers::{Mirrors, Mismatch, Problem, check, of};

use crate::support::{client, document, text};

const VERSION: (&str, &str) = ("MCP-Protocol-Version", "2026-07-28");
const METHOD: (&str, &str) = ("Mcp-Method", "tools/call");

fn call(name: &str) -> Message {
    client(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
    ))
}

fn checked(message: &Message, headers: &[(&str, &str)]) -> Result<(), (String, Problem)> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    check(message, headers).map_err(|wrong| (wrong.header, wrong.problem))
}

fn wrong(header: &str, problem: Problem) -> Result<(), (String, Problem)> {
    Err((header.to_owned(), problem))
}

#[test]
fn headers_that_say_what_the_body_says_pass() {
    let name = ("mcp-name", "pay");
    assert_eq!(checked(&call("pay"), &[VERSION, METHOD, name, ("accept", "*/*")]), Ok(()));
    assert_eq!(checked(&call("p\\u0061y"), &[VERSION, ("MCP-METHOD", "tools/call"), name]), Ok(()));
}

#[test]
fn a_modern_request_must_have_them() {
    let name = ("Mcp-Name", "pay");
    let message = call("pay");
    let missing = Problem::Missing;
    assert_eq!(checked(&message, &[METHOD, name]), wrong("mcp-protocol-version", missing));
    assert_eq!(checked(&message, &[VERSION, name]), wrong("mcp-method", missing));
    assert_eq!(checked(&message, &[VERSION, METHOD]), wrong("mcp-name", missing));
}

#[test]
fn headers_that_differ_are_refused() {
    let message = call("pay");
    let name = ("Mcp-Name", "pay");
    let different = Problem::Different;
    for version in ["2025-11-25", "2026-07-28 ", "", "2026-07-29"] {
        let headers = [("Mcp-Protocol-Version", version), METHOD, name];
        assert_eq!(checked(&message, &headers), wrong("mcp-protocol-version", different));
    }
    for method in ["tools/Call", "tools/list", "", "=?base64?dG9vbHMvY2FsbA==?="] {
        let headers = [VERSION, ("Mcp-Method", method), name];
        assert_eq!(checked(&message, &headers), wrong("mcp-method", different));
    }
    for other in ["read", "Pay", "", "pay,pay"] {
        let headers = [VERSION, METHOD, ("Mcp-Name", other)];
        assert_eq!(checked(&message, &headers), wrong("mcp-name", different));
    }
}

#[test]
fn a_header_that_stands_twice_is_refused_even_if_equal() {
    let name = ("Mcp-Name", "pay");
    for (twice, header) in [
        (VERSION, "mcp-protocol-version"),
        (METHOD, "mcp-method"),
        (("mcp-NAME", "pay"), "mcp-name"),
    ] {
        let headers = [VERSION, METHOD, name, twice];
        assert_eq!(checked(&call("pay"), &headers), wrong(header, Problem::Duplicate));
    }
}

#[test]
fn names_beyond_ascii_come_in_base64() {
    let named = |value| checked(&call("Zahl ü"), &[VERSION, METHOD, ("Mcp-Name", value)]);
    assert_eq!(named("=?base64?WmFobCDDvA==?="), Ok(()));
    for malformed in [
        "Zahl ü",
        "=?base64?WmFobCDDvA?=",
        "=?base64?WmFobCDDvA=?=",
        "=?base64?WmFobCDDvB==?=",
        "=?base64?WmFobCDDvA==\t?=",
        "=?base64?!?=",
        " pay",
    ] {
        assert_eq!(named(malformed), wrong("mcp-name", Problem::Malformed), "{malformed}");
    }
    for different in [
        "=?BASE64?WmFobCDDvA==?=",
        "=?Base64?WmFobCDDvA==?=",
        "=?base64?WmFobCDDvA==",
        "=?base64??=",
        // Decoded once, not twice.
        "=?base64?PT9iYXNlNjQ/V21Gb2JDRER2QT09Pz0=?=",
    ] {
        assert_eq!(named(different), wrong("mcp-name", Problem::Different), "{different}");
    }
    assert_eq!(checked(&call("pay"), &[VERSION, METHOD, ("Mcp-Name", "=?base64?cGF5?=")]), Ok(()));
}

#[test]
fn a_resource_is_named_by_its_uri_and_a_task_by_its_id() {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;
    let read = client(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":"file:///a",{meta}}}}}"#
    ));
    let method = ("Mcp-Method", "resources/read");
    assert_eq!(checked(&read, &[VERSION, method, ("Mcp-Name", "file:///a")]), Ok(()));
    let other = checked(&read, &[VERSION, method, ("Mcp-Name", "file:///b")]);
    assert_eq!(other, wrong("mcp-name", Problem::Different));
    let task = client(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{{"taskId":"t",{meta}}}}}"#
    ));
    let method = ("Mcp-Method", "tasks/get");
    assert_eq!(checked(&task, &[VERSION, method]), Ok(()));
    let other = checked(&task, &[VERSION, method, ("Mcp-Name", "u")]);
    assert_eq!(other, wrong("mcp-name", Problem::Different));
    assert_eq!(of(&task).pop(), Some(("mcp-name", "t".to_owned())));
}

#[test]
fn a_legacy_message_needs_none_but_may_not_claim_to_be_modern() {
    let legacy =
        client(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay"}}"#);
    assert_eq!(checked(&legacy, &[]), Ok(()));
    assert_eq!(checked(&legacy, &[("mcp-protocol-version", "2025-06-18")]), Ok(()));
    let claim = checked(&legacy, &[VERSION]);
    assert_eq!(claim, wrong("mcp-protocol-version", Problem::Different));
    let lie = checked(&legacy, &[("Mcp-Name", "read")]);
    assert_eq!(lie, wrong("mcp-name", Problem::Different));
    let lie = checked(&legacy, &[("Mcp-Method", "tools/list")]);
    assert_eq!(lie, wrong("mcp-method", Problem::Different));
}

#[test]
fn headers_are_written_from_the_body_and_pass_the_check() {
    for name in ["pay", "Zahl ü", " padded ", "=?base64?cGF5?=", "\\\"q\\\"", "a\u{2028}b"] {
        let message = call(name);
        let written = of(&message);
        let pairs = written.iter().map(|(name, value)| (*name, value.as_bytes()));
        assert_eq!(check(&message, pairs), Ok(()), "{written:?}");
        assert!(written.iter().all(|(_, value)| value.is_ascii()));
    }
    let written = of(&call("pay"));
    assert_eq!(written[2], ("mcp-name", "pay".to_owned()));
    assert_eq!(of(&call("=?base64?x?="))[2].1, "=?base64?PT9iYXNlNjQ/eD89?=");
    assert_eq!(of(&call("Hello, 世界"))[2].1, "=?base64?SGVsbG8sIOS4lueVjA==?=");
}

#[test]
fn the_answer_has_the_code_and_no_values() {
    let name = ("Mcp-Name", "secret-name");
    let headers = [VERSION, METHOD, name].map(|(name, value)| (name, value.as_bytes()));
    let mismatch: Mismatch = check(&call("pay"), headers).unwrap_err();
    assert_eq!(
        text(&mismatch.to_bytes(Some(b"1"))),
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"header mismatch: `mcp-name` differs from the body"}}"#
    );
}

const SCHEMA: &str = r#"{"type":"object","properties":{
    "region":{"type":"string","x-mcp-header":"Region"},
    "count":{"type":"integer","x-mcp-header":"Count"},
    "dry":{"type":"boolean","x-mcp-header":"Dry-Run"},
    "deep":{"type":"object","properties":{"zone":{"type":"string","x-mcp-header":"Zone"}}},
    "list":{"type":"array","items":{"properties":{"x":{"x-mcp-header":"No"}}}},
    "bad":{"type":"string","x-mcp-header":"not a token"}}}"#;

fn mirrors(schema: &str) -> Option<Mirrors> {
    Mirrors::read(document(schema).root())
}

fn mirrored(arguments: &str, headers: &[(&str, &str)]) -> Result<(), (String, Problem)> {
    let arguments = document(arguments);
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let checked = mirrors(SCHEMA).unwrap().check(Some(arguments.root()), headers);
    checked.map_err(|wrong| (wrong.header, wrong.problem))
}

#[test]
fn mirrored_arguments_must_be_the_arguments() {
    let all = r#"{"region":"eu","count":42,"dry":false,"deep":{"zone":"ü"}}"#;
    let headers = [
        ("Mcp-Param-Region", "eu"),
        ("mcp-param-count", "42"),
        ("MCP-PARAM-DRY-RUN", "false"),
        ("Mcp-Param-Zone", "=?base64?w7w=?="),
        ("Mcp-Param-Unknown", "x"),
        ("Mcp-Param-No", "x"),
    ];
    assert_eq!(mirrored(all, &headers), Ok(()));
    assert_eq!(mirrored("{}", &[]), Ok(()));
    assert_eq!(mirrored(r#"{"region":null}"#, &[]), Ok(()));
}

#[test]
fn a_mirror_that_lies_is_refused() {
    let region = "mcp-param-region";
    let count = "mcp-param-count";
    for (arguments, headers, header, problem) in [
        (r#"{"region":"eu"}"#, &[][..], region, Problem::Missing),
        (r#"{"region":"eu"}"#, &[(region, "us")], region, Problem::Different),
        (r#"{"region":"eu"}"#, &[(region, "eu"), (region, "eu")], region, Problem::Duplicate),
        (r#"{"region":"eu"}"#, &[(region, "=?base64?*?=")], region, Problem::Malformed),
        (r#"{"region":"eu"}"#, &[(region, "\u{e9}")], region, Problem::Malformed),
        ("{}", &[(region, "eu")], region, Problem::Different),
        (r#"{"region":null}"#, &[(region, "null")], region, Problem::Different),
        (r#"{"region":["eu"]}"#, &[(region, "eu")], region, Problem::Different),
        (r#"{"region":"42"}"#, &[(region, "42.0")], region, Problem::Different),
        (r#"{"count":42}"#, &[(count, "43")], count, Problem::Different),
        (r#"{"count":42}"#, &[(count, "0x2A")], count, Problem::Different),
        (r#"{"count":"42"}"#, &[(count, "42.0")], count, Problem::Different),
        (
            r#"{"dry":true}"#,
            &[("mcp-param-dry-run", "True")],
            "mcp-param-dry-run",
            Problem::Different,
        ),
    ] {
        assert_eq!(mirrored(arguments, headers), wrong(header, problem), "{arguments} {headers:?}");
    }
    assert_eq!(mirrored(r#"{"count":42}"#, &[(count, "42.0")]), Ok(()), "compared by value");
}

#[test]
fn mirrors_are_written_from_the_arguments() {
    let mirrors = mirrors(SCHEMA).unwrap();
    let arguments =
        document(r#"{"region":" eu","count":4.2e1,"dry":true,"deep":{"zone":null},"bad":"x"}"#);
    let written = mirrors.of(Some(arguments.root()));
    let expected = [
        ("mcp-param-region", "=?base64?IGV1?="),
        ("mcp-param-count", "42"),
        ("mcp-param-dry-run", "true"),
    ];
    assert_eq!(written, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let pairs = written.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    assert_eq!(mirrors.check(Some(arguments.root()), pairs), Ok(()));
    assert_eq!(mirrors.of(None), []);
}

/// Where a value cannot stand in a header as it is: MCP 2026-07-28, value encoding.
#[test]
fn mirrors_are_coded_where_they_must_be() {
    let mirrors = mirrors(SCHEMA).unwrap();
    for (argument, header) in [
        (r#""us-west1""#, "us-west1"),
        (r#""Hello, \u4e16\u754c""#, "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (r#"" padded ""#, "=?base64?IHBhZGRlZCA=?="),
        (r#""line1\nline2""#, "=?base64?bGluZTEKbGluZTI=?="),
        (r#""=?base64?literal?=""#, "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        (r#""a b\tc""#, "a b\tc"),
        (r#""""#, ""),
        ("-7", "-7"),
        ("-0.0", "0"),
        ("9007199254740991", "9007199254740991"),
        ("1e400", "1e400"),
        ("false", "false"),
    ] {
        let arguments = document(&format!(r#"{{"region":{argument}}}"#));
        let expected = vec![("mcp-param-region".to_owned(), header.to_owned())];
        let written = mirrors.of(Some(arguments.root()));
        assert_eq!(written, expected, "{argument}");
        let pairs = written.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        assert_eq!(mirrors.check(Some(arguments.root()), pairs), Ok(()), "{argument}");
    }
}

#[test]
fn a_tool_without_a_usable_mirror_has_none() {
    let property = |header: &str| format!(r#"{{"x-mcp-header":{header}}}"#);
    let of = |properties: String| mirrors(&format!(r#"{{"properties":{{{properties}}}}}"#));
    for header in [r#""""#, r#""a b""#, r#""a\r\nb""#, r#""a:b""#, r#""\u00fc""#, "1", "null", "[]"]
    {
        assert!(of(format!(r#""a":{}"#, property(header))).is_none(), "{header}");
    }
    for schema in ["{}", "[]", r#"{"properties":[]}"#, r#"{"x-mcp-header":"A"}"#] {
        assert!(mirrors(schema).is_none(), "{schema}");
    }
    // One name for two arguments mirrors neither.
    let (one, two) = (property(r#""Zone""#), property(r#""zONE""#));
    assert!(of(format!(r#""a":{one},"b":{two}"#)).is_none());
    let rest = of(format!(r#""a":{one},"b":{two},"c":{}"#, property(r#""C""#))).unwrap();
    let arguments = document(r#"{"a":"x","b":"y","c":"z"}"#);
    let expected = vec![("mcp-param-c".to_owned(), "z".to_owned())];
    assert_eq!(rest.of(Some(arguments.root())), expected);
}
