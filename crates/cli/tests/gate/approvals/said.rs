//! What the agent hears, and what the log says.

use serde_json::json;

use crate::rig::{Rig, decision, text};

use super::people::{AT_ONCE, People, waits_for};

#[tokio::test]
async fn an_agent_hears_what_to_do_and_nothing_of_the_policy() {
    let words = "echo: {require_approval: true, on_deny: Messages to others need a person.}";
    let rig = Rig::new(&AT_ONCE.replace("echo: {require_approval: true}", words));
    let pipe = rig.pipe();
    pipe.open().await;
    let answer = pipe.call("echo", json!({"message": "hi"})).await;
    let id = waits_for(&answer);
    let said = text(&answer);
    let start = format!(
        "[POLICY DENIED] Messages to others need a person; approval pending: {id}; a person has \
         been asked; call the same tool with the same arguments again after approval. Retry \
         after 15 s. (ref dec_"
    );
    assert!(said.starts_with(&start), "{said}");
    assert_eq!(decision(&answer)["rule"], "/tools/echo/require_approval");
    assert_eq!(decision(&answer)["retry_after_ms"], 15_000);
}

#[tokio::test]
async fn the_log_shows_the_question_its_answer_and_its_use() {
    let rig = Rig::new(AT_ONCE);
    let pipe = rig.pipe();
    pipe.open().await;
    let answer = pipe.call("echo", json!({"message": "hi"})).await;
    let id = waits_for(&answer);
    People::of(&rig).yes(&id).await;
    pipe.call("echo", json!({"message": "hi"})).await;
    let log = rig.log();
    let kinds: Vec<_> = log
        .iter()
        .filter(|entry| entry["approval"] == json!(id))
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["denied", "answered", "opened"]);
    let show = |decision: &str| {
        let mut command = rig.toolgate("audit");
        command.args(["show", decision, "--state"]).arg(rig.scratch.state());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let asked = show(decision(&answer)["decision_id"].as_str().unwrap());
    assert!(asked.contains("effect     pending\n"), "{asked}");
    assert!(asked.contains(&format!("approval   {id}: yes by os:olga (cli)")), "{asked}");
    let opened = log.iter().find(|entry| entry["kind"] == "opened").unwrap();
    let passed = show(opened["id"].as_str().unwrap());
    assert!(passed.contains(&format!("approval   {id}: yes by os:olga (cli)")), "{passed}");
}
