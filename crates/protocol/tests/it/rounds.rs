//! What of a round is the gateway's own, and what its server gets.

use toolgate_protocol::elicitation::Said;
use toolgate_protocol::round::{self, Held};
use toolgate_protocol::{Message, Side};

use crate::support::{bytes, client, text};

fn call(more: &str) -> Message {
    client(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{more}"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
    ))
}

/// The params that a server gets, but for `_meta`.
fn restored(params: &str, held: &Held) -> String {
    let message = call(params);
    let out = round::restore(&message, held);
    let again = Message::read(out, Side::Client).unwrap();
    let params = String::from_utf8_lossy(again.params().unwrap().raw()).into_owned();
    params.replace(r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#, "M")
}

fn held(state: Option<&str>, responses: Option<&str>) -> Held {
    Held { state: state.map(str::to_owned), responses: responses.map(str::to_owned) }
}

#[test]
fn what_is_ours_goes_and_the_servers_own_stays() {
    let ours = r#""dev.toolgate/approval":{"action":"accept"}"#;
    let none = Held::default();
    for (params, left) in [
        (r#""name":"t","requestState":"s","inputResponses":{OURS},"#, r#"{"name":"t",M}"#),
        (r#""requestState":"s","inputResponses":{OURS},"name":"t","#, r#"{"name":"t",M}"#),
        (r#""inputResponses":{OURS}, "name":"t" , "requestState":"s","#, r#"{"name":"t",M}"#),
        (
            r#""name":"t","inputResponses":{"q":{"x":1},OURS},"requestState":"s","#,
            r#"{"name":"t","inputResponses":{"q":{"x":1}},M}"#,
        ),
        (
            r#""name":"t","inputResponses":{OURS,"q":1,"p":2},"#,
            r#"{"name":"t","inputResponses":{"q":1,"p":2},M}"#,
        ),
        (r#""name":"t","inputResponses":[1],"#, r#"{"name":"t","inputResponses":[1],M}"#),
        (r#""name":"t","#, r#"{"name":"t",M}"#),
    ] {
        assert_eq!(restored(&params.replace("OURS", ours), &none), left, "{params}");
    }
}

#[test]
fn what_was_held_for_the_server_stands_where_it_stood() {
    let ours = r#""inputResponses":{"dev.toolgate/approval":{}}"#;
    for (params, held, left) in [
        (
            format!(r#""name":"t",{ours},"requestState":"s","#),
            held(Some("u\""), Some(r#"{"q":1}"#)),
            r#"{"name":"t","inputResponses":{"q":1},"requestState":"u\"",M}"#,
        ),
        (
            format!(r#""name":"t",{ours},"requestState":"s","#),
            held(Some("u"), None),
            r#"{"name":"t","requestState":"u",M}"#,
        ),
        (
            r#""name":"t","requestState":"s","#.to_owned(),
            held(None, Some(r#"{"q":1}"#)),
            r#"{"name":"t",M,"inputResponses":{"q":1}}"#,
        ),
    ] {
        assert_eq!(restored(&params, &held), left, "{params}");
    }
}

#[test]
fn only_our_own_key_holds_an_answer_to_us() {
    for (responses, said) in [
        (r#"{"dev.toolgate/approval":{"action":"accept"}}"#, Some(Said::Accept)),
        (r#"{"dev.toolgate/approval":{"action":"decline"},"q":{}}"#, Some(Said::Decline)),
        (r#"{"Dev.Toolgate/Approval":{"action":"accept"}}"#, None),
        (r#"{"approval":{"action":"accept"}}"#, None),
        (r#"{"dev.toolgate/approval":"accept"}"#, None),
        (r#"[{"dev.toolgate/approval":{"action":"accept"}}]"#, None),
        (r#""accept""#, None),
        ("null", None),
    ] {
        let message = call(&format!(r#""name":"t","inputResponses":{responses},"#));
        assert_eq!(round::said(&message), said, "{responses}");
    }
    assert_eq!(round::said(&call(r#""name":"t","#)), None);
}

#[test]
fn a_servers_state_is_kept_inside_ours() {
    let answer = |result: &str| {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        Message::read(bytes(&text), Side::Server).unwrap()
    };
    let seal = |inner: Option<&str>| Some(format!("<{}>", inner.unwrap_or("none")));
    let wrapped = |result: &str| round::wrap(&answer(result), seal);
    for (result, left) in [
        (
            r#"{"resultType":"input_required","requestState":"u","inputRequests":{}}"#,
            r#"{"resultType":"input_required","requestState":"<u>","inputRequests":{}}"#,
        ),
        (
            r#"{"resultType":"input_required","inputRequests":{}}"#,
            r#"{"resultType":"input_required","inputRequests":{},"requestState":"<none>"}"#,
        ),
    ] {
        let wrapped = wrapped(result).unwrap();
        assert_eq!(text(&wrapped), format!(r#"{{"jsonrpc":"2.0","id":1,"result":{left}}}"#));
    }
    for result in [
        r#"{"resultType":"complete","content":[]}"#,
        r#"{"content":[],"requestState":"u"}"#,
        r#"{"resultType":"input_required","requestState":7}"#,
    ] {
        assert_eq!(wrapped(result), None, "{result}");
    }
}

#[test]
fn only_some_requests_have_rounds() {
    assert!(round::has_rounds(&call(r#""name":"t","#)));
    let legacy = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;
    assert!(!round::has_rounds(&client(legacy)));
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    assert!(!round::has_rounds(&client(list)));
}
