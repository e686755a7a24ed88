//! Patterns for names.

use proptest::prelude::*;

use super::Glob;

#[test]
fn a_pattern_matches_whole_names() {
    for (pattern, name, expected) in [
        ("read_*", "read_file", true),
        ("read_*", "read_", true),
        ("read_*", "read", false),
        ("read_*", "xread_a", false),
        ("*", "", true),
        ("*", "anything", true),
        ("**", "anything", true),
        ("*_file", "read_file", true),
        ("*_file", "read_files", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("?", "é", true),
        ("?", "", false),
        ("?", "ab", false),
        ("a?*", "a", false),
        ("a?*", "ab", true),
        ("read_*", "READ_file", false),
        ("a.b", "axb", false),
        ("*.b", "a.b", true),
    ] {
        assert_eq!(Glob::parse(pattern).unwrap().matches(name), expected, "{pattern} {name}");
    }
}

#[test]
fn what_other_programs_give_a_meaning_is_refused() {
    for pattern in ["a[bc]", "{a,b}", "!a", r"a\*", ""] {
        assert!(Glob::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn only_stars_and_question_marks_make_a_pattern() {
    assert!(Glob::is_pattern("read_*"));
    assert!(Glob::is_pattern("a?"));
    assert!(!Glob::is_pattern("read_file"));
}

proptest! {
    #[test]
    fn it_agrees_with_a_slow_reference(pattern in "[ab*?é]{1,8}", name in "[abé]{0,8}") {
        fn slow(pattern: &[char], name: &[char]) -> bool {
            match (pattern.split_first(), name.split_first()) {
                (None, rest) => rest.is_none(),
                (Some(('*', rest)), _) => (0..=name.len()).any(|n| slow(rest, &name[n..])),
                (Some((p, rest)), Some((c, behind))) => (*p == '?' || p == c) && slow(rest, behind),
                (Some(_), None) => false,
            }
        }
        let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
        prop_assert_eq!(Glob::parse(&pattern).unwrap().matches(&name), slow(&p, &n));
    }
}
