//! Several servers as one: names, lists, introductions.

use toolgate_protocol::Version;
use toolgate_protocol::gather::{
    Introduction, ListKind, capabilities, discovery, entries, expands, initialized, join, list,
    split, ttl_ms, versions,
};

use crate::support::document;

#[test]
fn a_name_has_one_server() {
    assert_eq!(split("shop__read"), Some(("shop", "read")));
    assert_eq!(split("shop__a__b"), Some(("shop", "a__b")));
    assert_eq!(split("shop___read"), Some(("shop", "_read")));
    for name in ["shop", "shop_read", "__read", "shop__", "", "__"] {
        assert_eq!(split(name), None, "{name}");
    }
    for (server, own) in [("a", "b"), ("a-b", "_c__d"), ("0", "__"), ("x", "ü y")] {
        assert_eq!(split(&join(server, own)), Some((server, own)));
    }
}

#[test]
fn an_entry_stays_as_it_was_but_for_its_name() {
    let page = document(
        r#"{"id":1,"result":{"x":1,"tools":[ {"a":[1, 2.0],"name" : "re\u0061d","zz":{"name":"in"}} ,{"name":"b"}]}}"#,
    );
    let found = entries(ListKind::Tools, "shop", &page);
    let texts: Vec<_> =
        found.iter().map(|entry| std::str::from_utf8(&entry.text).unwrap()).collect();
    assert_eq!(
        texts,
        [r#"{"a":[1, 2.0],"name" : "shop__read","zz":{"name":"in"}}"#, r#"{"name":"shop__b"}"#]
    );
    let names: Vec<_> = found.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["shop__read", "shop__b"]);
}

#[test]
fn a_uri_keeps_its_name() {
    let page = document(r#"{"id":1,"result":{"resources":[{"uri":"a:1","name":"n"}]}}"#);
    let found = entries(ListKind::Resources, "shop", &page);
    assert_eq!(found[0].name, "a:1");
    assert_eq!(found[0].text, &br#"{"uri":"a:1","name":"n"}"#[..]);
}

#[test]
fn what_reads_two_ways_is_left_out() {
    for item in [
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","Name":"b"}"#,
        r#"{"NAME":"a"}"#,
        r#"{"name":1}"#,
        r#"{"name":""}"#,
        r"{}",
        "1",
    ] {
        let page = document(&format!(r#"{{"id":1,"result":{{"tools":[{item}]}}}}"#));
        assert_eq!(entries(ListKind::Tools, "shop", &page), [], "{item}");
    }
}

#[test]
fn lists_become_one_page_in_order() {
    let [a, b] = ["a", "b"].map(|name| {
        document(&format!(r#"{{"id":1,"result":{{"tools":[{{"name":"{name}1"}},{{"name":"{name}2"}}],"nextCursor":"x"}}}}"#))
    });
    let mut all = entries(ListKind::Tools, "zoo", &b);
    all.extend(entries(ListKind::Tools, "ant", &a));
    let legacy = list(ListKind::Tools, all.iter(), None);
    assert_eq!(
        String::from_utf8(legacy).unwrap(),
        r#"{"tools":[{"name":"zoo__b1"},{"name":"zoo__b2"},{"name":"ant__a1"},{"name":"ant__a2"}]}"#
    );
    let modern = list(ListKind::Tools, all[..1].iter(), Some(99_999));
    assert_eq!(
        String::from_utf8(modern).unwrap(),
        r#"{"resultType":"complete","ttlMs":60000,"cacheScope":"private","tools":[{"name":"zoo__b1"}]}"#
    );
}

#[test]
fn a_list_is_kept_no_longer_than_it_says() {
    for (text, expected) in [
        ("5", Some(5)),
        ("60001", Some(60_000)),
        ("1e9", Some(60_000)),
        ("-1", None),
        ("\"5\"", None),
    ] {
        let page = document(&format!(r#"{{"result":{{"ttlMs":{text}}}}}"#));
        assert_eq!(ttl_ms(&page), expected, "{text}");
    }
}

#[test]
fn capabilities_are_what_any_server_can_do() {
    let a = document(
        r#"{"result":{"capabilities":{"tools":{},"resources":{"subscribe":false},"experimental":{"x":{}}}}}"#,
    );
    let b = document(
        r#"{"result":{"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":false},"logging":{}}}}"#,
    );
    let both = [Introduction { server: "a", answer: &a }, Introduction { server: "b", answer: &b }];
    assert_eq!(
        String::from_utf8(capabilities(&both)).unwrap(),
        r#"{"logging":{},"resources":{"subscribe":true,"listChanged":false},"tools":{"listChanged":true}}"#
    );
    assert_eq!(capabilities(&[]), b"{}");
}

#[test]
fn introductions_are_joined_under_the_servers_names() {
    let a = document(
        r#"{"result":{"supportedVersions":["2026-07-28","9"],"capabilities":{},"instructions":"Be \"kind\"."}}"#,
    );
    let b = document(
        r#"{"result":{"supportedVersions":["2025-11-25","2026-07-28"],"instructions":" "}}"#,
    );
    let both = [Introduction { server: "a", answer: &a }, Introduction { server: "b", answer: &b }];
    assert_eq!(
        String::from_utf8(initialized("2025-06-18", "1.0", &both)).unwrap(),
        r#"{"protocolVersion":"2025-06-18","capabilities":{},"instructions":"a: Be \"kind\".","serverInfo":{"name":"toolgate","version":"1.0"}}"#
    );
    assert_eq!(versions(&both), [Version::V2026_07_28]);
    assert_eq!(
        String::from_utf8(discovery(&versions(&both), "1.0", &both, 10)).unwrap(),
        r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{},"instructions":"a: Be \"kind\".","ttlMs":10,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolgate","version":"1.0"}}}"#
    );
}

#[test]
fn a_uri_is_known_by_the_literal_parts_of_a_template() {
    for (template, uri, expected) in [
        ("a://b", "a://b", true),
        ("a://b", "a://bc", false),
        ("a://{x}", "a://anything/at all", true),
        ("a://{x}", "b://x", false),
        ("a://{x}/end", "a://1/end/2/end", true),
        ("a://{x}/end", "a://1/end/2", false),
        ("a://{x}/m/{y}.txt", "a://1/m/2.txt", true),
        ("a://{x}/m/{y}.txt", "a://1/n/2.txt", false),
        ("a://{x", "a://x", false),
        ("{+path}", "whatever", true),
    ] {
        assert_eq!(expands(template, uri), expected, "{template} {uri}");
    }
}
