//! `host_public`: what leads inside, and what could.

use super::super::Match::{self, No, Unknown, Yes};
use super::{json, operator};

#[track_caller]
fn check(cases: &[(&str, Match)]) {
    let (is, is_not) = (operator("host_public", "true"), operator("host_public", "false"));
    let (is, is_not) = (is.unwrap(), is_not.unwrap());
    for (text, expected) in cases {
        let mut quoted = Vec::new();
        toolgate_json::quote(text, &mut quoted);
        let argument = json(&String::from_utf8(quoted).unwrap());
        assert_eq!(is.judge(argument.root()), *expected, "{text}");
        assert_eq!(is_not.judge(argument.root()), expected.not(), "{text}");
    }
}

#[test]
fn public_names_and_addresses_are_public() {
    let all = [
        "https://example.com/a?b=c",
        "http://10minutemail.com",
        "http://127.example.com/",
        "https://localhost.example.com",
        "https://example.com:8443",
        "example.com",
        "http://8.8.8.8/dns",
        "http://172.15.0.1/",
        "http://172.32.0.1/",
        "http://100.63.0.1",
        "http://[2606:4700::1111]/",
    ];
    check(&all.map(|text| (text, Yes)));
}

#[test]
fn what_leads_inside_does_not() {
    let all = [
        "http://localhost:3000",
        "http://LOCALHOST/",
        "http://a.localhost/",
        "http://intranet/",
        "http://printer.local",
        "http://metadata.google.internal/computeMetadata",
        "http://127.0.0.1",
        "http://0.0.0.0:80/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1",
        "http://169.254.169.254/latest/meta-data",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://127.0.0.1.nip.io/",
        "http://localtest.me",
        "192.168.0.1:8080",
    ];
    check(&all.map(|text| (text, No)));
}

#[test]
fn what_readers_could_take_differently_is_unknown() {
    let all = [
        "http://u@example.com/",
        "http://u@v@127.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http://example.com#@127.0.0.1/",
        r"http://example.com\@127.0.0.1/",
        "http://2130706433/",
        "http://2130706433?x",
        "http://0x7f.1/",
        "http://0x7f000001?a",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://localhost./",
        "http://\u{2460}27.0.0.1/",
        "http://127.0.0.1\0.example.com/",
        "http://exa\tmple.com/",
        "http:127.0.0.1/",
        "//127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "javascript:alert(1)",
        "example.com/a",
        "",
    ];
    check(&all.map(|text| (text, Unknown)));
}
