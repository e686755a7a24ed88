//! Operators, one by one: a table of values and what they match.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::Match::{No, Unknown, Yes};
use super::{Match, OPERATORS, Operator};

mod host_in;
mod host_public;
mod path_sensitive;
mod path_within;

fn json(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).unwrap()
}

fn operator(op: &str, value: &str) -> Result<Operator, String> {
    Operator::new(op, json(value).root())
}

#[track_caller]
fn check(op: &str, value: &str, cases: &[(&str, Match)]) {
    let operator = operator(op, value).unwrap();
    for (argument, expected) in cases {
        let found = operator.judge(json(argument).root());
        assert_eq!(found, *expected, "{argument} {op} {value}");
    }
}

#[track_caller]
fn refused(op: &str, value: &str, error: &str) {
    assert_eq!(operator(op, value).unwrap_err(), error);
}

#[test]
fn eq_compares_in_depth_and_never_across_types() {
    check("eq", "\"a\"", &[("\"a\"", Yes), ("\"A\"", No), ("\"\\u0061\"", Yes), ("1", Unknown)]);
    check("eq", "\"1\"", &[("1", Unknown), ("null", Unknown), ("[\"1\"]", Unknown)]);
    check("eq", "true", &[("true", Yes), ("false", No), ("\"true\"", Unknown), ("1", Unknown)]);
    check("eq", "null", &[("null", Yes), ("0", No), ("\"\"", No), ("false", No)]);
    check("eq", "[1,\"a\"]", &[("[1,\"a\"]", Yes), ("[1]", No), ("[1.0,\"a\"]", Yes)]);
    check("eq", "[1]", &[("[2]", No), ("[\"1\"]", Unknown), ("{\"0\":1}", Unknown)]);
    check(
        "eq",
        r#"{"a":1,"b":[]}"#,
        &[
            (r#"{"b":[],"a":1e0}"#, Yes),
            (r#"{"a":1}"#, No),
            (r#"{"a":2,"b":[]}"#, No),
            (r#"{"a":1,"b":[],"c":0}"#, No),
            (r#"{"A":1,"b":[]}"#, Unknown),
            (r#"{"a":1,"b":[],"A":2}"#, Unknown),
            (r#"{"a":"1","b":[]}"#, Unknown),
        ],
    );
}

#[test]
fn neq_is_the_opposite_and_doubts_the_same() {
    check("neq", "\"prod\"", &[("\"prod\"", No), ("\"dev\"", Yes), ("[\"prod\"]", Unknown)]);
    check("neq", "1", &[("1.0", No), ("2", Yes), ("\"1\"", Unknown), ("null", Unknown)]);
    check("neq", "null", &[("null", No), ("\"x\"", Yes)]);
}

#[test]
fn numbers_are_exact() {
    check("eq", "0.1", &[("0.1", Yes), ("1e-1", Yes), ("0.10", Yes), ("0.1000000000000001", No)]);
    check("eq", "100", &[("1E2", Yes), ("100.0", Yes), ("1e+02", Yes)]);
    check("eq", "0", &[("-0", Yes), ("0.0", Yes), ("0e5", Yes), ("-0.0", Yes)]);
    check("eq", "9007199254740992", &[("9007199254740992", Yes), ("9007199254740993", Unknown)]);
    check(
        "lte",
        "500",
        &[
            ("500", Yes),
            ("500.00", Yes),
            ("500.01", No),
            ("500.0000000001", No),
            ("500.00000000000000001", Unknown),
            ("1e400", Unknown),
            ("1e300", No),
            ("-1e300", Yes),
            ("5e2", Yes),
            ("18446744073709552000", No),
            ("18446744073709551616", Unknown),
        ],
    );
}

#[test]
fn order_holds_for_numbers_only() {
    check("lt", "5", &[("4.999999999", Yes), ("5", No), ("6", No), ("-5", Yes)]);
    check("lte", "-2.5", &[("-2.5", Yes), ("-2.4", No), ("-2.6", Yes)]);
    check("gt", "5", &[("5", No), ("5.1", Yes), ("1e1", Yes)]);
    check("gte", "0.000000001", &[("0.000000001", Yes), ("0.0000000001", No), ("0", No)]);
    for op in ["lt", "lte", "gt", "gte"] {
        check(
            op,
            "500",
            &[
                ("\"501\"", Unknown),
                ("\"5e2\"", Unknown),
                ("\"٥٠٠\"", Unknown),
                ("true", Unknown),
                ("null", Unknown),
                ("[501]", Unknown),
                (r#"{"$numberInt":"501"}"#, Unknown),
            ],
        );
    }
}

#[test]
fn in_and_not_in_doubt_types_that_no_member_has() {
    check(
        "in",
        r#"["a","b"]"#,
        &[("\"a\"", Yes), ("\"c\"", No), ("1", Unknown), ("null", Unknown)],
    );
    check("in", r#"["a",1]"#, &[("1", Yes), ("2", No), ("\"c\"", No), ("true", Unknown)]);
    check("in", r#"["a",null]"#, &[("null", Yes), ("\"b\"", No), ("1", Unknown), ("[]", Unknown)]);
    check("in", "[null]", &[("null", Yes), ("1", No)]);
    check("in", "[]", &[("1", No), ("null", No)]);
    check("in", "[1,2]", &[("9007199254740993", Unknown)]);
    check("not_in", r#"["a","b"]"#, &[("\"a\"", No), ("\"c\"", Yes), ("[\"a\"]", Unknown)]);
    check("not_in", "[]", &[("1", Yes)]);
}

#[test]
fn contains_looks_into_texts_and_lists() {
    check("contains", "\"b\"", &[("\"abc\"", Yes), ("\"ac\"", No), ("\"\"", No), ("5", Unknown)]);
    check(
        "contains",
        "\"b\"",
        &[
            (r#"["a","b"]"#, Yes),
            (r#"["a"]"#, No),
            ("[]", No),
            (r#"["a",1]"#, Unknown),
            (r#"[1,"b"]"#, Yes),
            (r#"[["b"]]"#, Unknown),
            (r#"{"b":1}"#, Unknown),
            ("null", Unknown),
        ],
    );
    check("contains", "5", &[("\"5\"", Unknown), ("[5.0]", Yes), ("[4]", No), ("15", Unknown)]);
}

#[test]
fn exists_means_there_and_not_null() {
    check("exists", "true", &[("1", Yes), ("\"\"", Yes), ("false", Yes), ("null", No)]);
    check("exists", "false", &[("1", No), ("[]", No), ("null", Yes)]);
    assert_eq!(operator("exists", "true").unwrap().judge_absent(), Some(false));
    assert_eq!(operator("exists", "false").unwrap().judge_absent(), Some(true));
    assert_eq!(operator("neq", "1").unwrap().judge_absent(), None);
}

#[test]
fn regex_searches_and_matches_wants_all() {
    check(
        "regex",
        r#""^a+$""#,
        &[("\"aa\"", Yes), ("\"aab\"", No), ("\"aa\\n\"", No), ("1", Unknown)],
    );
    check(
        "regex",
        "\"b\"",
        &[("\"abc\"", Yes), ("\"\"", No), ("null", Unknown), ("[\"b\"]", Unknown)],
    );
    check("matches", "\"b\"", &[("\"b\"", Yes), ("\"abc\"", No), ("\"b\\n\"", No)]);
    check("matches", "\"a|b\"", &[("\"a\"", Yes), ("\"b\"", Yes), ("\"ab\"", No)]);
    check("matches", "\"(?m)^a$\"", &[("\"a\"", Yes), ("\"a\\nb\"", No), ("\"b\\na\"", No)]);
    check("matches", "\".*\"", &[("\"a\"", Yes), ("\"a\\nb\"", No)]);
    check("matches", "\"(?s).*\"", &[("\"a\\nb\"", Yes)]);
}

#[test]
fn a_regular_expression_cannot_take_long() {
    let text = format!("\"{}!\"", "a".repeat(100_000));
    check("regex", "\"^(a+)+$\"", &[(&text, No)]);
    check("matches", "\"(a*)*b\"", &[(&text, No)]);
}

#[test]
fn length_counts_characters_and_items() {
    check(
        "length",
        r#"{"min":2,"max":3}"#,
        &[
            ("\"a\"", No),
            ("\"ab\"", Yes),
            ("\"äöü\"", Yes),
            ("\"\\u00e4😀x\"", Yes),
            ("\"abcd\"", No),
            ("[1,2]", Yes),
            ("[]", No),
            ("{\"a\":1,\"b\":2}", Unknown),
            ("22", Unknown),
            ("null", Unknown),
        ],
    );
    check("length", r#"{"max":0}"#, &[("[]", Yes), ("[1]", No)]);
    check("length", r#"{"min":1}"#, &[("\"\"", No), ("\"a\"", Yes)]);
}

#[test]
fn each_asks_every_item() {
    check(
        "each",
        r#"{"op":"lte","value":5}"#,
        &[
            ("[1,5]", Yes),
            ("[1,6]", No),
            ("[]", Yes),
            ("[1,\"5\"]", Unknown),
            ("[6,\"5\"]", No),
            ("5", Unknown),
            ("null", Unknown),
            ("{\"a\":1}", Unknown),
        ],
    );
    check(
        "each",
        r#"{"op":"each","value":{"op":"eq","value":1}}"#,
        &[("[[1],[]]", Yes), ("[[1],[2]]", No), ("[1]", Unknown)],
    );
    check("each", r#"{"op":"exists","value":true}"#, &[("[1,null]", No), ("[1]", Yes)]);
}

#[test]
fn any_asks_for_one_item() {
    let cases = [
        ("[1,9]", Yes),
        ("[1,5]", No),
        ("[]", No),
        ("[9,\"5\"]", Yes),
        ("[1,\"5\"]", Unknown),
        ("9", Unknown),
    ];
    check("any", r#"{"op":"gt","value":5}"#, &cases);
}

#[test]
fn a_wrong_value_says_what_is_needed() {
    refused("in", "\"a\"", "the value must be a list, as in `[\"a\", \"b\"]`");
    refused("lt", "\"5\"", "the value must be a number");
    refused("exists", "\"true\"", "the value must be true or false");
    refused("regex", "5", "the value must be a regular expression in quotes");
    refused(
        "eq",
        "9007199254740993",
        "programs read the number `9007199254740993` differently: write it with fewer digits",
    );
    refused("length", "5", "the value must say `min`, `max` or both, as in `{\"max\": 10}`");
    refused("length", r#"{"min":3,"max":2}"#, "nothing is at least 3 and at most 2 long");
    refused("length", r#"{"min":-1}"#, "`min` must be a whole number");
    refused(
        "length",
        r#"{"maximum":1}"#,
        "`maximum` has no meaning here: the value must say `min`, `max` or both, as in \
         `{\"max\": 10}`",
    );
    refused(
        "each",
        r#"{"op":"lt"}"#,
        "the value must be a test for the items, as in `{\"op\": \"lte\", \"value\": 5}`",
    );
    refused(
        "each",
        r#"{"op":"lt","value":"x"}"#,
        "for the items, `lt`: the value must be a number",
    );
}

#[test]
fn a_wrong_expression_says_why() {
    refused("regex", "\"(a\"", "the regular expression cannot be read: unclosed group");
    refused(
        "regex",
        "\"(?!a)b\"",
        "the regular expression cannot be read: look-around, including look-ahead and \
         look-behind, is not supported",
    );
    refused(
        "regex",
        "\"(a{1000}){1000}\"",
        "the regular expression is too large: shorten its repetitions, or write `[0-9A-Za-z_]` \
         for `\\w`",
    );
    assert!(operator("matches", "\"a)|(b\"").is_err());
    assert!(operator("matches", "\"(?x)a # comment\"").is_err());
}

#[test]
fn an_unknown_operator_is_answered_with_the_nearest() {
    for (op, meant) in [
        ("EQ", "eq"),
        ("equals", "eq"),
        ("==", "eq"),
        ("not in", "not_in"),
        ("notin", "not_in"),
        ("regx", "regex"),
        ("Contains", "contains"),
        ("path-within", "path_within"),
        ("hosts_in", "host_in"),
        (">=", "gte"),
        ("exist", "exists"),
        ("lenght", "length"),
    ] {
        let error = operator(op, "1").unwrap_err();
        assert_eq!(error, format!("there is no operator `{op}`: did you mean `{meant}`?"));
    }
    let error = operator("frobnicate", "1").unwrap_err();
    assert!(error.contains("there are eq, neq, in"), "{error}");
}

#[test]
fn every_operator_can_be_made_and_says_what_it_wants() {
    for op in OPERATORS {
        let value = match *op {
            "in" | "not_in" => "[1]",
            "lt" | "lte" | "gt" | "gte" => "1",
            "exists" | "host_public" | "path_sensitive" => "true",
            "length" => r#"{"max":1}"#,
            "any" | "each" => r#"{"op":"eq","value":1}"#,
            "path_within" => "\"/srv\"",
            _ => "\"a\"",
        };
        let operator = operator(op, value).unwrap();
        let (required, forbidden) = (operator.required(), operator.forbidden());
        assert!(required.starts_with("must ") && forbidden.starts_with("must "), "{op}");
        assert_ne!(required, forbidden);
    }
}

#[test]
fn common_expressions_are_not_too_large() {
    for expression in [
        r"^[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})*$",
        r"^\w{1,64}$",
        r"(?i)^(drop|delete|truncate)\s+\w+",
        r"^\p{L}[\p{L}\p{N} ._-]{0,127}$",
    ] {
        let mut quoted = Vec::new();
        toolgate_json::quote(expression, &mut quoted);
        let value = String::from_utf8(quoted).unwrap();
        assert!(operator("regex", &value).is_ok(), "{expression}");
        assert!(operator("matches", &value).is_ok(), "{expression}");
    }
}
