//! The same through one endpoint for all servers of a grant.

use serde_json::json;

use super::modern::{KEY, says};
use super::rig::{ASKED, FORM, capabilities, nonce};
use crate::gathered::rig::Two;
use crate::rig::{assert_denied, text};

#[tokio::test]
async fn a_legacy_client_of_all_servers_is_asked_under_an_id_of_its_own() {
    let two = Two::start(ASKED, &[], &[]).await;
    let web = two.all().with_capabilities(capabilities(FORM));
    web.open().await;
    for (server, action, runs) in [("a", "accept", 1), ("b", "decline", 0)] {
        let answering = async {
            let question = web.next_message().await;
            assert_eq!(question["method"], "elicitation/create");
            web.reply(&question, json!({"action": action})).await;
            question["params"]["message"].as_str().unwrap().to_owned()
        };
        let tool = format!("{server}__nonce");
        let (answer, asked) = tokio::join!(web.call(&tool, nonce()), answering);
        assert!(asked.contains(&format!("server: {server}\n")), "{asked}");
        assert_eq!(two.serving.ledger(server).calls_of("nonce").len(), runs, "{answer}");
    }
}

#[tokio::test]
async fn a_modern_client_of_all_servers_is_asked_by_an_answer() {
    let two = Two::start(ASKED, &[], &[]).await;
    let web = two.all().with_capabilities(capabilities(FORM));
    for (server, action, runs) in [("a", "accept", 1), ("b", "decline", 0)] {
        let tool = format!("{server}__nonce");
        let first = web.modern_call(&tool, nonce()).await;
        assert!(first["result"]["inputRequests"][KEY].is_object(), "{first}");
        let state = first["result"]["requestState"].clone();
        let params = json!({"name": tool, "arguments": nonce(), "requestState": state,
                            "inputResponses": says(action)});
        let answer = web.modern_request("tools/call", params).await;
        assert_eq!(two.serving.ledger(server).calls_of("nonce").len(), runs, "{answer}");
        if runs == 0 {
            assert_denied(&answer, "approval_denied");
        } else {
            assert_eq!(text(&answer), "n");
        }
    }
}
