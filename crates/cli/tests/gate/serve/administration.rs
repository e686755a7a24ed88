//! Changing a gateway that runs: policies, servers, and what bad input hears.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Web, bin};

use crate::rig::{GUARDED, Rig, Serving, denial};

const NOTHING: &str = "version: \"1\"\ndefault: deny\n";

async fn one_server() -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    Serving::start(rig, servers).await
}

/// A call that is decided on old terms while the policy changes is found out when it is admitted:
/// the very next call goes by the new policy, without waiting for anything.
#[tokio::test]
async fn an_edit_takes_effect_on_the_next_request() {
    let serving = one_server().await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token);
    web.open().await;
    serving.rig.scratch.file("none.yaml", NOTHING);
    for round in 1..=5 {
        assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "", "{round}");
        serving.json(&["policy", "put", "ann", "none.yaml"]);
        let denied = web.call("echo", json!({"message": "x"})).await;
        assert_eq!(denial(&denied), "default_deny", "{round}");
        serving.json(&["policy", "rollback", "ann", "1"]);
    }
    assert_eq!(serving.ledger("a").calls().len(), 5);
}

/// The lower layer only narrows: what the organization denies no grant allows.
#[tokio::test]
async fn the_organizations_policy_stands_above_every_grants() {
    let serving = one_server().await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token);
    web.open().await;
    let call = async || denial(&web.call("echo", json!({"message": "x"})).await).to_owned();
    assert_eq!(call().await, "");
    serving
        .rig
        .scratch
        .file("above.yaml", "version: \"1\"\ndefault: allow\ntools: {echo: {action: deny}}\n");
    serving.json(&["policy", "put", "above", "above.yaml"]);
    serving.json(&["policy", "attach", "above", "--organization"]);
    assert_eq!(call().await, "rule_deny");
    let denied = serving.rig.log().pop().unwrap();
    assert_eq!(denied["revision"], "above@1 ann@1", "{denied}");
    let listed = serving.json(&["policy", "list"]);
    assert_eq!(listed["policies"][0]["organization"], true, "{listed}");
    serving.json(&["policy", "detach", "--organization"]);
    assert_eq!(call().await, "");
}

/// What the config file puts above all grants is the config file's.
#[tokio::test]
async fn the_config_file_may_name_the_organizations_policy() {
    let rig = Rig::new(GUARDED);
    rig.scratch.file("above.yaml", NOTHING);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let config = json!({"listen": "127.0.0.1:0", "durability": "normal", "servers": servers,
                        "organization_policy": "above.yaml"});
    let serving = Serving::with(rig, config).await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token);
    web.open().await;
    assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "default_deny");
    let detached = serving.toolgate(&["policy", "detach", "--organization"]);
    assert_eq!(detached.status.code(), Some(2));
}

#[tokio::test]
async fn a_server_can_be_added_and_removed_beside_a_running_gateway() {
    let serving = one_server().await;
    let sentinel = bin("sentinel").display().to_string();
    let ledger = format!("--ledger={}", serving.rig.scratch.at("own").display());
    let state = serving.rig.scratch.state().display().to_string();
    let mut command = serving.rig.toolgate("server");
    command.args(["add", "own", "--state", &state, "--", &sentinel, &ledger]);
    assert!(command.output().unwrap().status.success());
    let token = serving.grant("ann", &["own"]);
    let web = serving.web("own", &token);
    web.open().await;
    assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "");
    serving.json(&["server", "remove", "own"]);
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    while web.post(ping, &[]).await.status != 404 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_servers_of_the_config_file_are_there_before_the_first_line() {
    let serving = one_server().await;
    let listed = serving.json(&["server", "list"]);
    let names: Vec<&Value> =
        listed["servers"].as_array().unwrap().iter().map(|server| &server["server"]).collect();
    assert_eq!(names, ["a"]);
    let config = serving.rig.scratch.at("toolgate.yaml");
    assert!(config.exists());
}

#[tokio::test]
async fn bad_input_hears_one_line_that_says_how_to_mend_it() {
    let serving = one_server().await;
    serving.rig.scratch.file("broken.yaml", "version: \"1\"\ndefualt: deny\n");
    serving.grant("ann", &["a"]);
    let cases: [(&[&str], i32, &str); 9] = [
        (&["grant", "add", "bob", "--server", "b"], 2, "there is no server `b`"),
        (&["grant", "add", "ann", "--server", "a"], 2, "already"),
        (&["grant", "add", "b b", "--server", "a"], 2, "not a name"),
        (&["grant", "add", "bob", "--server", "a", "--policy", "none"], 2, "no policy `none`"),
        (&["grant", "add", "bob", "--server", "a", "--policy", "broken.yaml"], 6, "has errors"),
        (&["grant", "add", "bob", "--server", "a", "--expires", "soon"], 2, "not a time"),
        (&["grant", "revoke", "bob"], 2, "no grant `bob`"),
        (&["server", "remove", "a"], 2, "belongs to the config file"),
        (&["policy", "rollback", "ann", "7"], 2, "no revision 7"),
    ];
    for (words, code, says) in cases {
        let output = serving.toolgate(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        let last = said.lines().last().unwrap();
        assert!(last.starts_with("toolgate: ") && last.contains(says), "{words:?}: {said}");
    }
    let listed = serving.json(&["grant", "list"]);
    assert_eq!(listed["grants"].as_array().unwrap().len(), 1, "{listed}");
}

/// Somebody starts a second gateway by mistake: it ends before it has changed anything.
#[tokio::test]
async fn a_gateway_that_cannot_listen_changes_nothing() {
    let serving = one_server().await;
    let token = serving.grant("ann", &["a"]);
    let address = serving.gateway.url.strip_prefix("http://").unwrap();
    serving.rig.scratch.file("other.yaml", json!({"listen": address}).to_string());
    let second = serving.toolgate(&["serve", "--config", "other.yaml"]);
    assert_eq!(second.status.code(), Some(2));
    serving.web("a", &token).open().await;
    assert_eq!(serving.json(&["server", "list"])["servers"].as_array().unwrap().len(), 1);
}

/// They would take each other's servers away. One that says the same of them does no harm.
#[tokio::test]
async fn a_gateway_with_another_configuration_is_refused_on_the_same_state() {
    let serving = one_server().await;
    let token = serving.grant("ann", &["a"]);
    let other = json!({"listen": "127.0.0.1:0", "servers": {"b": {"url": "http://127.0.0.1:9"}}});
    serving.rig.scratch.file("other.yaml", other.to_string());
    let none = json!({"listen": "127.0.0.1:0"});
    serving.rig.scratch.file("none.yaml", none.to_string());
    for config in ["other.yaml", "none.yaml"] {
        let second = serving.toolgate(&["serve", "--config", config]);
        assert_eq!(second.status.code(), Some(7));
        let said = String::from_utf8(second.stderr).unwrap();
        assert!(
            said.contains("another gateway with another configuration serves from `"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    serving.web("a", &token).open().await;
    let mut command = serving.rig.toolgate("serve");
    command.args(["--config", "toolgate.yaml", "--state"]).arg(serving.rig.scratch.state());
    let mut same = Daemon::start(command).await;
    let web = Web::new(format!("{}/mcp/a", same.url));
    web.with_header("authorization", &format!("Bearer {token}")).open().await;
    same.kill().await;
    // Who has gone leaves nothing behind.
    let Serving { rig, mut gateway } = serving;
    gateway.kill().await;
    Serving::with(rig, other).await;
}

#[tokio::test]
async fn secrets_in_commands_and_urls_are_warned_of_and_not_shown() {
    let serving = one_server().await;
    let url = "https://example.com/mcp?api_key=c4nary";
    for words in [
        &["server", "add", "web", "--url", url][..],
        &["server", "add", "tool", "--", "mcp", "--token", "c4nary"],
    ] {
        let mut command = serving.rig.toolgate(words[0]);
        command.arg("--state").arg(serving.rig.scratch.state()).args(&words[1..]);
        let added = command.output().unwrap();
        let said = String::from_utf8(added.stderr).unwrap();
        assert!(added.status.success(), "{said}");
        assert!(said.contains("looks like a secret") && !said.contains("c4nary"), "{said}");
    }
    let shown = [
        serving.json(&["server", "list"]).to_string(),
        serving.json(&["server", "show", "web"]).to_string(),
        String::from_utf8(serving.toolgate(&["server", "list"]).stdout).unwrap(),
        String::from_utf8(serving.toolgate(&["server", "show", "tool"]).stdout).unwrap(),
    ];
    for text in shown {
        assert!(text.contains(['…', '*']) && !text.contains("c4nary"), "{text}");
    }
}

/// A name that was mistyped is no gateway without grants.
#[tokio::test]
async fn a_state_directory_that_is_none_is_told() {
    let rig = Rig::new(GUARDED);
    for words in [["grant", "list"], ["server", "list"], ["policy", "list"], ["tools", "list"]] {
        let mut command = rig.toolgate(words[0]);
        let output = command.args([words[1], "--state", "nowhere"]).output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("`nowhere` is no state directory"), "{said}");
    }
}

#[tokio::test]
async fn every_command_takes_the_configuration_instead_of_the_state_directory() {
    let rig = Rig::new(GUARDED);
    let config = json!({"listen": "127.0.0.1:0", "state": "state",
                        "servers": {"a": Serving::child(&rig, "a", &[])}});
    let serving = Serving::with(rig, config).await;
    for words in [["audit", "tail"], ["grant", "list"], ["server", "list"], ["tools", "list"]] {
        let mut command = serving.rig.toolgate(words[0]);
        let output = command.args([words[1], "--config", "toolgate.yaml"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
    }
}
