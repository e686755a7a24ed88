//! A token that ends takes along what it opened, and nothing else.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use toolgate_testkit::{Issuer, Web, WebReply};

use super::jwt::{developer, serving};
use crate::rig::{Serving, hello, text};

/// Tokens are taken for so long behind their `exp`.
const LEEWAY_S: u64 = 60;
const LEFT_S: u64 = 3;

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A token that is taken for a moment only.
fn short(issuer: &Issuer) -> String {
    let mut claims = developer(issuer, "ann");
    claims["exp"] = json!(now_s() - LEEWAY_S + LEFT_S);
    issuer.token("ES256", &claims)
}

/// A stream that such a token opened; on a slow machine not the first one is in time.
async fn opened(issuer: &Issuer, open: impl AsyncFn(String) -> WebReply) -> WebReply {
    loop {
        let reply = open(short(issuer)).await;
        if reply.status != 401 {
            assert_eq!((reply.status, reply.is_events()), (200, true));
            return reply;
        }
    }
}

/// Waits for the stream's end, which comes by itself and not before the token's.
async fn ends(reply: WebReply) {
    let mut events = reply.events();
    while events.next().await.is_some() {}
}

fn with(serving: &Serving, token: &str, session: &str) -> Web {
    serving.web("a", token).with_header("mcp-session-id", session)
}

#[tokio::test]
async fn streams_end_with_the_token_that_opened_them() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let long = issuer.token("ES256", &developer(&issuer, "ann"));
    let web = serving.web("a", &long);
    web.open().await;
    let session = web.session().unwrap();
    // What belongs to no request.
    let standing = opened(&issuer, async |token| {
        let headers = [("accept", "text/event-stream")];
        let web = with(&serving, &token, &session);
        web.send(hyper::Method::GET, &headers, "").await.unwrap()
    });
    ends(standing.await).await;
    // A call that tells of its progress, and goes on for long.
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {
        "name": "progress", "arguments": {"steps": 100_000, "interval_ms": 20},
        "_meta": {"progressToken": "t"}}});
    let calling = opened(&issuer, async |token| {
        with(&serving, &token, &session).post(call.to_string(), &[]).await
    });
    ends(calling.await).await;
    // A subscription without a session.
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let listening = opened(&issuer, async |token| {
        serving.web("a", &token).modern_post(&json!(8), "subscriptions/listen", &listen).await
    });
    ends(listening.await).await;
    // The session is the principal's, who has a better token.
    assert_eq!(text(&web.call("echo", json!({"message": "on"})).await), "on");
    let over = issuer.token("ES256", &{
        let mut claims = developer(&issuer, "ann");
        claims["exp"] = json!(now_s() - LEEWAY_S);
        claims
    });
    assert_eq!(serving.web("a", &over).post(hello(), &[]).await.status, 401);
}
