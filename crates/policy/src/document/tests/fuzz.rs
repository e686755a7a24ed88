//! Whatever is read, the reader answers: a policy, or at least one error in the text.

use proptest::prelude::*;

use super::{Document, bad, good, lost};
use crate::document::{Colour, Severity, pretty, read, render};

fn check(text: &str) {
    match read("any", text) {
        Ok((policy, told)) => {
            assert!(told.iter().all(|diagnostic| diagnostic.severity != Severity::Error));
            let again = super::policy(&pretty(&policy));
            assert_eq!(policy.canonical(), again.canonical());
            let document = Document { name: "any".into(), text: text.into() };
            lost::check(&document.tree().unwrap(), &policy);
            render(&told, text, Colour::Off);
        }
        Err(told) => {
            assert!(told.iter().any(|diagnostic| diagnostic.severity == Severity::Error));
            for diagnostic in &told {
                assert!(text.get(diagnostic.span.start..diagnostic.span.end).is_some());
            }
            assert!(render(&told, text, Colour::On).contains("error"));
        }
    }
}

const YAML_LIKE: &str = "([a-z*&!|>%@`?:,\\[\\]{}#'\"0-9~.<-]{0,6}[ \t\n]{0,3}){0,30}";

fn any_document() -> impl Strategy<Value = String> {
    let texts: Vec<_> = good().into_iter().chain(bad()).map(|document| document.text).collect();
    prop::sample::select(texts)
}

#[derive(Clone, Debug)]
enum Change {
    Insert(usize, String),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn any_change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        "[ -~\t\r\n]{1,4}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "&a ",
            "*a",
            "!!str ",
            "<<: ",
            "---\n",
            "...\n",
            "? ",
            "- ",
            ": ",
            "\n  ",
            "{",
            "}",
            "[",
            "]",
            "|\n",
            ">\n",
            "\"",
            "'",
            "#",
            "%",
            "null",
            "~",
            "0x1",
            "1e400",
            "-1",
            "default: allow\n",
        ])
        .prop_map(String::from),
    ];
    prop_oneof![
        (any::<usize>(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<usize>(), 1_usize..30).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<usize>(), 1_usize..80).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let place = |at: usize| at % (chars.len() + 1);
    match change {
        Change::Insert(at, piece) => {
            let at = place(*at);
            chars.splice(at..at, piece.chars());
        }
        Change::Remove(at, length) => {
            let at = place(*at);
            let end = (at + length).min(chars.len());
            chars.drain(at..end);
        }
        Change::Repeat(at, length) => {
            let at = place(*at);
            let end = (at + length).min(chars.len());
            let piece: Vec<_> = chars[at..end].to_vec();
            chars.splice(at..at, piece);
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml_like_text_is_answered(text in YAML_LIKE) {
        check(&text);
    }

    #[test]
    fn changed_documents_are_answered(
        text in any_document(),
        changes in prop::collection::vec(any_change(), 1..5),
    ) {
        check(&changes.iter().fold(text, |text, change| apply(&text, change)));
    }
}
