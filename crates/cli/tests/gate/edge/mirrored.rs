//! MCP 2026-07-28: arguments that a tool wants in `Mcp-Param-*` headers. What a server reads was
//! written from the body by the tool's definition, which the gate asks for where it must.

use serde_json::{Value, json};
use toolgate_testkit::{Entry, GUARD, Pipe, Web, modern_params, request};

use crate::rig::{
    Back, Client, Door, Era, Front, GUARDED, Rig, Way, answer, assert_error, modern_headers, text,
};

const POLICY: &str = "version: \"1\"\ndefault: deny\ntools: {ship: {}}\n";

/// `ship`, whose arguments of all kinds stand in headers, and one does not.
fn tools() -> String {
    let mirrored = |kind: &str, name: &str| json!({"type": kind, "x-mcp-header": name});
    let deep = json!({"type": "object", "properties": {"zone": mirrored("string", "Zone")}});
    let properties = json!({
        "tenant": mirrored("string", "Tenant"), "count": mirrored("integer", "Count"),
        "dry": mirrored("boolean", "Dry-Run"), "deep": deep, "note": {"type": "string"},
    });
    let schema = json!({"type": "object", "properties": properties});
    json!([{"name": "ship", "inputSchema": schema}]).to_string()
}

/// A rig whose sentinel serves the tools of this text.
fn rig(policy: &str, tools: &str) -> Rig {
    let rig = Rig::new(policy);
    let file = rig.scratch.file("tools.json", tools);
    rig.sentinel(&[&format!("--tools={}", file.display())])
}

/// The `Mcp-Param-*` headers that came with each call, without the prefix, in order of names.
fn mirrored(rig: &Rig) -> Vec<Vec<(String, String)>> {
    let entries = rig.ledger().entries();
    let calls = entries.iter().filter(|entry| method(entry) == "tools/call");
    let params = |entry: &Entry| {
        let head = entry.http.as_ref().unwrap().headers.iter();
        let named = |(name, value): &(String, String)| {
            Some((name.strip_prefix("mcp-param-")?.to_owned(), value.clone()))
        };
        let mut params: Vec<_> = head.filter_map(named).collect();
        params.sort();
        params
    };
    calls.map(params).collect()
}

fn method(entry: &Entry) -> &str {
    entry.json.as_ref().and_then(|json| json["method"].as_str()).unwrap_or_default()
}

/// How often the sentinel was asked for its tools.
fn lists(rig: &Rig) -> usize {
    rig.ledger().entries().iter().filter(|entry| method(entry) == "tools/list").count()
}

/// A modern call with these headers beside the standard ones: status and answer.
async fn called(
    web: &Web,
    tool: &str,
    arguments: &Value,
    mirrored: &[(&str, &str)],
) -> (u16, Value) {
    let params = json!({"name": tool, "arguments": arguments});
    let body = request(&json!(7), "tools/call", &modern_params(&params, &json!({})));
    let headers = [&modern_headers("tools/call", tool), mirrored].concat();
    let reply = web.post(body, &headers).await;
    (reply.status, answer(reply, &json!(7)).await)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Arguments, the headers that a server must read, and other headers that say the same.
type Case = (Value, Vec<(&'static str, &'static str)>, Vec<(&'static str, &'static str)>);

fn cases() -> Vec<Case> {
    vec![
        (
            json!({"tenant": "acme", "count": 42, "dry": true, "deep": {"zone": "b"}, "note": "n"}),
            vec![("count", "42"), ("dry-run", "true"), ("tenant", "acme"), ("zone", "b")],
            vec![
                ("mcp-param-count", "42.0"),
                ("mcp-param-dry-run", "=?base64?dHJ1ZQ==?="),
                ("mcp-param-tenant", "=?base64?YWNtZQ==?="),
                ("Mcp-Param-Zone", "b"),
            ],
        ),
        (
            json!({"tenant": "Hello, \u{4e16}\u{754c}", "count": -7, "dry": false}),
            vec![
                ("count", "-7"),
                ("dry-run", "false"),
                ("tenant", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            ],
            vec![
                ("mcp-param-count", "-7e0"),
                ("mcp-param-dry-run", "false"),
                ("mcp-param-tenant", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            ],
        ),
        (
            json!({"tenant": "a\r\nx-evil: 1", "deep": {"zone": " z"}}),
            vec![("tenant", "=?base64?YQ0KeC1ldmlsOiAx?="), ("zone", "=?base64?IHo=?=")],
            vec![
                ("mcp-param-tenant", "=?base64?YQ0KeC1ldmlsOiAx?="),
                ("mcp-param-zone", "=?base64?IHo=?="),
            ],
        ),
        (
            json!({"tenant": "=?base64?YQ==?=", "deep": {}}),
            vec![("tenant", "=?base64?PT9iYXNlNjQ/WVE9PT89?=")],
            vec![("mcp-param-tenant", "=?base64?PT9iYXNlNjQ/WVE9PT89?=")],
        ),
        (json!({"tenant": null, "deep": null, "note": "n"}), vec![], vec![]),
        (json!({"note": "n"}), vec![], vec![]),
        (json!({}), vec![], vec![]),
    ]
}

#[tokio::test]
async fn headers_for_the_server_are_written_from_the_arguments() {
    let rig = rig(POLICY, &tools());
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let mut expected = Vec::new();
    for (arguments, headers, same) in cases() {
        let told = pipe.modern_call("ship", arguments.clone()).await;
        assert!(text(&told).starts_with("ran ship"), "{arguments}: {told}");
        let (status, told) = called(&door.web(), "ship", &arguments, &same).await;
        assert_eq!(status, 200, "{arguments}: {told}");
        expected.extend([pairs(&headers), pairs(&headers)]);
    }
    assert_eq!(mirrored(&rig), expected);
    // One list for each of the two gates.
    assert_eq!(lists(&rig), 2);
}

/// What the tool does not name is none of ours: it goes on as it came.
#[tokio::test]
async fn other_headers_of_the_kind_pass_to_the_server() {
    let rig = rig(POLICY, &tools());
    let upstream = rig.upstream().await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let sent = [("mcp-param-tenant", "a"), ("mcp-param-new", "1"), ("mcp-param-new", "2")];
    let (status, told) = called(&door.web(), "ship", &json!({"tenant": "a"}), &sent).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(mirrored(&rig), [pairs(&[("new", "1"), ("new", "2"), ("tenant", "a")])]);
}

/// Only where a header can be needed is the server asked for its tools.
#[tokio::test]
async fn no_list_is_asked_for_where_no_header_can_be() {
    let (modern, legacy) = (Era::Modern, Era::Legacy);
    for (front, back, era, arguments) in [
        (Front::Stdio, Back::Child, modern, json!({"region": "eu"})),
        (Front::Stdio, Back::Child, legacy, json!({"region": "eu"})),
        (Front::Stdio, Back::Url, legacy, json!({"region": "eu"})),
        (Front::Http, Back::Child, legacy, json!({"region": "eu"})),
        (Front::Http, Back::Url, legacy, json!({"region": "eu"})),
        (Front::Stdio, Back::Url, modern, json!({})),
        (Front::Http, Back::Child, modern, json!({})),
        (Front::Http, Back::Url, modern, json!({})),
    ] {
        let rig = Rig::new(GUARDED);
        let way = Way { front, back, era };
        let client = Client::start(&rig, way).await;
        for _ in 0..2 {
            let told = client.call("region", arguments.clone()).await;
            assert!(text(&told).starts_with("ran region"), "{way:?}: {told}");
        }
        assert_eq!(lists(&rig), 0, "{way:?}");
    }
}

/// A legacy call has no such headers: whatever looks like one means nothing.
#[tokio::test]
async fn a_legacy_call_is_not_compared() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    let params = json!({"name": "region", "arguments": {"region": "eu"}});
    let body = request(&json!(7), "tools/call", &params);
    let reply = web.post(body, &[("mcp-param-region", "us")]).await;
    assert_eq!(reply.status, 200);
    assert!(text(&answer(reply, &json!(7)).await).starts_with("ran region"));
}

/// A hidden tool does not exist: no header of it is named.
#[tokio::test]
async fn a_hidden_tool_stays_hidden_whatever_its_headers() {
    let rig = Rig::new("version: \"1\"\ndefault: deny\ntools: {nonce: {}}\nhide: [region]\n");
    for back in [Back::Child, Back::Url] {
        let (door, _upstream) = rig.door_before(back).await;
        let arguments = json!({"region": "eu"});
        let (_, told) =
            called(&door.web(), "region", &arguments, &[("mcp-param-region", "us")]).await;
        assert_error(&told, -32602);
        assert_eq!(told["error"]["message"], "Unknown tool: region");
    }
    assert_eq!((rig.ledger().calls().len(), lists(&rig)), (0, 0));
}

/// A server that does not tell its tools judges the headers itself; calls that need none pass.
#[tokio::test]
async fn a_server_without_a_list_is_called_all_the_same() {
    let rig = Rig::new(GUARDED).sentinel(&["--http-status", "500:tools/list"]);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    for _ in 0..3 {
        let told = pipe.modern_call("nonce", json!({"nonce": "n"})).await;
        assert_eq!(text(&told), "n", "{told}");
    }
    assert_eq!(lists(&rig), 1, "it was asked once");
    let told = pipe.modern_call("region", json!({"region": "eu"})).await;
    assert_error(&told, -32020);
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let arguments = json!({"region": "eu"});
    for (header, status) in [("eu", 200), ("us", 400)] {
        let sent = [("mcp-param-region", header)];
        assert_eq!(called(&door.web(), "region", &arguments, &sent).await.0, status, "{header}");
    }
}

/// The first call waits until the gate gives up; no other does.
#[tokio::test]
async fn a_list_that_never_comes_keeps_one_call_only() {
    let rig = Rig::new(GUARDED).sentinel(&["--delay-list-ms", "3600000"]);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    for _ in 0..3 {
        let told = pipe.modern_call("nonce", json!({"nonce": "n"})).await;
        assert_eq!(text(&told), "n", "{told}");
    }
    assert_eq!(lists(&rig), 1);
    // Nor does the end of the gate wait for it.
    assert!(pipe.close().await.success());
}

/// Nobody but us can compare the headers of a call to a child: what cannot be compared is not
/// taken.
#[tokio::test]
async fn headers_that_cannot_be_compared_go_nowhere() {
    let rig = rig(POLICY, "no tools");
    let door = rig.door().await;
    let arguments = json!({"tenant": "a"});
    let (_, told) = called(&door.web(), "ship", &arguments, &[("mcp-param-tenant", "a")]).await;
    assert_error(&told, 50200);
    assert!(rig.ledger().calls().is_empty());
    // Without them it is the server's to answer.
    let (_, told) = called(&door.web(), "ship", &arguments, &[]).await;
    assert_error(&told, -32602);
    assert_eq!(rig.ledger().calls().len(), 1);
}

async fn until_taken(door: &Door, arguments: &Value, mirrored: &[(&str, &str)]) {
    while called(&door.web(), "ship", arguments, mirrored).await.0 != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Who has listed the tools anew is not refused for long because the gate has not.
#[tokio::test]
async fn a_client_that_knows_better_is_heard() {
    for back in [Back::Child, Back::Url] {
        let rig = rig(POLICY, &tools());
        let (door, _upstream) = rig.door_before(back).await;
        let (old, new) = ([("mcp-param-tenant", "a")], [("mcp-param-customer", "a")]);
        let arguments = json!({"tenant": "a"});
        assert_eq!(called(&door.web(), "ship", &arguments, &old).await.0, 200);
        rig.scratch.file("tools.json", tools().replace("Tenant", "Customer"));
        let heard = until_taken(&door, &arguments, &new);
        tokio::time::timeout(GUARD / 3, heard).await.unwrap();
        assert_eq!(called(&door.web(), "ship", &arguments, &old).await.0, 400, "{back:?}");
    }
}

/// A server that refuses headers has other definitions than we know.
#[tokio::test]
async fn a_server_that_refuses_headers_is_asked_again() {
    let without = r#"[{"name":"region","inputSchema":{"type":"object"}}]"#;
    let rig = rig(GUARDED, without);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let told = pipe.modern_call("region", json!({"region": "eu"})).await;
    assert_error(&told, -32020);
    let property = r#"{"type":"object","properties":{"region":{"x-mcp-header":"Region"}}}"#;
    rig.scratch.file("tools.json", without.replace(r#"{"type":"object"}"#, property));
    let told = pipe.modern_call("region", json!({"region": "eu"})).await;
    assert!(text(&told).starts_with("ran region"), "{told}");
    assert_eq!(mirrored(&rig), [vec![], pairs(&[("region", "eu")])]);
}
