//! Requests that no browser of ours has sent.

use hyper::Method;
use toolgate_testkit::Web;

use super::desk::{ASKED, Desk, nonce};

async fn status(desk: &Desk, method: &str, path: &str, headers: &str) -> String {
    let web = Web::new(format!("{}{path}", desk.url));
    let request = format!("{method} {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    let answer = web.raw(request.as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// DNS rebinding: a page that was led to this address by its own name learns nothing.
#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_everywhere() {
    let desk = Desk::open(ASKED).await;
    let own = desk.url.trim_start_matches("http://").to_owned();
    let port = own.rsplit(':').next().unwrap();
    let hosts = [
        String::new(),
        "host: evil.example\r\n".to_owned(),
        format!("host: evil.example:{port}\r\n"),
        "host: 127.0.0.1\r\n".to_owned(),
        format!("host: {own}.\r\n"),
        format!("host: localhost.evil.example:{port}\r\n"),
        format!("host: {own}\r\nhost: {own}\r\n"),
        format!("host: evil.example\r\nx-forwarded-host: {own}\r\n"),
    ];
    let paths = ["/", "/sign-in", "/style.css", "/approvals", "/api/v1/approvals", "/none"];
    for (host, path) in hosts.iter().flat_map(|host| paths.map(|path| (host, path))) {
        for method in ["GET", "POST"] {
            let answered = status(&desk, method, path, host).await;
            assert!(answered == "403" || answered == "400", "{method} {path} {host}: {answered}");
        }
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "file://"] {
        let headers = format!("host: {own}\r\norigin: {origin}\r\n");
        for path in paths {
            assert_eq!(status(&desk, "GET", path, &headers).await, "403", "{path} {origin}");
        }
    }
    assert_eq!(status(&desk, "GET", "/", &format!("host: localhost:{port}\r\n")).await, "200");
}

/// With cookie and nonce, from elsewhere: another port of this machine is the same site.
#[tokio::test]
async fn a_form_on_another_page_changes_nothing() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let browser = desk.signed_in("ann", "approver").await;
    let path = format!("/approvals/{id}/approve");
    let (_, page) = browser.page(&format!("/approvals/{id}")).await;
    let form = format!("nonce={}", nonce(&page, &path));
    let media = ("content-type", "application/x-www-form-urlencoded");
    for from in [
        ("origin", "http://127.0.0.1:1"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let reply = browser.send(Method::POST, &path, &[media, from], form.clone()).await;
        assert_eq!(reply.status, 403, "{from:?}");
    }
    let plain = [("content-type", "text/plain")];
    assert_eq!(browser.send(Method::POST, &path, &plain, form.clone()).await.status, 415);
    assert_eq!(desk.state(&id).await, "pending");
    assert_eq!(browser.send(Method::POST, &path, &[media], form).await.status, 303);
}

/// A cookie opens pages, not the API: a page's script could send it without a nonce.
#[tokio::test]
async fn the_api_takes_no_cookie() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let browser = desk.signed_in("ann", "admin").await;
    let json = [("content-type", "application/json")];
    for path in [format!("/api/v1/approvals/{id}/approve"), "/api/v1/approvals/answers".to_owned()]
    {
        let reply = browser.send(Method::POST, &path, &json, "{}".to_owned()).await;
        assert!(matches!(reply.status, 400 | 401), "{path}: {}", reply.status);
    }
    assert_eq!(browser.get("/api/v1/approvals").await.status, 401);
    assert_eq!(desk.state(&id).await, "pending");
}
