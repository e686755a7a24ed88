//! What a request is about.

use toolgate_protocol::method::{TABLE, Treatment, treatment};
use toolgate_protocol::{Message, MessageKind, Side, Subject, SubjectKind};

fn read(method: &str, params: &str, from: Side) -> Message {
    let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    Message::read(text.into(), from).unwrap()
}

fn subjects(method: &str, params: &str) -> Option<Vec<Subject>> {
    let request = MessageKind::Request;
    let back = treatment(Side::Client, request, method) == Treatment::Refuse;
    read(method, params, if back { Side::Server } else { Side::Client }).subjects()
}

/// Kind and name of each, and the text of the arguments.
#[track_caller]
fn check(method: &str, params: &str, expected: &[(SubjectKind, &str, &str)]) {
    let back = treatment(Side::Client, MessageKind::Request, method) == Treatment::Refuse;
    let message = read(method, params, if back { Side::Server } else { Side::Client });
    let found = message.subjects().unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|subject| {
            let arguments = subject.arguments.map(|node| message.document().at(node).raw());
            let text = std::str::from_utf8(arguments.unwrap_or_default()).unwrap();
            (subject.kind, subject.name.as_str(), text)
        })
        .collect();
    assert_eq!(shown, expected, "{method} {params}");
}

#[test]
fn every_use_has_a_name_and_arguments() {
    use SubjectKind::{Prompt, PromptMention, Resource, ResourceMention, ServerRequest, Tool};
    check("tools/call", r#"{"name":"t","arguments":{"a":1}}"#, &[(Tool, "t", r#"{"a":1}"#)]);
    check("prompts/get", r#"{"name":"p","arguments":{"a":"1"}}"#, &[(Prompt, "p", r#"{"a":"1"}"#)]);
    check("prompts/get", r#"{"name":"p"}"#, &[(Prompt, "p", "")]);
    for method in ["resources/read", "resources/subscribe"] {
        check(method, r#"{"uri":"a:b"}"#, &[(Resource, "a:b", r#"{"uri":"a:b"}"#)]);
    }
    let params = r#"{"ref":{"type":"ref/prompt","name":"p","title":"P"},"argument":{"name":"a","value":""}}"#;
    check("completion/complete", params, &[(PromptMention, "p", params)]);
    let params =
        r#"{"ref":{"type":"ref/resource","uri":"a:{b}"},"argument":{"name":"b","value":""}}"#;
    check("completion/complete", params, &[(ResourceMention, "a:{b}", params)]);
    let params =
        r#"{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:1","a:2"]}}"#;
    check(
        "subscriptions/listen",
        params,
        &[(ResourceMention, "a:1", params), (ResourceMention, "a:2", params)],
    );
    check("subscriptions/listen", r#"{"notifications":{"toolsListChanged":true}}"#, &[]);
    for method in ["elicitation/create", "roots/list", "sampling/createMessage"] {
        check(method, r#"{"a":1}"#, &[(ServerRequest, method, r#"{"a":1}"#)]);
    }
}

#[test]
fn what_two_servers_could_read_differently_is_nothing() {
    for (method, params) in [
        ("prompts/get", "{}"),
        ("prompts/get", r#"{"name":1}"#),
        ("resources/read", "{}"),
        ("resources/read", r#"{"uri":["a"]}"#),
        ("completion/complete", "{}"),
        ("completion/complete", r#"{"ref":"p"}"#),
        ("completion/complete", r#"{"ref":{"name":"p"}}"#),
        ("completion/complete", r#"{"ref":{"type":"ref/tool","name":"p"}}"#),
        ("completion/complete", r#"{"ref":{"type":"ref/prompt","name":"p","uri":"a:b"}}"#),
        ("completion/complete", r#"{"ref":{"type":"ref/prompt","name":"p","Uri":"a:b"}}"#),
        ("completion/complete", r#"{"ref":{"type":"ref/prompt","name":"p","Name":"q"}}"#),
        (
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","Type":"ref/resource","name":"p"}}"#,
        ),
        ("completion/complete", r#"{"ref":{"type":"ref/resource","name":"p","uri":"a:b"}}"#),
        ("subscriptions/listen", r#"{"notifications":[]}"#),
        ("subscriptions/listen", r#"{"notifications":{"resourceSubscriptions":"a:b"}}"#),
        ("subscriptions/listen", r#"{"notifications":{"resourceSubscriptions":[1]}}"#),
        ("subscriptions/listen", r#"{"notifications":{"resource_subscriptions":["a:b"]}}"#),
        ("ping", "{}"),
    ] {
        assert_eq!(subjects(method, params), None, "{method} {params}");
    }
}

#[test]
fn whatever_may_be_decided_has_a_subject() {
    let params = r#"{"name":"n","uri":"a:b","ref":{"type":"ref/prompt","name":"n"}}"#;
    for row in TABLE {
        let decided = matches!(row.treatment, Treatment::Decide | Treatment::DecideOrRelay);
        if row.kind == MessageKind::Request {
            let found = read(row.method, params, row.from).subjects();
            assert_eq!(found.is_some(), decided, "{}", row.method);
        }
    }
}

fn asked(result: &str) -> Option<Vec<(String, Option<String>)>> {
    let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
    let message = Message::read(text.into(), Side::Server).unwrap();
    let raw = |node| String::from_utf8(message.document().at(node).raw().to_vec()).unwrap();
    let requests = message.input_requests()?.into_iter();
    Some(requests.map(|(method, params)| (method, params.map(raw))).collect())
}

#[test]
fn what_a_result_asks_is_found() {
    assert_eq!(asked(r#"{"content":[]}"#).unwrap(), []);
    assert_eq!(asked(r#"{"inputRequests":null}"#).unwrap(), []);
    let two = r#"{"inputRequests":{"a":{"method":"roots/list"},
        "b":{"method":"elicitation/create","params":{"message":"m"}}}}"#;
    let expected = [
        ("roots/list".to_owned(), None),
        ("elicitation/create".to_owned(), Some(r#"{"message":"m"}"#.to_owned())),
    ];
    assert_eq!(asked(two).unwrap(), expected);
    for unclear in [
        r#"{"inputRequests":[]}"#,
        r#"{"InputRequests":{}}"#,
        r#"{"inputRequests":{},"inputRequests":{}}"#,
        r#"{"inputRequests":{"a":{}}}"#,
        r#"{"inputRequests":{"a":{"method":1}}}"#,
        r#"{"inputRequests":{"a":{"method":"roots/list","Method":"ping"}}}"#,
        r#"{"inputRequests":{"a":{"method":"roots/list","params":{},"params":{}}}}"#,
    ] {
        assert_eq!(asked(unclear), None, "{unclear}");
    }
}

#[test]
fn an_error_that_wants_urls_visited_asks_too() {
    let asked = |error: &str| {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"error":{error}}}"#);
        let message = Message::read(text.into(), Side::Server).unwrap();
        let raw = |node| String::from_utf8(message.document().at(node).raw().to_vec()).unwrap();
        let requests = message.input_requests()?.into_iter();
        Some(requests.map(|(method, params)| (method, raw(params.unwrap()))).collect::<Vec<_>>())
    };
    assert_eq!(asked(r#"{"code":1,"message":"m","data":[1]}"#).unwrap(), []);
    let wants = r#"{"code":-32042,"message":"m","data":{"elicitations":[{"url":"https://a.b"}]}}"#;
    let expected = [("elicitation/create".to_owned(), r#"{"url":"https://a.b"}"#.to_owned())];
    assert_eq!(asked(wants).unwrap(), expected);
    for unclear in [
        r#"{"code":1,"message":"m","data":{"Elicitations":[]}}"#,
        r#"{"code":1,"message":"m","data":{"elicitations":{}}}"#,
        r#"{"code":1,"message":"m","data":{},"data":{"elicitations":[]}}"#,
    ] {
        assert_eq!(asked(unclear), None, "{unclear}");
    }
}
