//! MCP 2026-07-28 over HTTP: headers repeat what the body says. Nothing is decided on them, and a
//! request whose headers say something else goes nowhere.

use serde_json::{Value, json};
use toolgate_testkit::{LEGACY_VERSION, MODERN_VERSION, Pipe, modern_params, request};

use crate::rig::{BACKS, Door, GUARDED, Rig, answer, assert_error, text};

type Headers = Vec<(&'static str, &'static str)>;

const VERSION: (&str, &str) = ("mcp-protocol-version", MODERN_VERSION);
const METHOD: (&str, &str) = ("mcp-method", "tools/call");
const NAME: (&str, &str) = ("mcp-name", "nonce");

fn body() -> String {
    let params = json!({"name": "nonce", "arguments": {"nonce": "n"}});
    request(&json!(7), "tools/call", &modern_params(&params, &json!({})))
}

/// Header by header: left out, another value, twice, and what only resembles the value.
fn wrong() -> Vec<Headers> {
    let mut all: Vec<Headers> = vec![
        vec![],
        vec![METHOD, NAME],
        vec![VERSION, NAME],
        vec![VERSION, METHOD],
        vec![VERSION, METHOD, NAME, VERSION],
        vec![VERSION, METHOD, NAME, METHOD],
        vec![VERSION, METHOD, NAME, NAME],
        vec![VERSION, METHOD, NAME, ("mcp-name", "delete_customer")],
        vec![VERSION, METHOD, ("mcp-name", "delete_customer"), NAME],
    ];
    for version in [LEGACY_VERSION, "2026-07-29", "2026-07-28 x", "", "2026-07-28, 2026-07-28"] {
        all.push(vec![("mcp-protocol-version", version), METHOD, NAME]);
    }
    for method in
        ["tools/list", "Tools/Call", "tools/call/", "", "ping", "=?base64?dG9vbHMvY2FsbA==?="]
    {
        all.push(vec![VERSION, ("mcp-method", method), NAME]);
    }
    for name in [
        "delete_customer",
        "Nonce",
        "nonc",
        "nonce,nonce",
        "",
        "\"nonce\"",
        // `nonce`, but for the padding, the case of the mark, the alphabet, the coding twice.
        "=?base64?bm9uY2U?=",
        "=?BASE64?bm9uY2U=?=",
        "=?base64?bm9uY2U=",
        "=?base64?bm9u Y2U=?=",
        "=?base64?bm9uY2U==?=",
        "=?base64?PT9iYXNlNjQ/Ym05dVkyVT0/PQ==?=",
        "=?base64?ZGVsZXRlX2N1c3RvbWVy?=",
        "=?utf-8?B?bm9uY2U=?=",
        "=?base64??=",
    ] {
        all.push(vec![VERSION, METHOD, ("mcp-name", name)]);
    }
    all
}

async fn post(door: &Door, body: &str, headers: &Headers) -> (u16, Value) {
    let reply = door.web().post(body.to_owned(), headers).await;
    (reply.status, answer(reply, &json!(7)).await)
}

#[tokio::test]
async fn headers_that_do_not_say_what_the_body_says_are_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    for headers in wrong() {
        let (status, told) = post(&door, &body(), &headers).await;
        assert_eq!(status, 400, "{headers:?}: {told}");
        assert_error(&told, -32020);
        assert_eq!(told["id"], 7, "{headers:?}");
    }
    assert!(rig.ledger().calls().is_empty());

    for headers in [
        vec![VERSION, METHOD, NAME],
        vec![VERSION, METHOD, ("mcp-name", "=?base64?bm9uY2U=?=")],
        vec![VERSION, METHOD, ("mcp-name", " nonce ")],
        vec![VERSION, METHOD, NAME, ("mcp-param-region", "x"), ("x-other", "y")],
    ] {
        let (status, told) = post(&door, &body(), &headers).await;
        assert_eq!((status, text(&told)), (200, "n"), "{headers:?}");
    }
}

/// The header of a modern request over a body that does not name its version: no mismatch, but a
/// request without what every modern request has.
#[tokio::test]
async fn a_modern_request_that_names_no_version_has_invalid_params() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let capabilities = json!({"io.modelcontextprotocol/clientCapabilities": {}});
    for params in [
        json!({"name": "nonce"}),
        json!({"name": "nonce", "_meta": {}}),
        json!({"name": "nonce", "_meta": capabilities}),
    ] {
        let body = request(&json!(7), "tools/call", &params);
        for headers in [vec![VERSION, METHOD, NAME], vec![VERSION]] {
            let (status, told) = post(&door, &body, &headers).await;
            assert_eq!((status, &told["error"]["code"]), (400, &json!(-32602)), "{params}");
            assert_eq!(told["id"], 7, "{params}");
        }
    }
    assert!(rig.ledger().calls().is_empty());
}

#[tokio::test]
async fn each_method_has_its_own_headers() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let cases = [
        ("tools/list", json!({}), None),
        ("server/discover", json!({}), None),
        ("prompts/get", json!({"name": "greet", "arguments": {"who": "Ann"}}), Some("greet")),
        ("resources/read", json!({"uri": "sentinel://greeting"}), Some("sentinel://greeting")),
    ];
    for (method, params, name) in cases {
        let body = request(&json!(7), method, &modern_params(&params, &json!({})));
        let mut headers = vec![VERSION, ("mcp-method", method)];
        if let Some(name) = name {
            let (status, told) = post(&door, &body, &headers).await;
            assert_eq!((status, &told["error"]["code"]), (400, &json!(-32020)), "{method}");
            headers.push(("mcp-name", "other"));
            let (status, told) = post(&door, &body, &headers).await;
            assert_eq!((status, &told["error"]["code"]), (400, &json!(-32020)), "{method}");
            headers.pop();
            headers.push(("mcp-name", name));
        }
        let (status, told) = post(&door, &body, &headers).await;
        assert_eq!(status, 200, "{method}: {told}");
        assert!(told["result"].is_object(), "{method}: {told}");
    }
}

/// To a server over HTTP they are written from the body, whatever the client wrote.
#[tokio::test]
async fn headers_for_the_server_are_written_from_the_body() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let headers = vec![VERSION, METHOD, ("mcp-name", "=?base64?bm9uY2U=?=")];
    let (status, told) = post(&door, &body(), &headers).await;
    assert_eq!((status, text(&told)), (200, "n"));
    let entries = rig.ledger().entries();
    let head = entries.last().unwrap().http.clone().unwrap();
    for (name, value) in [VERSION, METHOD, NAME] {
        assert_eq!(head.header(name), Some(value), "{name}");
    }
}

/// An argument that the tool wants mirrored reaches a server over HTTP, from any client: one on a
/// pipe has no headers, so that they come from the tool's definition.
#[tokio::test]
async fn a_mirrored_argument_reaches_the_server() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let arguments = json!({"region": "e\u{fc}", "query": "q"});
    let params = json!({"name": "region", "arguments": arguments});
    let body = request(&json!(7), "tools/call", &modern_params(&params, &json!({})));
    let coded = "=?base64?ZcO8?=";
    let headers = vec![VERSION, METHOD, ("mcp-name", "region"), ("mcp-param-region", coded)];
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let (status, told) = post(&door, &body, &headers).await;
    assert_eq!(status, 200, "{told}");
    assert!(text(&told).starts_with("ran region"), "{told}");
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let told = pipe.modern_call("region", arguments).await;
    assert!(text(&told).starts_with("ran region"), "{told}");
}

/// Whatever the server is: a child has no headers to compare, and a server over HTTP is told
/// nothing that does not hold. Nothing is decided, nothing is recorded.
#[tokio::test]
async fn a_mirrored_argument_that_differs_from_its_header_is_refused() {
    const REGION: &str = "mcp-param-region";
    let plain = vec![VERSION, METHOD, ("mcp-name", "region")];
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        for (arguments, mirrored) in [
            (json!({"region": "eu"}), vec![]),
            (json!({"region": "eu"}), vec![(REGION, "us")]),
            (json!({"region": "eu"}), vec![(REGION, "EU")]),
            (json!({"region": "eu"}), vec![(REGION, "")]),
            (json!({"region": "eu"}), vec![(REGION, "eu"); 2]),
            (json!({"region": "eu"}), vec![(REGION, "eu"), ("Mcp-Param-Region", "us")]),
            (json!({"region": "eu"}), vec![(REGION, "=?base64?dXM=?=")]),
            (json!({"region": "eu"}), vec![(REGION, "=?base64?ZXU?=")]),
            (json!({"region": "e\u{fc}"}), vec![(REGION, "e\u{fc}")]),
            (json!({"region": null}), vec![(REGION, "null")]),
            (json!({"query": "q"}), vec![(REGION, "eu")]),
            (json!({}), vec![(REGION, "eu")]),
        ] {
            let params = json!({"name": "region", "arguments": arguments});
            let body = request(&json!(7), "tools/call", &modern_params(&params, &json!({})));
            let headers = [plain.clone(), mirrored].concat();
            let (status, told) = post(&door, &body, &headers).await;
            assert_eq!(status, 400, "{back:?} {arguments} {headers:?}: {told}");
            assert_error(&told, -32020);
            assert_eq!(told["id"], 7, "{headers:?}");
        }
        assert!(rig.ledger().calls().is_empty());
        assert!(rig.log().iter().all(|entry| !entry.to_string().contains("region")));
        for (arguments, mirrored) in [
            (json!({"region": "eu"}), vec![("MCP-Param-REGION", "eu")]),
            (json!({"region": "eu"}), vec![(REGION, "=?base64?ZXU=?=")]),
            (json!({"region": "eu"}), vec![(REGION, " eu "), ("mcp-param-other", "x")]),
            (json!({"region": null}), vec![]),
            (json!({}), vec![]),
        ] {
            let params = json!({"name": "region", "arguments": arguments});
            let body = request(&json!(7), "tools/call", &modern_params(&params, &json!({})));
            let headers = [plain.clone(), mirrored].concat();
            let (status, told) = post(&door, &body, &headers).await;
            assert_eq!(status, 200, "{back:?} {arguments} {headers:?}: {told}");
            assert!(text(&told).starts_with("ran region"), "{told}");
        }
    }
}

/// What the revision says of envelopes, with the status that goes with it.
#[tokio::test]
async fn a_faulty_envelope_is_a_bad_request() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let key = "io.modelcontextprotocol/protocolVersion";
    let unknown =
        json!({"_meta": {key: "2031-01-01", "io.modelcontextprotocol/clientCapabilities": {}}});
    let body = request(&json!(7), "tools/list", &unknown);
    let headers = vec![("mcp-protocol-version", "2031-01-01"), ("mcp-method", "tools/list")];
    let (status, told) = post(&door, &body, &headers).await;
    assert_error(&told, -32022);
    assert_eq!(status, 400, "unsupported version");
    let bare = request(&json!(7), "tools/list", &json!({"_meta": {key: MODERN_VERSION}}));
    let headers = vec![VERSION, ("mcp-method", "tools/list")];
    let (status, told) = post(&door, &bare, &headers).await;
    assert_error(&told, -32602);
    assert_eq!(status, 400, "missing capabilities");
}
