//! Reading paths, and following them.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{Doubt, Lookup, Path};

/// What stands at `path`, as a word.
#[track_caller]
fn find(path: &str, arguments: &str) -> String {
    let bytes = Bytes::copy_from_slice(arguments.as_bytes());
    let document = Document::parse(bytes, Reading::Strict).unwrap();
    match Path::parse(path).unwrap().find(Some(document.root())) {
        Lookup::Absent => "absent".to_owned(),
        Lookup::Doubt(Doubt::NotThrough(_)) => "not through".to_owned(),
        Lookup::Doubt(Doubt::Twin(_)) => "twin".to_owned(),
        Lookup::Doubt(Doubt::Twins(_)) => "twins".to_owned(),
        Lookup::Found(value) => String::from_utf8_lossy(value.raw()).into_owned(),
    }
}

#[test]
fn a_path_has_one_spelling() {
    for (text, spelling) in [
        ("args.a", "args.a"),
        ("args.a.b.c", "args.a.b.c"),
        (r#"args["a"]"#, "args.a"),
        (r#"args.a[0]["b.c"]"#, r#"args.a[0]["b.c"]"#),
        (r#"args["a]\"b"].c"#, r#"args["a]\"b"].c"#),
        (r#"args["\u0061"]"#, "args.a"),
        (r#"args[""]"#, r#"args[""]"#),
        ("args.x-y.$ref.@id", "args.x-y.$ref.@id"),
        ("args.größe", "args.größe"),
        ("args[0][12]", "args[0][12]"),
    ] {
        assert_eq!(Path::parse(text).unwrap().to_string(), spelling, "{text}");
    }
}

#[test]
fn a_wrong_path_is_refused_with_what_and_where() {
    for (text, error) in [
        ("amount", "a path names an argument, as `args.amount` does; `amount` does not"),
        ("args", "a path names an argument, as `args.amount` does; `args` does not"),
        ("argsx.a", "a path names an argument, as `args.amount` does; `argsx.a` does not"),
        ("arguments.a", "a path starts with `args`: write `args.a` for `arguments.a`"),
        ("$.a[0]", "a path starts with `args`: write `args.a[0]` for `$.a[0]`"),
        ("state.t.c", "`state.t.c` is a counter, not an argument: a counter is bounded by a limit"),
        ("args.a..b", "a key is missing at character 7 of `args.a..b`"),
        ("args.", "a key is missing at character 5 of `args.`"),
        (
            "args.a b",
            "a key with such characters needs quotes, as in `[\"a b\"]`, at character 5 of \
             `args.a b`",
        ),
        ("args.a[1", "a `]` is missing for the `[` at character 7 of `args.a[1`"),
        ("args.a[0]b", "a `.` or `[` is missing at character 10 of `args.a[0]b`"),
        (r#"args["a"#, "a closing quote is missing for the key at character 5 of `args[\"a`"),
        (r#"args["a"x"#, "a `]` is missing for the key at character 5 of `args[\"a\"x`"),
        (r#"args["\q"]"#, "the quotes hold no JSON string at character 5 of `args[\"\\q\"]`"),
    ] {
        assert_eq!(Path::parse(text).unwrap_err(), error, "{text}");
    }
    for text in ["args[-1]", "args[01]", "args[]", "args[a]", "args[99999999999]", "args[+1]"] {
        let error = Path::parse(text).unwrap_err();
        assert!(error.starts_with("an item is a whole number from 0"), "{error}");
    }
}

#[test]
fn a_path_of_too_many_steps_is_refused() {
    assert!(Path::parse(&format!("args{}", ".a".repeat(64))).is_ok());
    assert!(Path::parse(&format!("args{}", ".a".repeat(65))).is_err());
}

#[test]
fn keys_are_exact_and_items_count_from_zero() {
    assert_eq!(find("args.a.b", r#"{"a":{"b":5}}"#), "5");
    assert_eq!(find("args.a[1].b", r#"{"a":[0,{"b":true}]}"#), "true");
    assert_eq!(find(r#"args["a.b"]"#, r#"{"a.b":1,"a":{"b":2}}"#), "1");
    assert_eq!(find("args.a.b", r#"{"a.b":1,"a":{"b":2}}"#), "2");
    assert_eq!(find("args.__proto__", "{}"), "absent");
    assert_eq!(find("args.constructor.name", "{}"), "absent");
    assert_eq!(find("args.a", r#"{"b":1}"#), "absent");
    assert_eq!(find("args.a[2]", r#"{"a":[0,1]}"#), "absent");
    assert_eq!(find("args.a.0", r#"{"a":{"0":7}}"#), "7");
}

#[test]
fn a_null_on_the_way_has_nothing_inside() {
    assert_eq!(find("args.a", r#"{"a":null}"#), "null");
    assert_eq!(find("args.a.b", r#"{"a":null}"#), "absent");
}

#[test]
fn a_way_through_something_else_is_in_doubt() {
    assert_eq!(find("args.a.b", r#"{"a":"text"}"#), "not through");
    assert_eq!(find("args.a.b", r#"{"a":[1]}"#), "not through");
    assert_eq!(find("args.a[0]", r#"{"a":{"0":1}}"#), "not through");
    assert_eq!(find("args.a[0]", r#"{"a":"text"}"#), "not through");
}

#[test]
fn a_twin_key_is_in_doubt_at_every_step() {
    assert_eq!(find("args.amount", r#"{"Amount":1}"#), "twin");
    assert_eq!(find("args.amount", r#"{"amount":1,"Amount":2}"#), "twins");
    assert_eq!(find("args.amount", r#"{"AMOUNT":1,"Amount":2}"#), "twins");
    assert_eq!(find("args.a.b", r#"{"A":{"b":1}}"#), "twin");
    assert_eq!(find("args.a.b", r#"{"a":{"b":1,"\u0042":2}}"#), "twins");
    assert_eq!(find("args.a.b", r#"{"a":{"b":1},"x":1,"X":2}"#), "1");
}

#[test]
fn without_arguments_nothing_is_there() {
    assert!(matches!(Path::parse("args.a").unwrap().find(None), Lookup::Absent));
}
