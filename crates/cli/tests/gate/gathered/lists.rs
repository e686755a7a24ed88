//! Lists: every server's, in order, under the server's name, nothing else changed.

use serde_json::{Value, json};
use toolgate_testkit::Daemon;

use crate::rig::{GUARDED, Rig, Serving, assert_error};

use super::rig::{Two, all, names, of, remote};

#[tokio::test]
async fn tools_are_every_servers_in_the_grants_order() {
    let upstream = Daemon::sentinel(&["--pages=3"]).await;
    let rig = Rig::new(GUARDED);
    let zoo = Serving::child(&rig, "zoo", &[]);
    let servers = json!({"ant": remote(&upstream), "zoo": zoo, "other": remote(&upstream)});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["zoo", "ant"]);
    let direct = serving.web("zoo", &token);
    direct.open().await;
    let own = direct.request("tools/list", json!({})).await;
    let own = own["result"]["tools"].as_array().unwrap().clone();
    let expected: Vec<Value> = ["zoo", "ant"]
        .into_iter()
        .flat_map(|server| own.iter().map(move |tool| renamed(server, tool)))
        .collect();

    let web = all(&serving, &token);
    let hello = web.open().await;
    assert_eq!(hello["result"]["serverInfo"]["name"], "toolgate");
    assert_eq!(
        hello["result"]["instructions"],
        "zoo: A server for tests.\n\nant: A server for tests."
    );
    assert_eq!(hello["result"]["capabilities"]["tools"], json!({"listChanged": true}));
    assert_eq!(hello["result"]["capabilities"]["logging"], json!({}));
    let listed = web.request("tools/list", json!({})).await;
    assert_eq!(listed["result"]["tools"].as_array().unwrap(), &expected);
    assert_eq!(listed["result"].as_object().unwrap().len(), 1, "one page, and no more");
    assert_error(&web.request("tools/list", json!({"cursor": "page-1"})).await, -32602);

    let modern = all(&serving, &token).modern_request("tools/list", json!({})).await;
    assert_eq!(modern["result"]["tools"].as_array().unwrap(), &expected);
    assert_eq!(modern["result"]["cacheScope"], "private");
    assert_eq!(modern["result"]["ttlMs"], 60_000);
    assert_eq!(modern["result"]["resultType"], "complete");
}

fn renamed(server: &str, tool: &Value) -> Value {
    let mut tool = tool.clone();
    tool["name"] = json!(format!("{server}__{}", tool["name"].as_str().unwrap()));
    tool
}

#[tokio::test]
async fn a_list_is_kept_as_long_as_the_shortest_says() {
    let two = Two::start(GUARDED, &["--ttl-ms=7"], &["--ttl-ms=90000"]).await;
    let listed = two.all().modern_request("tools/list", json!({})).await;
    assert_eq!(listed["result"]["ttlMs"], 7);
}

#[tokio::test]
async fn hidden_tools_are_hidden_here_too() {
    let policy = "version: \"1\"\ndefault: deny\nhide: [run*, refund]\ntools: {echo: {}}\n";
    let two = Two::start(policy, &["--tools=tools.json"], &["--tools=tools.json"]).await;
    let tools = json!([{"name": "run", "inputSchema": {}}, {"name": "echo", "inputSchema": {}}]);
    two.serving.rig.scratch.file("tools.json", tools.to_string());
    let web = two.opened().await;
    let listed = web.request("tools/list", json!({})).await;
    assert_eq!(names(&listed, "tools"), ["a__echo", "b__echo"]);
    assert_error(&web.call("a__run", json!({})).await, -32602);
    assert_eq!(two.serving.ledger("a").calls().len(), 0);
}

#[tokio::test]
async fn what_has_a_uri_keeps_it_and_belongs_to_the_first() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let listed = web.request("resources/list", json!({})).await;
    assert_eq!(listed["result"]["resources"].as_array().unwrap().len(), 2, "{listed}");
    let uri = json!({"uri": "sentinel://greeting"});
    let read = web.request("resources/read", uri.clone()).await;
    assert_eq!(read["result"]["contents"][0]["text"], "hello");
    let modern = two.all().modern_request("resources/read", uri).await;
    assert_eq!(modern["result"]["contents"][0]["text"], "hello");
    assert_error(&web.request("resources/read", json!({"uri": "no:where"})).await, -32002);
    let reads = |server: &str| {
        let entries = two.serving.ledger(server).entries().into_iter();
        let methods = entries.filter_map(|entry| entry.json.map(|json| json["method"].clone()));
        methods.filter(|method| method == "resources/read").count()
    };
    assert_eq!((reads("a"), reads("b")), (2, 0));
}

#[tokio::test]
async fn prompts_and_completions_go_to_the_server_of_their_name() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let listed = web.request("prompts/list", json!({})).await;
    let own = ["greet".to_owned(), "secret".to_owned()];
    assert_eq!(names(&listed, "prompts"), [of("a", &own), of("b", &own)].concat());
    let params = json!({"name": "b__greet", "arguments": {"who": "Ann"}});
    let got = web.request("prompts/get", params).await;
    assert_eq!(got["result"]["messages"][0]["content"]["text"], "Greet Ann.");
    let reference = json!({"ref": {"type": "ref/prompt", "name": "b__greet"},
                           "argument": {"name": "who", "value": "a"}});
    let completed = web.request("completion/complete", reference).await;
    assert_eq!(completed["result"]["completion"]["total"], 2);
    let entries = two.serving.ledger("b").entries();
    let completion = entries.iter().filter_map(|entry| entry.json.as_ref());
    let mut completion = completion.filter(|json| json["method"] == "completion/complete");
    assert_eq!(completion.next().unwrap()["params"]["ref"]["name"], "greet");
    for name in ["greet", "c__greet", "__greet", "a__"] {
        assert_error(&web.request("prompts/get", json!({"name": name})).await, -32602);
    }
}
