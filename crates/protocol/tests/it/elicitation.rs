//! What clients can be asked, in which words, and what counts as an answer.

use toolgate_protocol::elicitation::{Abilities, Page, Question, Said};
use toolgate_protocol::version::Version;

use crate::support::{document, text};

fn hello(elicitation: &str) -> Abilities {
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"capabilities":{elicitation}}}}}"#
    );
    Abilities::declared(document(&text).root())
}

const FORM: Abilities = Abilities { form: true, url: false };
const URL: Abilities = Abilities { form: false, url: true };
const BOTH: Abilities = Abilities { form: true, url: true };
const NONE: Abilities = Abilities { form: false, url: false };

#[test]
fn a_client_can_what_it_says_and_an_empty_capability_is_a_form() {
    for (capabilities, can) in [
        (r#"{"elicitation":{}}"#, FORM),
        (r#"{"elicitation":{"other":{}}}"#, FORM),
        (r#"{"elicitation":{"form":{}}}"#, FORM),
        (r#"{"elicitation":{"url":{}}}"#, URL),
        (r#"{"elicitation":{"form":{},"url":{}}}"#, BOTH),
        (r#"{"elicitation":{"form":null,"url":{}}}"#, URL),
        (r#"{"elicitation":{"form":true}}"#, NONE),
        (r#"{"elicitation":true}"#, NONE),
        (r#"{"elicitation":null}"#, NONE),
        (r#"{"roots":{}}"#, NONE),
        ("{}", NONE),
        ("7", NONE),
    ] {
        assert_eq!(hello(capabilities), can, "{capabilities}");
    }
}

#[test]
fn a_modern_call_speaks_for_itself_and_a_legacy_one_does_not() {
    let call = |meta: &str| {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","_meta":{{{meta}}}}}}}"#
        );
        Abilities::declared(document(&text).root())
    };
    let declared = r#""io.modelcontextprotocol/clientCapabilities":{"elicitation":{"url":{}}}"#;
    let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
    assert_eq!(call(&format!("{version},{declared}")), URL);
    assert_eq!(call(declared), NONE);
    assert_eq!(call(version), NONE);
}

#[test]
fn a_version_has_no_more_than_it_has() {
    for (version, can) in [
        (Version::V2024_11_05, NONE),
        (Version::V2025_03_26, NONE),
        (Version::V2025_06_18, FORM),
        (Version::V2025_11_25, BOTH),
        (Version::V2026_07_28, BOTH),
    ] {
        assert_eq!(BOTH.within(version), can, "{version}");
        assert_eq!(NONE.within(version), NONE);
    }
}

#[test]
fn a_question_is_a_request_or_an_answer_in_its_eras_words() {
    let form = Question { text: "May \"it\"?", page: None };
    assert_eq!(
        text(&form.request("toolgate-1")),
        r#"{"jsonrpc":"2.0","id":"toolgate-1","method":"elicitation/create","params":{"message":"May \"it\"?","requestedSchema":{"type":"object","properties":{}}}}"#
    );
    let page = Page { url: "https://g.example/a/1", elicitation_id: "apr_1" };
    let page = Question { text: "See", page: Some(page) };
    assert_eq!(
        text(&page.request("toolgate-2")),
        r#"{"jsonrpc":"2.0","id":"toolgate-2","method":"elicitation/create","params":{"message":"See","mode":"url","url":"https://g.example/a/1","elicitationId":"apr_1"}}"#
    );
    assert_eq!(
        String::from_utf8(page.input_required("s\"")).unwrap(),
        r#"{"resultType":"input_required","inputRequests":{"dev.toolgate/approval":{"method":"elicitation/create","params":{"message":"See","mode":"url","url":"https://g.example/a/1"}}},"requestState":"s\""}"#
    );
}

#[test]
fn an_answer_has_one_of_three_actions_and_no_twin() {
    for (result, said) in [
        (r#"{"action":"accept"}"#, Some(Said::Accept)),
        (r#"{"action":"accept","content":{"x":1}}"#, Some(Said::Accept)),
        (r#"{"action":"decline"}"#, Some(Said::Decline)),
        (r#"{"action":"cancel"}"#, Some(Said::Cancel)),
        (r#"{"action":"Accept"}"#, None),
        (r#"{"action":true}"#, None),
        (r#"{"action":["accept"]}"#, None),
        (r#"{"action":"accept","Action":"decline"}"#, None),
        (r#"{"Action":"accept"}"#, None),
        (r#"{"action":"decline","action":"accept"}"#, None),
        ("{}", None),
        (r#""accept""#, None),
        (r#"[{"action":"accept"}]"#, None),
    ] {
        assert_eq!(Said::read(document(result).root()), said, "{result}");
    }
}
