//! Spellings of one address.

use proptest::prelude::*;

use super::{folded, folded_glob, meets};
use crate::glob::Glob;

#[test]
fn what_programs_may_take_for_one_has_one_spelling() {
    let same = [
        "file:///srv/docs/a",
        "FILE:///srv/docs/a",
        "file:/srv/docs/a",
        "file://localhost/srv/docs/a",
        "file:////srv//docs/a",
        "file:///srv/./docs/a",
        "file:///srv/x/../docs/a",
        "file:///srv/docs/b/../a",
        "file:///../../srv/docs/a",
        "file:///srv/%64ocs/a",
        "file:///srv/%2564ocs/a",
        "file:///srv%2Fdocs%2fa",
        "file:///srv/x/%2e%2e/docs/a",
        "file:///srv/x/%2E./docs/a",
        "file:///srv/x/..;y/docs/a",
        "file:///srv\\docs\\a",
        "file:///srv%5Cdocs/a",
        "file:///srv/DOCS/a",
        "file:///srv/do\u{200b}cs/a",
        "file:///srv\u{ff0f}docs/a",
    ];
    for uri in same {
        assert_eq!(folded(uri).as_deref(), Some("file:/srv/docs/a"), "{uri}");
    }
    let other = ["file:///srv/docs/a/", "file:///srv/docs", "file:///srv/docs/a?b", "srv/docs/a"];
    for uri in other {
        assert_ne!(folded(uri).as_deref(), Some("file:/srv/docs/a"), "{uri}");
    }
}

#[test]
fn what_nobody_can_tell_has_no_spelling() {
    for uri in ["file:///a%00b", "a\nb", "file:///%ff", "%25252561", "a%0ab"] {
        assert_eq!(folded(uri), None, "{uri}");
    }
}

#[test]
fn other_forms_stay_what_they_are() {
    for (uri, expected) in [
        ("urn:isbn:123", "urn:isbn:123"),
        ("memo://Notes/1", "memo:/notes/1"),
        ("https://example.com/a?b=c/../d", "https:/example.com/d"),
        ("*/secret/*", "*/secret/*"),
        ("plain", "plain"),
        ("100%", "100%"),
        ("a:", "a:"),
        ("", ""),
        ("/", "/"),
    ] {
        assert_eq!(folded(uri).as_deref(), Some(expected), "{uri}");
    }
}

#[test]
fn a_template_meets_the_patterns_that_it_may_fill() {
    for (pattern, template, expected) in [
        ("file:///docs/*", "file:///{path}", true),
        ("file:///docs/*", "file:///docs/{name}.md", true),
        ("file:///docs/*", "file:///etc/{name}", false),
        ("file:///docs/a", "file:///docs/{name}", true),
        ("file:///docs/a", "file:///docs/{name}/b", false),
        ("file:///{path}", "file:///{path}", true),
        ("*", "{any}", true),
        ("memo://*", "file:///{path}", false),
    ] {
        assert_eq!(meets(&folded_glob(pattern), template), expected, "{pattern} {template}");
    }
}

fn pattern() -> impl Strategy<Value = String> {
    "[ab*?]{0,6}"
}

proptest! {
    #[test]
    fn patterns_meet_where_a_name_matches_both(
        one in pattern(),
        other in pattern(),
        name in "[ab]{0,6}",
    ) {
        let (one, other) = (Glob::of(one), Glob::of(other));
        if one.matches(&name) && other.matches(&name) {
            prop_assert!(one.meets(&other));
        }
        prop_assert_eq!(one.meets(&other), other.meets(&one));
    }

    #[test]
    fn patterns_that_meet_share_a_name(one in pattern(), other in pattern()) {
        let (one, other) = (Glob::of(one), Glob::of(other));
        // Two patterns of six characters share a name of at most twelve, if they share any.
        let mut names = vec![String::new()];
        let mut shared = false;
        for _ in 0..=8 {
            shared |= names.iter().any(|name| one.matches(name) && other.matches(name));
            if shared || names.len() > 300 {
                break;
            }
            names = names.iter().flat_map(|name| ["a", "b"].map(|c| format!("{name}{c}"))).collect();
        }
        prop_assume!(shared || one.as_str().len() + other.as_str().len() <= 8);
        prop_assert_eq!(one.meets(&other), shared);
    }

    #[test]
    fn any_text_is_folded_and_stays_so(text in "\\PC{0,30}") {
        if let Some(once) = folded(&text) {
            let _ = folded(&once);
        }
    }
}
