//! Who may come in: the right path, host, origin and token, in that order of suspicion.

use serde_json::json;
use toolgate_testkit::Web;

use crate::rig::{Door, GUARDED, Rig, hello, text};

/// A whole POST of `initialize`, with these lines in its head and no others of their names.
fn post(target: &str, lines: &[String]) -> Vec<u8> {
    let body = hello();
    let mut head = format!("POST {target} HTTP/1.1\r\n");
    for line in lines {
        head += line;
        head += "\r\n";
    }
    let named = |name: &str| {
        lines.iter().any(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))
    };
    if !named("content-type") {
        head += "Content-Type: application/json\r\n";
    }
    head += "Accept: application/json, text/event-stream\r\nConnection: close\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The status of the answer; 0 where there is none.
async fn status(door: &Door, request: &[u8]) -> u16 {
    let answer = door.stranger().raw(request).await;
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.map_or(0, |status| status.parse().unwrap())
}

fn bearer(door: &Door) -> String {
    format!("Authorization: Bearer {}", door.token)
}

async fn check(door: &Door, lines: &[String], expected: u16) {
    let found = status(door, &post("/mcp", lines)).await;
    assert_eq!(found, expected, "{lines:?}");
}

/// Nothing of what was refused reached a server; there was none to reach.
fn never_started(rig: &Rig) {
    assert!(!rig.scratch.ledger().exists());
}

#[tokio::test]
async fn without_the_token_nobody_comes_in() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let host = format!("Host: {}", door.address());
    let token = &door.token;
    let (half, longer) = (&token[..token.len() / 2], format!("{token}0"));
    let mut wrong: Vec<Vec<String>> = [
        String::new(),
        token.clone(),
        format!("Basic {token}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {half}"),
        format!("Bearer {longer}"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {token} {token}"),
        format!("Bearer {token},"),
        format!("Bearer \"{token}\""),
        format!("Bearer{token}"),
    ]
    .map(|value| vec![host.clone(), format!("Authorization: {value}")])
    .to_vec();
    wrong.push(vec![host.clone()]);
    wrong.push(vec![host.clone(), bearer(&door), bearer(&door)]);
    wrong.push(vec![host.clone(), bearer(&door), "Authorization: Bearer x".to_owned()]);
    wrong.push(vec![host.clone(), format!("X-Authorization: Bearer {token}")]);
    wrong.push(vec![host.clone(), format!("Cookie: token={token}")]);
    for lines in &wrong {
        check(&door, lines, 401).await;
    }
    assert_eq!(
        status(&door, &post(&format!("/mcp?token={token}"), std::slice::from_ref(&host))).await,
        401
    );
    let reply = door.stranger().post(hello(), &[]).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")));
    for method in ["GET", "DELETE", "PUT"] {
        let request = format!("{method} /mcp HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&door, request.as_bytes()).await, 401, "{method}");
    }
    never_started(&rig);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let lines = [host.clone(), format!("Authorization: {scheme} {token}")];
        check(&door, &lines, 200).await;
    }
}

#[tokio::test]
async fn a_forged_name_of_the_host_is_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let address = door.address();
    let (_, port) = address.rsplit_once(':').unwrap();
    let host = |host: &str| vec![format!("Host: {host}"), bearer(&door)];
    for wrong in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example@127.0.0.1:{port}"),
        format!("localhost.:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("0.0.0.0:{port}"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        format!("{address}, evil.example"),
        format!("http://{address}"),
        String::new(),
    ] {
        // A name that is no authority is refused by the HTTP library already.
        let found = status(&door, &post("/mcp", &host(&wrong))).await;
        assert!(matches!(found, 400 | 403), "{wrong}: {found}");
        // Even to those who have no token, and whatever they ask for.
        let lines = [format!("Host: {wrong}")];
        let found = status(&door, &post("/other", &lines)).await;
        assert!(matches!(found, 400 | 403), "{wrong}: {found}");
    }
    let twice = [format!("Host: {address}"), "Host: evil.example".to_owned(), bearer(&door)];
    let found = status(&door, &post("/mcp", &twice)).await;
    assert!(matches!(found, 400 | 403), "{found}");
    let none = status(&door, &post("/mcp", &[bearer(&door)])).await;
    assert!(matches!(none, 400 | 403), "{none}");
    never_started(&rig);
    for known in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
        check(&door, &host(&format!("{known}:{port}")), 200).await;
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let address = door.address().to_owned();
    let (_, port) = address.rsplit_once(':').unwrap();
    let with = |origins: &[&str]| {
        let mut lines = vec![format!("Host: {address}"), bearer(&door)];
        lines.extend(origins.iter().map(|origin| format!("Origin: {origin}")));
        lines
    };
    let own = format!("http://{address}");
    for wrong in [
        "null",
        "http://evil.example",
        "https://evil.example",
        "http://localhost",
        "http://127.0.0.1",
        "file://",
        "chrome-extension://abcdef",
        &format!("http://evil.example:{port}"),
        &format!("http://localhost.evil.example:{port}"),
        &format!("http://localhost:{port}.evil.example"),
        &format!("http://localhost:{port}@evil.example"),
        &format!("http://localhost:{port}/"),
        &format!("https://localhost:{port}"),
        &format!("{own} http://evil.example"),
        &address,
        "",
    ] {
        check(&door, &with(&[wrong]), 403).await;
        check(&door, &with(&[&own, wrong]), 403).await;
        check(&door, &with(&[wrong, &own]), 403).await;
        let preflight = format!(
            "OPTIONS /mcp HTTP/1.1\r\nHost: {address}\r\nOrigin: {wrong}\r\n\
             Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(status(&door, preflight.as_bytes()).await, 403, "{wrong}");
    }
    never_started(&rig);
    for known in [&own, &format!("http://localhost:{port}"), &format!("http://[::1]:{port}")] {
        check(&door, &with(&[known]), 200).await;
    }
}

#[tokio::test]
async fn there_is_one_path_and_three_methods() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let lines = [format!("Host: {}", door.address()), bearer(&door)];
    for path in [
        "/",
        "/MCP",
        "/mcp/",
        "//mcp",
        "/mcp/x",
        "/%6dcp",
        "/mcp%2f",
        "/sse",
        "/messages",
        "/mcp;x",
    ] {
        assert_eq!(status(&door, &post(path, &lines)).await, 404, "{path}");
    }
    for path in ["/mcp/../mcp", "/./mcp", "/x/..;/mcp"] {
        assert_eq!(status(&door, &post(path, &lines)).await, 404, "{path}");
    }
    for method in ["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO", "post"] {
        let request = post("/mcp", &lines);
        let request = [method.as_bytes(), &request[4..]].concat();
        assert_eq!(status(&door, &request).await, 405, "{method}");
    }
    never_started(&rig);
}

/// Not JSON, or JSON that one must unpack first.
#[tokio::test]
async fn other_content_is_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let with = |extra: &[&str]| {
        let mut lines = vec![format!("Host: {}", door.address()), bearer(&door)];
        lines.extend(extra.iter().map(|line| (*line).to_owned()));
        lines
    };
    for kind in [
        "text/plain",
        "text/plain; x=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-rpc",
        "application/jsonp",
        "text/json",
        "*/*",
        "application/json, text/plain",
        "",
    ] {
        check(&door, &with(&[&format!("Content-Type: {kind}")]), 415).await;
    }
    check(&door, &with(&["Content-Type: application/json", "Content-Type: text/plain"]), 415).await;
    check(&door, &with(&["Content-Type: text/plain", "Content-Type: application/json"]), 415).await;
    for coding in ["gzip", "deflate", "br", "identity", "gzip, gzip"] {
        check(&door, &with(&[&format!("Content-Encoding: {coding}")]), 415).await;
    }
    never_started(&rig);
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON ;x=y"] {
        check(&door, &with(&[&format!("Content-Type: {kind}")]), 200).await;
    }
}

/// Heads that two HTTP readers could read differently.
#[tokio::test]
async fn a_head_in_doubt_is_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let (address, token, body) = (door.address(), &door.token, hello());
    let length = body.len();
    for lines in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1),
        format!("Content-Length: +{length}\r\n"),
        "Content-Length: -1\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        format!("Content-Length: {length}\r\nX-Folded: a\r\n b\r\n"),
        format!("Content-Length : {length}\r\n"),
        format!("Content-Length: {length}\r\n: empty\r\n"),
        format!("Content-Length: {length}\r\nX-Nul: a\0b\r\n"),
    ] {
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nConnection: close\r\n{lines}\r\n{body}"
        );
        let found = status(&door, request.as_bytes()).await;
        assert!(matches!(found, 0 | 400 | 501), "{lines}: {found}");
    }
    assert_eq!(status(&door, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, 0);
    never_started(&rig);
}

/// What the naive gate lets in: anybody, from anywhere.
#[tokio::test]
async fn the_naive_gate_lets_pages_in() {
    let rig = Rig::new(GUARDED);
    let (gate, _upstream) = rig.naive_http(&[]).await;
    let web = Web::new(&gate.url).with_header("origin", "http://evil.example");
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
}
