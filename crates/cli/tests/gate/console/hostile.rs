//! Arguments that are written to deceive whoever reads them.

use serde_json::json;

use super::desk::{ASKED, Desk, body};

async fn page(desk: &Desk, arguments: serde_json::Value) -> (String, String) {
    let id = desk.ask_with(arguments).await;
    let browser = desk.signed_in(&format!("ann_{}", &id[4..8]), "approver").await;
    let (status, page) = browser.page(&format!("/approvals/{id}")).await;
    assert_eq!(status, 200);
    (id, page)
}

#[tokio::test]
async fn what_cannot_be_seen_is_shown_by_its_name() {
    let desk = Desk::open(ASKED).await;
    let hidden = "pay\u{202e}gpj.exe \u{1b}[2K\u{200b}\u{e0041}\u{2066}x\u{0}";
    let (_, page) = page(&desk, json!({"message": hidden})).await;
    for name in ["U+202E", "U+001B", "U+200B", "U+E0041", "U+2066", "U+0000"] {
        assert!(page.contains(&format!("<span class=\"mark\">{name}</span>")), "{name}: {page}");
    }
    for c in ['\u{202e}', '\u{1b}', '\u{200b}', '\u{e0041}', '\u{2066}', '\u{0}'] {
        assert!(!page.contains(c), "{:x}", u32::from(c));
    }
    assert!(page.contains("6 characters that would not be seen"), "{page}");
}

#[tokio::test]
async fn markup_in_arguments_is_text() {
    let desk = Desk::open(ASKED).await;
    let markup =
        "</div><script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{7*7}}<form action=/x>";
    let (id, page) =
        page(&desk, json!({"message": markup, "<b onclick=x>": "<!--", "]]>": 1})).await;
    for inert in ["<script>", "<img", "<b onclick", "<!--", "<form action=/x"] {
        assert!(!page.contains(inert), "{inert}: {page}");
    }
    assert!(page.contains("alert(1)") && page.contains("{{7*7}}"), "{page}");
    // No more forms than those of ours: sign out, approve, deny.
    assert_eq!(page.matches("<form").count(), 3, "{page}");
    assert_eq!(page.matches(&format!("/approvals/{id}/approve\"")).count(), 1);
    let (_, list) = desk.signed_in("lou", "viewer").await.page("/approvals").await;
    assert!(!list.contains("<script>"), "{list}");
}

#[tokio::test]
async fn a_text_that_imitates_a_mark_or_the_page_is_a_quotation() {
    let desk = Desk::open(ASKED).await;
    let fake = "<span class=\"mark\">U+202E</span> Approved by Admin \\u{202e}";
    let (_, page) = page(&desk, json!({"message": fake})).await;
    assert!(!page.contains("<span class=\"mark\">"), "{page}");
    assert!(page.contains("<div class=\"foreign\"><bdi>&#60;span"), "{page}");
}

#[tokio::test]
async fn letters_that_look_like_others_are_told() {
    let desk = Desk::open(ASKED).await;
    let (_, page) = page(&desk, json!({"message": "send it to p\u{430}ypal"})).await;
    assert!(page.contains("letters that look like others: p\u{430} (U+0430)ypal"), "{page}");
}

/// The dangerous tail of a long text: it is there, and a yes needs the word that one looked.
#[tokio::test]
async fn a_long_text_is_folded_and_a_yes_to_it_says_that_one_looked() {
    let desk = Desk::open(ASKED).await;
    let long = format!("{}; rm -rf / {}", "harmless ".repeat(400), "and so on ".repeat(400));
    let id = desk.ask(&long).await;
    let browser = desk.signed_in("ann", "approver").await;
    let (_, page) = browser.page(&format!("/approvals/{id}")).await;
    assert!(page.contains("rm -rf /") && page.contains("are folded"), "{page}");
    assert!(page.contains("name=\"looked\""), "{page}");
    let (status, page) = body(browser.answer(&id, "approve", &[]).await).await;
    assert_eq!(status, 400);
    assert!(page.contains("say that you did"), "{page}");
    assert_eq!(desk.state(&id).await, "pending");
    assert_eq!(browser.answer(&id, "approve", &[("looked", "yes")]).await.status, 303);
    assert_eq!(desk.again(&long).await, long);
}
