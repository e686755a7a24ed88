//! Two principals at one server: nothing of one is ever the other's.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_testkit::Web;

use crate::rig::Era;
use crate::rig::{GUARDED, Rig, Serving, answer, call_text, modern_headers, text};

/// Of each principal at each server in each era, 10,000 in all; every id is in use by all of them
/// at the same time.
const CALLS: usize = 1250;
const AT_ONCE: usize = 25;

async fn calls(web: Arc<Web>, who: &'static str, era: Era) -> Vec<String> {
    let mut heard = Vec::new();
    for batch in 0..CALLS / AT_ONCE {
        let numbers = batch * AT_ONCE..(batch + 1) * AT_ONCE;
        let tasks = numbers.map(|number| tokio::spawn(one(Arc::clone(&web), who, number, era)));
        for task in tasks.collect::<Vec<_>>() {
            heard.push(task.await.unwrap());
        }
    }
    heard
}

async fn one(web: Arc<Web>, who: &'static str, number: usize, era: Era) -> String {
    let id = number.to_string();
    let message = json!({"message": format!("{who}-{number}")}).to_string();
    let body = call_text(era, &id, "echo", &message);
    let headers = match era {
        Era::Legacy => Vec::new(),
        Era::Modern => modern_headers("tools/call", "echo").to_vec(),
    };
    let reply = web.post(body, &headers).await;
    text(&answer(reply, &json!(number)).await).to_owned()
}

/// Both eras, two grants, equal ids all the time, children and a server over HTTP: every answer is
/// the caller's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_ids_of_two_principals_never_meet() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let servers =
        json!({"child": Serving::child(&rig, "child", &[]), "far": {"url": upstream.url}});
    let serving = Serving::start(rig, servers).await;
    let mut tasks = Vec::new();
    for who in ["ann", "bob"] {
        let token = serving.grant(who, &["child", "far"]);
        for server in ["child", "far"] {
            let web = serving.web(server, &token);
            web.open().await;
            tasks.push((who, tokio::spawn(calls(Arc::new(web), who, Era::Legacy))));
            let web = serving.web(server, &token);
            tasks.push((who, tokio::spawn(calls(Arc::new(web), who, Era::Modern))));
        }
    }
    for (who, task) in tasks {
        let heard: Vec<String> = task.await.unwrap();
        let own: HashSet<String> = (0..CALLS).map(|number| format!("{who}-{number}")).collect();
        assert_eq!(heard.len(), CALLS);
        assert_eq!(heard.into_iter().collect::<HashSet<_>>(), own);
    }
}

/// What a client brings to be let in goes nowhere: not to the server, not into the log, not into
/// the gateway's own words.
#[tokio::test]
async fn a_clients_credentials_stay_at_the_gateway() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let servers =
        json!({"child": Serving::child(&rig, "child", &[]), "far": {"url": upstream.url}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["child", "far"]);
    let canaries = [token.as_str(), "canary-cookie", "canary-proxy"];
    for server in ["child", "far"] {
        let web = serving
            .web(server, &token)
            .with_header("cookie", "session=canary-cookie")
            .with_header("proxy-authorization", "Basic canary-proxy");
        web.open().await;
        web.call("echo", json!({"message": "x"})).await;
        web.modern_call("echo", json!({"message": "x"})).await;
    }
    let mut seen = vec![serving.gateway.stderr()];
    for name in ["child", "ledger"] {
        let path = if name == "child" {
            serving.rig.scratch.at(name)
        } else {
            serving.rig.scratch.ledger()
        };
        seen.push(std::fs::read_to_string(path).unwrap());
    }
    seen.push(format!("{:?}", serving.rig.log()));
    for entry in std::fs::read_dir(serving.rig.scratch.state()).unwrap() {
        seen.push(
            String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned(),
        );
    }
    for text in &seen {
        for canary in canaries {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
    let arrived: Vec<Value> = serving.rig.log();
    assert!(arrived.len() >= 8, "{arrived:?}");
}
