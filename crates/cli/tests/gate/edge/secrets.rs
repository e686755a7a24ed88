//! What is one side's stays there: tokens, cookies, headers, environments.

use serde_json::json;
use toolgate_testkit::{Entry, Pipe, Web};

use crate::rig::{Back, Client, Door, Era, Front, GUARDED, Rig, Way, text};

const COOKIE: &str = "session=c00kie-of-the-client";

/// Headers that a client has no business to pass on.
const PRIVATE: [(&str, &str); 7] = [
    ("cookie", COOKIE),
    ("proxy-authorization", "Basic cHJveHk="),
    ("x-api-key", "k3y-of-the-client"),
    ("x-forwarded-for", "203.0.113.7"),
    ("forwarded", "for=203.0.113.7"),
    ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ("x-other", "0ther-of-the-client"),
];

#[tokio::test]
async fn the_clients_headers_never_reach_the_server() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let web = PRIVATE.iter().fold(door.web(), |web, (name, value)| web.with_header(name, value));
    web.open().await;
    let hi = json!({"message": "hi"});
    assert_eq!(text(&web.call("echo", hi.clone()).await), "hi");
    assert_eq!(text(&web.modern_call("echo", hi).await), "hi");
    assert_eq!(web.get(None).await.status, 200);
    assert_eq!(web.delete().await, 200);
    let ended = |entry: &Entry| entry.http.as_ref().is_some_and(|head| head.method == "DELETE");
    let entries = rig.ledger().until(|entries| entries.iter().any(ended)).await;
    let heads: Vec<_> = entries.iter().filter_map(|entry| entry.http.as_ref()).collect();
    let session = web.session().unwrap();
    for head in heads {
        let known = [
            "host",
            "accept",
            "content-type",
            "content-length",
            "mcp-session-id",
            "mcp-protocol-version",
            "mcp-method",
            "mcp-name",
            "last-event-id",
        ];
        for (name, value) in &head.headers {
            assert!(known.contains(&name.as_str()), "{name}: {value}");
            assert!(!value.contains(&door.token) && *value != session, "{name}: {value}");
        }
    }
    let seen = String::from_utf8(std::fs::read(rig.scratch.ledger()).unwrap()).unwrap();
    assert!(!seen.contains(&door.token));

    let naive = Rig::new(GUARDED);
    let (gate, _upstream) = naive.naive_http(&[]).await;
    let web = Web::new(&gate.url).with_header("authorization", "Bearer t0ken");
    let web = web.with_header("cookie", COOKIE);
    web.open().await;
    let seen = String::from_utf8(std::fs::read(naive.scratch.ledger()).unwrap()).unwrap();
    assert!(seen.contains("t0ken") && seen.contains(COOKIE), "the naive gate hands them on");
}

/// The child inherits what it needs, and nothing of the gate's own.
#[tokio::test]
async fn the_gates_environment_does_not_reach_the_child() {
    let rig = Rig::new(GUARDED)
        .env("TOOLGATE_STATE", "/nowhere/t00lgate")
        .env("TOOLGATE_TOKEN", "t00lgate-token")
        .env("SHOP_TOKEN", "the-childs-own");
    let script = r#"env > env.txt; cat "/proc/$PPID/cmdline" > parent.txt 2>/dev/null; exec "$@""#;
    let sentinel = toolgate_testkit::bin("sentinel").display().to_string();
    let ledger = format!("--ledger={}", rig.scratch.ledger().display());
    let args = ["-c", script, "sh", &sentinel, &ledger].map(str::to_owned);
    let door = Door::open(rig.before(std::path::Path::new("/bin/sh"), &args)).await;
    let web = door.web();
    web.open().await;
    let seen = std::fs::read_to_string(rig.scratch.at("env.txt")).unwrap();
    assert!(seen.contains("SHOP_TOKEN=the-childs-own"), "{seen}");
    assert!(!seen.contains("TOOLGATE") && !seen.contains("t00lgate"), "{seen}");
    assert!(!seen.contains(&door.token), "{seen}");
    let parent = std::fs::read(rig.scratch.at("parent.txt")).unwrap();
    assert!(!String::from_utf8_lossy(&parent).contains(&door.token));
}

/// A header's value is nowhere but in the header: not in the arguments, errors or records.
#[tokio::test]
async fn a_headers_value_is_told_nobody_else() {
    const SECRET: &str = "s3cret-of-the-operator";
    let rig = Rig::new(GUARDED).env("SHOP_KEY", SECRET);
    let mut upstream = rig.upstream().await;
    let mut command = rig.before_url(&upstream.url);
    command.args(["--header", "Authorization=env:SHOP_KEY"]);
    let pipe = Pipe::spawn(command);
    pipe.open().await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
    upstream.kill().await;
    let failed = pipe.call("echo", json!({"message": "hi"})).await;
    assert!(failed["error"].is_object() && !failed.to_string().contains(SECRET), "{failed}");
    pipe.close().await;
    assert!(!pipe.stderr().contains(SECRET));
    let of = |folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = of(rig.scratch.state()).chain(of(rig.scratch.path().to_owned()));
    for path in paths.filter(|path| path.is_file() && *path != rig.scratch.ledger()) {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!found, "{}", path.display());
    }
    // Given on the command line it would be everybody's: that is refused.
    let mut command = rig.before_url(&upstream.url);
    command.args(["--header", &format!("Authorization={SECRET}")]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains(SECRET));
}

/// Arguments are kept as a digest; their values are nobody's but the server's.
#[tokio::test]
async fn the_values_of_arguments_are_not_in_the_log() {
    const VALUE: &str = "v4lue-of-an-argument";
    for era in [Era::Legacy, Era::Modern] {
        let rig = Rig::new(GUARDED);
        let way = Way { front: Front::Stdio, back: Back::Child, era };
        let client = Client::start(&rig, way).await;
        client.call("echo", json!({"message": VALUE})).await;
        client.call("refund", json!({"charge": VALUE})).await;
        let log = rig.log();
        assert!(log.len() >= 2);
        assert!(log.iter().all(|entry| !entry.to_string().contains(VALUE)), "{log:?}");
        assert!(log.iter().any(|entry| entry["keys"] == json!(["message"])), "{log:?}");
    }
}
