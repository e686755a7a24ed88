//! Definitions as data with what is to be said of them, and what holds for every definition.

#![expect(clippy::expect_used, reason = "a test")]

use bytes::Bytes;
use proptest::prelude::*;
use toolgate_catalog::{Category, Kin, Risk, Tool, assess};
use toolgate_json::{Document, Reading, Value, quote};

/// One case a line: a definition, and beside it the category, severity, score, texts of signals
/// and ids of findings. All of them our own.
const CASES: &str = include_str!("../cases/risk.jsonl");

fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).expect("JSON")
}

fn risk(definition: Value<'_>) -> Risk {
    let tool = Tool::read(definition).expect("a tool");
    assess(&tool, &Kin::default())
}

fn texts<'a>(case: Value<'a>, key: &str) -> Vec<String> {
    let items = case.get(key).into_iter().flat_map(|items: Value<'a>| items.items());
    items.filter_map(|item| item.as_str().map(std::borrow::Cow::into_owned)).collect()
}

#[test]
fn every_case_is_judged_as_it_says() {
    let mut count = 0;
    for line in CASES.lines() {
        let document = document(line);
        let case = document.root();
        let risk = risk(case.get("definition").expect("a definition"));
        let told = format!("{} {} {}", risk.category, risk.severity, risk.score);
        assert!(case.get("risk").expect("a risk").is(&told), "{told}: {line}\n{risk:#?}");
        for signal in texts(case, "signals") {
            assert!(risk.signals.iter().any(|own| own.text == signal), "{signal}: {risk:#?}");
        }
        let findings: Vec<&str> = risk.findings.iter().map(|finding| finding.id).collect();
        assert_eq!(findings, texts(case, "findings"), "{line}");
        count += 1;
    }
    assert!(count >= 30, "{count} cases");
}

fn words() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "get",
        "_",
        "delete",
        "run",
        "create",
        "pay",
        " ",
        "A",
        "é",
        "\u{200b}",
        ".",
        "\n",
        "SQL",
        "path",
        "url",
        "ID",
        "s",
        "9",
        "\u{1f600}",
        "-",
        "本",
        "to",
        "query",
        "read-only",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn definition(name: &str, description: &str, param: &str, hints: &str) -> String {
    let quoted = |text: &str| {
        let mut out = Vec::new();
        quote(text, &mut out);
        String::from_utf8(out).expect("text")
    };
    format!(
        r#"{{"name":{},"description":{},"annotations":{hints},"inputSchema":{{"properties":{{{}:{{"type":"string"}}}}}}}}"#,
        quoted(name),
        quoted(description),
        quoted(param),
    )
}

fn hints() -> impl Strategy<Value = String> {
    let hint = || prop::sample::select(vec!["", "true", "false"]);
    (hint(), hint(), hint()).prop_map(|(read, destructive, open)| {
        let hints =
            [("readOnlyHint", read), ("destructiveHint", destructive), ("openWorldHint", open)];
        let stated = hints.iter().filter(|(_, value)| !value.is_empty());
        let stated: Vec<String> = stated.map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", stated.join(","))
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_hint_never_makes_a_tool_milder(
        name in words(), description in words(), param in words(), hints in hints(),
    ) {
        let plain = document(&definition(&name, &description, &param, "{}"));
        let hinted = document(&definition(&name, &description, &param, &hints));
        let (plain, hinted) = (risk(plain.root()), risk(hinted.root()));
        prop_assert!(hinted.category.gravity() >= plain.category.gravity());
        prop_assert!(hinted.strict.gravity() >= plain.strict.gravity());
        prop_assert!(hinted.score >= plain.score);
        prop_assert!(hinted.severity >= plain.severity);
    }

    #[test]
    fn every_definition_is_judged_and_always_the_same_way(
        name in words(), description in words(), param in words(), hints in hints(),
    ) {
        let text = definition(&name, &description, &param, &hints);
        let (one, other) = (document(&text), document(&text));
        let risk = risk(one.root());
        prop_assert_eq!(&risk, &self::risk(other.root()));
        prop_assert!((1..=5).contains(&risk.score));
        prop_assert!((0.0..=1.0).contains(&risk.confidence));
        prop_assert!(risk.strict.gravity() >= risk.category.gravity());
        prop_assert!(risk.strict != Category::Read || risk.category == Category::Read);
    }
}
