//! Policies by page: built beside the text, reviewed, put in force, rolled back.

use serde_json::json;

use super::desk::{Browser, Desk, body, nonce};
use crate::rig::{decision, text};

const POLICY: &str = "\
# Who may add.
version: \"1\"
default: deny
tools:
  echo: {}  # talk
  add:
    # Small sums.
    require:
      - {path: args.a, op: lte, value: 5}
tests:
  - tool: echo
    args: {message: hi}
    expect: allow
";

/// What stands in the editor.
fn draft(page: &str) -> String {
    let (_, text) = page.split_once("<textarea id=\"text\"").unwrap_or_else(|| panic!("{page}"));
    let (text, _) = text.split_once("</textarea>").unwrap();
    let (_, text) = text.split_once(">\n").unwrap();
    let pairs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

struct Editor<'a> {
    browser: &'a Browser,
    nonce: String,
    open: String,
    text: String,
    page: String,
}

impl Editor<'_> {
    async fn open<'a>(browser: &'a Browser, tool: &str) -> Editor<'a> {
        let (status, page) = browser.page(&format!("/policies/agent/edit?tool={tool}")).await;
        assert_eq!(status, 200, "{page}");
        let nonce = nonce(&page, "/policies/agent/preview");
        Editor { browser, nonce, open: tool.to_owned(), text: draft(&page), page }
    }

    /// Presses a button, with more fields; gives the text that is there then.
    async fn press(&mut self, button: &str, more: &[(&str, &str)]) -> &str {
        // As browsers post it.
        let posted = self.text.replace('\n', "\r\n");
        let own = [
            ("nonce", self.nonce.as_str()),
            ("base", "1"),
            ("open", &self.open),
            ("text", &posted),
            ("do", button),
        ];
        let reply = self.browser.post("/policies/agent/preview", &[&own, more].concat()).await;
        let (status, page) = body(reply).await;
        assert_eq!(status, 200, "{page}");
        self.text = draft(&page);
        self.page = page;
        &self.text
    }

    async fn review(&self, days: &str) -> (u16, String) {
        let own = [("nonce", self.nonce.as_str()), ("base", "1"), ("text", &self.text)];
        let fields = [&own, &[("days", days)][..]].concat();
        body(self.browser.post("/policies/agent/review", &fields).await).await
    }

    /// Through the review.
    async fn put(&self) -> (u16, String) {
        let (status, page) = self.review("7").await;
        assert_eq!(status, 200, "{page}");
        let nonce = nonce(&page, "/policies/agent/put");
        let fields = [("nonce", nonce.as_str()), ("base", "1"), ("text", &self.text)];
        body(self.browser.post("/policies/agent/put", &fields).await).await
    }
}

#[tokio::test]
async fn a_policy_is_built_by_eye_and_put_in_force() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    // A call shows what tools there are.
    desk.agent().await.call("add", json!({"a": 1, "b": 1})).await;
    let mut editor = Editor::open(&browser, "echo").await;
    assert_eq!(editor.text, POLICY);
    // The argument that the tool's own schema has.
    assert!(editor.page.contains("value=\"args.message\""), "{}", editor.page);
    let limit = [("limit.max", "1"), ("limit.window", "day"), ("limit.scope", "grant")];
    let with_limit = POLICY.replace(
        "echo: {}  # talk\n",
        "echo:  # talk\n    limits:\n      - {max: 1, window: day}\n",
    );
    assert_eq!(editor.press("limit", &limit).await, with_limit);
    assert!(editor.page.contains("1 per day and grant"), "{}", editor.page);
    let row = [
        ("a1.path", "args.message"),
        ("a1.kind", "string"),
        ("a1.list", "deny_if"),
        ("a1.op", "contains"),
        ("a1.value", "5"),
    ];
    editor.press("condition:a1", &row).await;
    assert!(editor.text.contains("- {path: args.message, op: contains, value: \"5\"}"));
    editor.press("drop:/tools/echo/deny_if/0", &[]).await;
    assert_eq!(editor.text, with_limit);
    editor.press("open:add", &[]).await;
    editor.open = "add".to_owned();
    let hidden = with_limit.replace("deny\n", "deny\nhide:\n  - add\n");
    assert_eq!(editor.press("stance:hide", &[]).await, hidden);
    assert_eq!(editor.put().await.0, 303);
    let calls = [desk.agent().await, desk.agent().await];
    let [first, second] = &calls;
    assert_eq!(text(&first.call("echo", json!({"message": "hi"})).await), "hi");
    let answer = second.call("echo", json!({"message": "hi"})).await;
    assert_eq!(decision(&answer)["effect"], "limit", "{answer}");
    let answer = second.call("add", json!({"a": 1, "b": 1})).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let changed = desk.serving.json(&["policy", "show", "agent"]);
    assert_eq!(changed["text"], hidden);
}

/// Two editors: the second hears of the first.
#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    let mut first = Editor::open(&browser, "echo").await;
    let mut second = Editor::open(&browser, "add").await;
    first.press("stance:deny", &[]).await;
    // Its own test fails: a review offers no button, and a forged form is refused.
    let fields = [("nonce", first.nonce.as_str()), ("base", "1"), ("text", &first.text)];
    let (_, page) = body(browser.post("/policies/agent/review", &fields).await).await;
    assert!(!page.contains("Put in force"), "{page}");
    assert!(page.contains("0 of 1 tests pass"), "{page}");
    first.press("stance:allow", &[]).await;
    let fields = [("nonce", second.nonce.as_str()), ("base", "1"), ("text", &first.text)];
    let (_, page) = body(browser.post("/policies/agent/review", &fields).await).await;
    let nonce = nonce(&page, "/policies/agent/put");
    let failing = first.text.replace("echo: allow", "").replace("expect: allow", "expect: deny");
    let fields = [("nonce", nonce.as_str()), ("base", "1"), ("text", &failing)];
    let (status, page) = body(browser.post("/policies/agent/put", &fields).await).await;
    assert_eq!(status, 422, "{page}");
    assert_eq!(first.put().await.0, 303);
    second.press("stance:deny", &[]).await;
    let fields = [("nonce", nonce.as_str()), ("base", "1"), ("text", &second.text)];
    let (status, page) = body(browser.post("/policies/agent/put", &fields).await).await;
    assert_eq!(status, 412, "{page}");
    assert!(page.contains("at revision 2 by now"), "{page}");
}

#[tokio::test]
async fn a_revision_is_rolled_back_and_a_policy_put_into_shadow() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    let (_, page) = browser.page("/policies/agent").await;
    let form = nonce(&page, "/policies/agent/mode");
    let fields = [("nonce", form.as_str()), ("base", "1"), ("mode", "shadow")];
    let reply = browser.post("/policies/agent/mode", &fields).await;
    assert_eq!(reply.status, 303);
    let shown = desk.serving.json(&["policy", "show", "agent"]);
    assert_eq!(shown["text"], POLICY.replace("deny\n", "deny\nmode: shadow\n"));
    let (_, page) = browser.page("/policies/agent").await;
    assert!(page.contains("nothing of it is enforced"), "{page}");
    let (_, page) = browser.page("/policies/agent/revisions/2").await;
    assert!(page.contains("+mode: shadow"), "{page}");
    let (_, page) = browser.page("/policies/agent/revisions/1").await;
    let form = nonce(&page, "/policies/agent/rollback");
    let fields = [("nonce", form.as_str()), ("base", "2"), ("revision", "1")];
    assert_eq!(browser.post("/policies/agent/rollback", &fields).await.status, 303);
    let shown = desk.serving.json(&["policy", "show", "agent"]);
    assert_eq!((&shown["revision"], &shown["text"]), (&json!(3), &json!(POLICY)));
    // The account is in the record of the change.
    let (_, page) = browser.page("/policies").await;
    assert!(page.contains("1 of 1 pass"), "{page}");
}

#[tokio::test]
async fn errors_are_told_where_they_stand_and_the_text_is_kept() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    let mut editor = Editor::open(&browser, "echo").await;
    editor.text = editor.text.replace("require:", "requier:");
    let kept = editor.text.clone();
    assert_eq!(editor.press("check", &[]).await, kept);
    assert!(editor.page.contains("at line 8, column 5"), "{}", editor.page);
    assert!(editor.page.contains("did you mean `require`?"), "{}", editor.page);
    editor.text = "tools: [<script>alert(1)</script>".to_owned();
    let kept = editor.text.clone();
    assert_eq!(editor.press("stance:deny", &[]).await, kept);
    assert!(editor.page.contains("the text has to be mended first"), "{}", editor.page);
    assert!(!editor.page.contains("<script>alert"), "{}", editor.page);
}

/// What a draft would have done is known before it does anything.
#[tokio::test]
async fn a_draft_is_tried_on_the_calls_on_record() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    let agent = desk.agent().await;
    for sum in [1, 2, 9] {
        agent.call("add", json!({"a": sum, "b": 1})).await;
    }
    agent.call("echo", json!({"message": "hi"})).await;
    let mut editor = Editor::open(&browser, "add").await;
    editor.press("stance:deny", &[]).await;
    let (_, page) = editor.review("7").await;
    for told in [
        "4 recorded calls of the last 7 days",
        "<b>2</b> newly denied",
        "<b>0</b> newly allowed",
        "<b>2</b> unchanged",
        "class=\"bar newly_denied\"",
        "/tools/add/action",
        "href=\"/log/dec_",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let (_, page) = editor.review("no number").await;
    assert!(page.contains("of the last 7 days"), "{page}");
    assert_eq!(desk.serving.json(&["policy", "show", "agent"])["text"], POLICY);
}

/// Other parts of the console lead here with a rule that they made.
#[tokio::test]
async fn a_rule_from_elsewhere_is_a_draft_and_nothing_more() {
    let desk = Desk::open(POLICY).await;
    let browser = desk.signed_in("edna", "editor").await;
    let denied = desk.agent().await.call("add", json!({"a": 9, "b": 1})).await;
    let id = decision(&denied)["decision_id"].as_str().unwrap().to_owned();
    let (_, page) = browser.page(&format!("/log/{id}?rule=deny")).await;
    let own = nonce(&page, "/policies/agent/draft");
    let rule =
        "tools:\n  echo:\n    deny_if:\n      - {path: args.message, op: eq, value: \"no\"}\n";
    let fields = [("nonce", own.as_str()), ("tool", "echo"), ("rule_yaml", rule)];
    let (status, page) = body(browser.post("/policies/agent/draft", &fields).await).await;
    assert_eq!(status, 200, "{page}");
    assert!(draft(&page).contains("value: \"no\"}"), "{page}");
    assert_eq!(desk.serving.json(&["policy", "show", "agent"])["text"], POLICY);
}

#[tokio::test]
async fn only_editors_change_policies() {
    let desk = Desk::open(POLICY).await;
    for role in ["viewer", "approver"] {
        let browser = desk.signed_in(role, role).await;
        assert_eq!(browser.page("/policies").await.0, 200);
        let (status, page) = browser.page("/policies/agent").await;
        assert_eq!(status, 200);
        assert!(!page.contains("/policies/agent/edit"), "{page}");
        assert_eq!(browser.page("/policies/agent/edit").await.0, 403);
        for act in ["draft", "mode", "preview", "put", "review", "rollback"] {
            let path = format!("/policies/agent/{act}");
            assert_eq!(browser.post(&path, &[("text", "default: allow")]).await.status, 403);
        }
    }
    let browser = desk.signed_in("edna", "editor").await;
    for act in ["draft", "mode", "preview", "put", "review", "rollback"] {
        let reply = browser.post(&format!("/policies/agent/{act}"), &[("text", "x")]).await;
        assert_eq!(reply.status, 403, "{act}");
    }
    for path in ["/policies/none", "/policies/agent/revisions/9", "/policies/agent/revisions/x"] {
        assert_eq!(browser.page(path).await.0, 404, "{path}");
    }
}
