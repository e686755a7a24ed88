//! Clients that can open a page are sent to it. To have been there is no yes.

use serde_json::{Value, json};

use super::modern::{KEY, modern, says};
use super::rig::{
    ASKED, BOTH, HELD, answer, approvals, assert_ran, nonce, open, pending, ran, settle,
};
use crate::rig::{Client, Era, Rig, Way, ways};

const PAGES: &str = "https://gate.example/approvals";

async fn client(policy: &str, way: Way) -> (Rig, Client) {
    let rig = Rig::new(policy).gate(&["--approval-url", "https://gate.example/approvals/"]);
    let capabilities = json!({"elicitation": {"form": {}, "url": {}}});
    let client = Client::start_with(&rig, way, capabilities).await;
    (rig, client)
}

/// The question leads to the page of this approval.
#[track_caller]
fn assert_leads(params: &Value, id: &str) {
    assert_eq!(params["mode"], "url", "{params}");
    assert_eq!(params["url"], format!("{PAGES}/{id}"), "{params}");
    assert!(!params["message"].as_str().unwrap().contains("://"), "{params}");
}

#[tokio::test]
async fn a_legacy_client_opens_the_page_and_waits_for_what_is_said_there() {
    for way in ways().filter(|way| way.era == Era::Legacy) {
        let (rig, client) = client(HELD, way).await;
        let answering = async {
            let question = client.next_message().await;
            let id = open(&rig).await;
            assert_leads(&question["params"], &id);
            assert_eq!(question["params"]["elicitationId"], *id);
            let accept = json!({"action": "accept"});
            let accept = json!({"jsonrpc": "2.0", "id": question["id"], "result": accept});
            client.tell(&accept.to_string()).await;
            settle(&client).await;
            assert_eq!(ran(&rig), 0, "{way:?}: to open a page is no yes");
            answer(&rig, &id, true).await;
            let done = client.next_message().await;
            assert_eq!(done["method"], "notifications/elicitation/complete", "{done}");
            assert_eq!(done["params"]["elicitationId"], *id);
        };
        let (answer, ()) = tokio::join!(client.call("nonce", nonce()), answering);
        assert_ran(&answer);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_modern_client_opens_the_page_and_its_round_is_no_yes() {
    for way in modern() {
        let (rig, client) = client(BOTH, way).await;
        let first = client.call("nonce", nonce()).await;
        let id = approvals(&rig)[0].id.clone();
        assert_leads(&first["result"]["inputRequests"][KEY]["params"], &id);
        let state = first["result"]["requestState"].clone();
        let params = json!({"name": "nonce", "arguments": nonce(), "requestState": state,
                            "inputResponses": says("accept")});
        let round = client.request("tools/call", params).await;
        assert_eq!(pending(&round), id, "{way:?}");
        assert_eq!(ran(&rig), 0, "{way:?}: to open a page is no yes");
        answer(&rig, &id, true).await;
        assert_ran(&client.call("nonce", nonce()).await);
        assert_eq!(ran(&rig), 1, "{way:?}");
    }
}

/// A page is no use where nobody may answer there.
#[tokio::test]
async fn who_alone_may_answer_is_asked_in_the_client() {
    for way in modern() {
        let (rig, client) = client(ASKED, way).await;
        let first = client.call("nonce", nonce()).await;
        let question = &first["result"]["inputRequests"][KEY]["params"];
        assert!(question["requestedSchema"].is_object() && question["url"].is_null(), "{first}");
        assert_eq!(ran(&rig), 0, "{way:?}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_refused_before_anything_starts() {
    for (url, why) in [
        ("gate.example", "it is an address such as"),
        ("http://gate.example/approvals", "`https://`"),
        ("https://gate.example/approvals?a=1", "query"),
    ] {
        let rig = Rig::new(ASKED).gate(&["--approval-url", url]);
        let output = rig.before_child().output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("--approval-url") && said.contains(why), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
}
