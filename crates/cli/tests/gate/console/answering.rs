//! Saying yes and no: who may, how, and what comes of it.

use hyper::Method;
use serde_json::json;

use super::desk::{ASKED, Desk, body, nonce};

#[tokio::test]
async fn a_yes_in_the_browser_lets_the_call_pass_once() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let browser = desk.signed_in("ann", "approver").await;
    let (_, list) = browser.page("/approvals").await;
    assert!(list.contains(&format!("href=\"/approvals/{id}\"")), "{list}");
    let reply = browser.answer(&id, "approve", &[]).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some(&*format!("/approvals/{id}"))));
    assert!(desk.ledger().calls().is_empty());
    assert_eq!(desk.again("hi").await, "hi");
    assert_eq!(desk.ledger().calls().len(), 1);
    let (_, page) = browser.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("approved and used") && page.contains("looked at it"), "{page}");
    assert!(!page.contains("<form method=\"post\" action=\"/approvals/"), "{page}");
    // The same call again is another question.
    assert_ne!(desk.ask("hi").await, id);
    assert_eq!(desk.ledger().calls().len(), 1);
}

#[tokio::test]
async fn a_no_by_the_api_stays_a_no_and_its_reason_is_heard() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let program = desk.program(&desk.account("ann", "approver"));
    let (status, listed) = program.get("/api/v1/approvals?state=pending").await;
    assert_eq!((status, &listed["approvals"][0]["id"]), (200, &json!(id)));
    assert_eq!(listed["approvals"][0]["arguments"], json!({"message": "hi"}));
    let (status, told) =
        program.post(&format!("/api/v1/approvals/{id}/deny"), r#"{"reason":"not today"}"#).await;
    assert_eq!((status, &told["state"]), (200, &json!("denied")), "{told}");
    assert_eq!(told["answer"]["by"], "toolgate:ann");
    assert!(desk.again("hi").await.contains("not today"));
    assert!(desk.ledger().calls().is_empty());
    let (_, listed) = program.get("/api/v1/approvals?state=pending").await;
    assert_eq!(listed["approvals"], json!([]));
    let (status, told) = program.post(&format!("/api/v1/approvals/{id}/approve"), "{}").await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("answered")), "{told}");
}

#[tokio::test]
async fn whoever_answers_sees_the_risk_of_the_tool_and_what_was_answered_before() {
    let desk = Desk::open(ASKED).await;
    desk.agent().await.request("tools/list", json!({})).await;
    let first = desk.ask("once").await;
    let browser = desk.signed_in("ann", "approver").await;
    browser.answer(&first, "deny", &[]).await;
    let id = desk.ask("again").await;
    let (_, page) = browser.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("How dangerous the tool is"), "{page}");
    assert!(page.contains("href=\"/servers/a/tools/echo\""), "{page}");
    assert!(page.contains("Calls of it before"), "{page}");
    assert!(page.contains(&format!("href=\"/approvals/{first}\"")), "{page}");
    assert!(page.contains("denied: <bdi>looked at it</bdi>"), "{page}");
    let draft = page.split_once("href=\"/log/").unwrap().1.split('"').next().unwrap();
    let (status, page) = browser.page(&format!("/log/{}", draft.replace("#rule", ""))).await;
    assert!(status == 200 && page.contains("Make a rule from this call"), "{page}");
}

/// Chat programs and mail scanners fetch every link they see.
#[tokio::test]
async fn get_never_approves() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let browser = desk.signed_in("ann", "admin").await;
    let program = desk.program(&desk.account("bob", "admin"));
    let acts = ["approve", "deny", ""];
    let prefixes = acts.iter().flat_map(|act| ["", "/api"].map(|prefix| (prefix, act)));
    let queries = ["", "?nonce=x", "?_method=POST", "?decision=approve"];
    let paths = prefixes.flat_map(|(prefix, act)| {
        queries.map(|query| format!("{prefix}/approvals/{id}/{act}{query}"))
    });
    for path in paths {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT] {
            let status = browser.send(method.clone(), &path, &[], String::new()).await.status;
            assert!(status >= 400, "{method} {path}: {status}");
            let headers = [("x-http-method-override", "POST")];
            let (status, _) = program.send(method, &path, &headers, "").await;
            assert!(status >= 400, "{path}: {status}");
        }
    }
    browser.page(&format!("/approvals/{id}")).await;
    assert_eq!(desk.state(&id).await, "pending");
}

#[tokio::test]
async fn a_form_without_the_nonce_of_its_session_changes_nothing() {
    let desk = Desk::open(ASKED).await;
    let (id, other) = (desk.ask("hi").await, desk.ask("ho").await);
    let browser = desk.signed_in("ann", "approver").await;
    let stranger = desk.signed_in("eve", "approver").await;
    let path = format!("/approvals/{id}/approve");
    let page_of = |id: &str| format!("/approvals/{id}");
    let (_, own) = browser.page(&page_of(&id)).await;
    let (_, elsewhere) = browser.page(&page_of(&other)).await;
    let (_, foreign) = stranger.page(&page_of(&id)).await;
    let deny = nonce(&own, &format!("/approvals/{id}/deny"));
    let of_other = nonce(&elsewhere, &format!("/approvals/{other}/approve"));
    let of_stranger = nonce(&foreign, &path);
    for sent in ["", "x", &deny, &of_other, &of_stranger] {
        assert_eq!(browser.post(&path, &[("nonce", sent)]).await.status, 403, "{sent}");
    }
    assert_eq!(browser.post(&path, &[]).await.status, 403);
    let right = nonce(&own, &path);
    let twice = [("nonce", right.as_str()), ("nonce", right.as_str())];
    assert_eq!(browser.post(&path, &twice).await.status, 403);
    assert_eq!(desk.state(&id).await, "pending");
    assert_eq!(browser.post(&path, &[("nonce", &right)]).await.status, 303);
    assert_eq!(desk.state(&id).await, "approved");
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_answer() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let token = desk.account("vic", "viewer");
    let browser = desk.browser();
    browser.sign_in(&token).await;
    let (status, page) = browser.page(&format!("/approvals/{id}")).await;
    assert_eq!(status, 200);
    assert!(page.contains("message") && !page.contains("Approve once"), "{page}");
    let approver = desk.signed_in("ann", "approver").await;
    let (_, page) = approver.page(&format!("/approvals/{id}")).await;
    let path = format!("/approvals/{id}/approve");
    let stolen = nonce(&page, &path);
    assert_eq!(browser.post(&path, &[("nonce", &stolen)]).await.status, 403);
    for act in ["approve", "deny"] {
        let path = format!("/api/v1/approvals/{id}/{act}");
        let (status, told) = desk.program(&token).post(&path, "{}").await;
        assert_eq!((status, &told["error"]["code"]), (403, &json!("role")), "{told}");
    }
    assert_eq!(desk.state(&id).await, "pending");
}

/// Whoever calls is not whoever says yes to the call.
#[tokio::test]
async fn nobody_answers_for_their_own_call() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let namesake = desk.account("agent", "admin");
    let path = format!("/api/v1/approvals/{id}/approve");
    let (status, told) = desk.program(&namesake).post(&path, "{}").await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("own_call")), "{told}");
    let browser = desk.browser();
    browser.sign_in(&namesake).await;
    let (status, page) = body(browser.answer(&id, "approve", &[]).await).await;
    assert_eq!(status, 403);
    assert!(page.contains("somebody else has to answer"), "{page}");
    assert_eq!(desk.program(desk.agents_token()).post(&path, "{}").await.0, 403);
    assert_eq!(desk.state(&id).await, "pending");
    assert!(desk.ledger().calls().is_empty());
}

#[tokio::test]
async fn only_those_whom_the_policy_names_may_answer() {
    let policy = ASKED.replace("hold: 0s", "hold: 0s, approvers: [olga]");
    let desk = Desk::open(&policy).await;
    let id = desk.ask("hi").await;
    let path = format!("/api/v1/approvals/{id}/approve");
    let (status, told) = desk.program(&desk.account("ann", "admin")).post(&path, "").await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("not_an_approver")), "{told}");
    let (status, told) = desk.program(&desk.account("olga", "approver")).post(&path, "").await;
    assert_eq!((status, &told["state"]), (200, &json!("approved")), "{told}");
}

#[tokio::test]
async fn what_a_program_sends_wrong_is_said_in_one_line_and_changes_nothing() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let program = desk.program(&desk.account("ann", "approver"));
    let path = format!("/api/v1/approvals/{id}/approve");
    let long = json!({"reason": "x".repeat(501)}).to_string();
    let huge = json!({"reason": "x".repeat(70_000)}).to_string();
    for (sent, status) in [
        ("[]", 400),
        ("\"yes\"", 400),
        ("{", 400),
        (r#"{"reason":1}"#, 400),
        (r#"{"why":"x"}"#, 400),
        (r#"{"reason":"a","reason":"b"}"#, 400),
        (r#"{"reason":"a","re\u0061son":"b"}"#, 400),
        (&long, 400),
        (&huge, 413),
    ] {
        let (answered, told) = program.post(&path, sent).await;
        assert_eq!(answered, status, "{told}");
        let text = told["error"]["text"].as_str().unwrap();
        assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let headers = [("content-type", media)];
        let (status, told) = program.send(Method::POST, &path, &headers, "{}").await;
        assert_eq!((status, &told["error"]["code"]), (415, &json!("media_type")), "{media}");
    }
    for (path, status) in [
        ("/api/v1/approvals/apr_0000000000000000", 404),
        ("/api/v1/approvals?state=nonsense", 400),
        ("/api/v1/approvals?page=1", 400),
        ("/api/nothing", 404),
    ] {
        let (answered, told) = program.get(path).await;
        assert_eq!(answered, status, "{path}: {told}");
        assert!(told["error"]["text"].is_string(), "{told}");
    }
    assert_eq!(program.post("/api/v1/approvals/apr_00/approve", "{}").await.0, 404);
    assert_eq!(desk.state(&id).await, "pending");
}

#[tokio::test]
async fn a_program_says_that_it_could_not_read_all_before_it_says_yes() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask(&"x".repeat(300 << 10)).await;
    let program = desk.program(&desk.account("ann", "approver"));
    let approve = format!("/api/v1/approvals/{id}/approve");
    let (status, told) = program.post(&approve, "{}").await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("unread")), "{told}");
    assert_eq!(desk.state(&id).await, "pending");
    let (status, told) = program.post(&approve, r#"{"unread":true}"#).await;
    assert_eq!((status, &told["state"]), (200, &json!("approved")), "{told}");
}
