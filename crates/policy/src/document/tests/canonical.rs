//! The canonical form says all that a policy says, and only that.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{good, policy};
use crate::document::{Severity, pretty, read};
use crate::rule::{Index, Policy, Section};

/// All that decides, but for the places in the document.
fn meaning(policy: &Policy) -> String {
    let Policy {
        shadow,
        hidden,
        tools,
        prompts,
        resources,
        server_requests,
        record_arguments,
        results,
        looks_at_results,
        shadowed,
        canonical: _,
    } = policy;
    let mut exact: Vec<_> = hidden.exact.iter().collect();
    exact.sort();
    let mut text =
        format!("{exact:?} {:?} {record_arguments} {results:?} {looks_at_results}\n", hidden.globs);
    writeln!(text, "{shadow} {shadowed:?}").unwrap();
    for section in [Some(tools), prompts.as_ref(), resources.as_ref(), server_requests.as_ref()] {
        text += &section.map_or_else(|| "absent\n".to_owned(), section_meaning);
    }
    text
}

fn section_meaning(section: &Section) -> String {
    let Section { default, entries, index } = section;
    let Index { every, exact, globs, folded } = index;
    let named: BTreeMap<_, _> = exact.iter().collect();
    let mut folded: Vec<_> = folded.iter().map(|folded| format!("{folded:?}")).collect();
    folded.sort();
    let mut text = format!("{default:?} {every:?} {named:?} {globs:?} {folded:?}\n");
    for entry in entries {
        writeln!(text, "{} {:?}", entry.record_arguments, entry.results).unwrap();
        for check in &entry.checks {
            writeln!(text, "  {:?} {:?} {}", check.test, check.on_deny, check.shadow).unwrap();
        }
    }
    text
}

#[test]
fn reads_back_as_the_same_policy() {
    for document in good() {
        let first = document.policy();
        let again = policy(first.canonical());
        assert_eq!(meaning(&first), meaning(&again), "{}", document.name);
        assert_eq!(first.canonical(), again.canonical(), "{}", document.name);
    }
}

#[test]
fn leaves_nothing_implicit() {
    for document in good() {
        let (_, told) = read("canonical", document.policy().canonical()).unwrap();
        let notes = told.iter().filter(|diagnostic| diagnostic.severity == Severity::Note);
        let limits = notes.filter(|note| note.message.contains("limits"));
        assert_eq!(limits.count(), 0, "{}", document.name);
    }
}

#[test]
fn pretty_is_the_same_document() {
    for document in good() {
        let policy = document.policy();
        let again = super::policy(&pretty(&policy));
        assert_eq!(policy.canonical(), again.canonical(), "{}", document.name);
    }
}

#[test]
fn yaml_and_json_say_the_same() {
    for document in good() {
        let mut json = Vec::new();
        document.tree().unwrap().json(&mut json);
        let json = String::from_utf8(json).unwrap();
        assert_eq!(document.policy().canonical(), policy(&json).canonical(), "{}", document.name);
    }
}

#[test]
fn spellings_of_one_meaning_have_one_form() {
    let same = [
        "default: deny\ntools: {t: {rate_limit: 10/minute}}\n",
        "default: deny\ntools: {t: {rate_limit: {max: 10, window: 60}}}\n",
        "default: deny\ntools: {t: {rate_limit: {max: 1e1, window: minute}}}\n",
        "default: deny\ntools: {t: {rules: [{rate_limit: 10/minute, name: x}]}}\n",
        "default: deny\ntools: {t: {rules: [{action: allow, rate_limit: {max: 10, window: 60}}]}}",
        "default: deny\ntools: {t: {limits: [{max: 10, window: 60}]}}\n",
        r#"{"tools":{"t":{"limits":[{"max":10,"window":60,"scope":"grant"}]}},"default":"deny"}"#,
    ];
    for text in same {
        assert_eq!(policy(same[0]).canonical(), policy(text).canonical(), "{text}");
    }
    let other = "default: deny\ntools: {t: {rate_limit: 10/hour}}\n";
    assert_ne!(policy(same[0]).canonical(), policy(other).canonical());
}
