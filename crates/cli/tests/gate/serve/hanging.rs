//! A file that hangs concerns the one server that needs it, and not for ever.

use std::process::Command;

use serde_json::{Value, json};
use toolgate_testkit::{GUARD, Web, bin};

use crate::rig::{GUARDED, Rig, Serving, hello, text};

/// A gateway with a server whose secret is a pipe that nobody writes to, and a good one.
async fn serving(bad: impl Fn(&str) -> Value) -> Serving {
    let rig = Rig::new(GUARDED);
    let fifo = rig.scratch.at("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let source = format!("file:{}", fifo.display());
    let servers = json!({"bad": bad(&source), "good": Serving::child(&rig, "good", &[])});
    let limits = json!({"request_timeout": "3s"});
    Serving::start_with(rig, json!({"servers": servers, "limits": limits})).await
}

/// What clients of the bad server hear, while those of the good one are served.
async fn refusals(serving: &Serving) -> Vec<(u16, String)> {
    let token = serving.grant("ann", &["bad", "good"]);
    // More than the runtime has threads.
    let refused = (0..8).map(|_| {
        let web = serving.web("bad", &token);
        tokio::spawn(async move {
            let reply = web.post(hello(), &[]).await;
            (reply.status, String::from_utf8(reply.bytes().await).unwrap())
        })
    });
    let refused: Vec<_> = refused.collect();
    let going_on = async {
        let good = serving.web("good", &token);
        good.open().await;
        let all = Web::new(format!("{}/mcp", serving.gateway.url));
        let all = all.with_header("authorization", &format!("Bearer {token}"));
        all.open().await;
        for _ in 0..20 {
            assert_eq!(text(&good.call("echo", json!({"message": "on"})).await), "on");
            assert_eq!(serving.page("/healthz").await.0, 200);
        }
        let through = all.call("good__echo", json!({"message": "all"})).await;
        assert_eq!(text(&through), "all");
        serving.grant("bob", &["good"]);
    };
    tokio::time::timeout(GUARD, going_on).await.unwrap();
    let mut heard = Vec::new();
    for one in refused {
        heard.push(tokio::time::timeout(GUARD, one).await.unwrap().unwrap());
    }
    heard
}

#[tokio::test]
async fn a_secret_that_hangs_stops_no_other_server() {
    let command = [bin("sentinel").display().to_string()];
    let as_variable = |source: &str| json!({"command": command, "env": {"TOKEN": source}});
    let serving = serving(as_variable).await;
    for (status, said) in refusals(&serving).await {
        assert_eq!(status, 502, "{said}");
        assert!(said.contains("a file system hangs, or a secret's file is a pipe"), "{said}");
    }
    let said = serving.gateway.stderr();
    assert!(said.contains("server `bad` is not started: its secrets"), "{said}");
}

#[tokio::test]
async fn a_header_that_hangs_stops_no_other_server() {
    let as_header =
        |source: &str| json!({"url": "http://127.0.0.1:9/mcp", "headers": {"X-Key": source}});
    let serving = serving(as_header).await;
    for (status, said) in refusals(&serving).await {
        assert_eq!((status, &*said), (503, "the server is not set up"));
    }
    let said = serving.gateway.stderr();
    assert!(said.contains("server `bad` cannot be used: its secrets could not be read"), "{said}");
}
