//! `host_in`: hosts that are certain, and the many ways to hide one.

use super::super::Match::{self, No, Unknown, Yes};
use super::{json, operator};

#[track_caller]
fn check(hosts: &str, cases: &[(&str, Match)]) {
    let operator = operator("host_in", hosts).unwrap();
    for (text, expected) in cases {
        let mut quoted = Vec::new();
        toolgate_json::quote(text, &mut quoted);
        let argument = json(&String::from_utf8(quoted).unwrap());
        assert_eq!(operator.judge(argument.root()), *expected, "{text} in {hosts}");
    }
}

#[test]
fn a_host_alone_or_in_a_url_is_found() {
    check(
        r#"["example.com", "*.example.org"]"#,
        &[
            ("https://example.com", Yes),
            ("https://example.com/", Yes),
            ("HTTPS://EXAMPLE.com/a?b=c#d", Yes),
            ("http://example.com:8080/x", Yes),
            ("wss://example.com?x", Yes),
            ("ssh://example.com:22/repo.git", Yes),
            ("example.com", Yes),
            ("example.com:443", Yes),
            ("https://example.com/search?q=a@b.c&r=日本 x", Yes),
            ("a.example.org", Yes),
            ("https://a.b.example.org", Yes),
            ("example.org", No),
            ("https://badexample.org", No),
            ("https://www.example.com", No),
            ("https://example.com.evil.com", No),
            ("https://evil.com/example.com", No),
            ("https://evil.com/?u=https://example.com", No),
            ("https://xn--exmple-cua.com", No),
        ],
    );
}

#[test]
fn what_readers_could_read_differently_is_unknown() {
    let hidden = [
        "https://good.com@evil.com",
        "https://evil.com@good.com",
        "https://user:pw@good.com/",
        "https://evil.com#@good.com",
        "https://evil.com?@good.com",
        "https://evil.com\\@good.com",
        "https://good.com\\.evil.com",
        "https://evil.com?\\good.com",
        "https:/good.com",
        "https:good.com",
        "https:///good.com",
        "//good.com/",
        "good.com/path",
        " https://good.com",
        "https://good.com ",
        "https://good.com\n.evil.com",
        "ht\ttps://good.com",
        "https://good.com./",
        "good.com.",
        "https://good..com",
        "https://.good.com",
        "https://",
        "",
        "https://good.com:",
        "https://good.com:99999",
        "https://good.com:80:80",
        "https://good.com:+80",
        "https://gооd.com",
        "https://good。com",
        "https://good.com／.evil.com",
        "https://good%2ecom",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[fe80::1%25eth0]",
        "https://[good.com]",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.0.0.1",
        "https://0177.0.0.1",
        "https://127.1",
        "https://0",
        "https://256.0.0.1",
        "https://1.2.3.4.5",
        "https://-good.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "file://good.com/etc/passwd",
        "data:text/html,x",
        "postgres://good.com/db?host=evil.com",
        "jar:https://good.com!/",
        "https://a,good.com",
        "https://https://good.com",
    ];
    for text in hidden {
        check(r#""good.com""#, &[(text, Unknown)]);
    }
}

#[test]
fn addresses_are_compared_as_addresses() {
    check(
        r#"["127.0.0.1", "[::1]", "localhost"]"#,
        &[
            ("http://127.0.0.1:3000/", Yes),
            ("127.0.0.1", Yes),
            ("http://127.0.0.2", No),
            ("http://[::1]:3000", Yes),
            ("http://[0:0::0:1]", Yes),
            ("[::1]", Yes),
            ("http://[::2]", Unknown),
            ("localhost:80", Yes),
            ("http://localhost.", Unknown),
        ],
    );
}

#[test]
fn only_texts_have_hosts() {
    for argument in ["5", "null", "true", r#"["good.com"]"#, r#"{"host":"good.com"}"#] {
        let found = operator("host_in", "\"good.com\"").unwrap().judge(json(argument).root());
        assert_eq!(found, Unknown, "{argument}");
    }
}

#[test]
fn what_is_no_host_is_refused_in_a_rule() {
    for hosts in [
        "\"*\"",
        "\"https://example.com\"",
        "\"example.com:80\"",
        "\"example.com/\"",
        "\"*.*.com\"",
        "\"a.*.com\"",
        "\"exämple.com\"",
        "\"example.com.\"",
        "\"127.1\"",
        "\"\"",
        "[]",
        "[5]",
        "5",
        "[\"a.com\", \"\"]",
    ] {
        assert!(operator("host_in", hosts).is_err(), "{hosts}");
    }
}
