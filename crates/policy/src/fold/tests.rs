//! Which keys are twins.

use bytes::Bytes;
use proptest::prelude::*;
use toolgate_json::{Document, Reading};

use super::{Key, Likeness};

#[track_caller]
fn likeness(own: &str, json_key: &str) -> Likeness {
    let text = format!("{{{json_key}: 1}}");
    let document = Document::parse(Bytes::from(text), Reading::Strict).unwrap();
    let (key, _) = document.root().entries().next().unwrap();
    Key::new(own).compare(key)
}

#[test]
fn the_same_key_is_the_same_however_it_is_escaped() {
    assert_eq!(likeness("name", r#""name""#), Likeness::Same);
    assert_eq!(likeness("name", r#""na\u006de""#), Likeness::Same);
    assert_eq!(likeness("größe", "\"größe\""), Likeness::Same);
    assert_eq!(likeness(r"a\b", r#""a\\b""#), Likeness::Same);
}

#[test]
fn keys_that_some_reader_folds_are_twins() {
    for (own, key) in [
        ("name", r#""Name""#),
        ("name", r#""NA\u004dE""#),
        ("k", "\"\u{212a}\""),
        ("path", "\"ｐａｔｈ\""),
        ("password", "\"pa\u{17f}\u{17f}word\""),
        ("strasse", "\"straße\""),
        ("straße", r#""STRASSE""#),
        ("file", "\"ﬁle\""),
        ("id", "\"i\u{200b}d\""),
        ("id", "\"\u{feff}id\""),
        ("é", "\"e\u{301}\""),
        ("σ", "\"ς\""),
    ] {
        assert_eq!(likeness(own, key), Likeness::Twin, "{own} {key}");
    }
}

#[test]
fn other_keys_are_others() {
    for (own, key) in [
        ("name", r#""names""#),
        ("name", r#""nam""#),
        ("file_path", r#""filePath""#),
        ("name", "\"nämë\""),
        ("", r#""a""#),
        ("a", r#""""#),
    ] {
        assert_eq!(likeness(own, key), Likeness::Other, "{own} {key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn the_short_cuts_change_nothing(
        own in "[abAKkIi1s\\\\\u{e9}\u{df}ßſİı\u{212a}\u{307}\u{200b}ａ]{0,3}|\\PC{0,3}",
        key in "[abAKkIi1s\\\\\u{e9}\u{df}ßſİı\u{212a}\u{307}\u{200b}ａ]{0,3}|\\PC{0,3}",
    ) {
        let mut quoted = Vec::new();
        toolgate_json::quote(&key, &mut quoted);
        let quoted = String::from_utf8(quoted).unwrap();
        prop_assert_eq!(likeness(&own, &quoted), Key::new(&own).compare_text(&key));
    }
}
