//! Results of lists, and keys of ours in any `_meta`.

use toolgate_protocol::list::{List, keep, next_cursor, tools};
use toolgate_protocol::meta::strip_reserved;

use crate::support::{document, text};

fn kept(list: &str, names: &[&str]) -> Option<String> {
    kept_of(List::Tools, list, names)
}

fn kept_of(what: List, list: &str, names: &[&str]) -> Option<String> {
    keep(&document(list), what, |name| names.contains(&name)).map(|out| text(&out).to_owned())
}

fn stripped(message: &str) -> Option<String> {
    strip_reserved(&document(message)).map(|out| text(&out).to_owned())
}

#[test]
fn tools_and_cursor_are_found() {
    let list = document(
        r#"{"id":1,"result":{"tools":[{"name":"a","x":1},{"n":2},{"name":"b\u0063"}],"nextCursor":"p2"}}"#,
    );
    let found: Vec<_> = tools(&list).map(|(name, tool)| (name, tool.raw().len())).collect();
    assert_eq!(found, [("a".into(), 18), ("bc".into(), 18)]);
    assert_eq!(next_cursor(&list).unwrap(), "p2");
    let empty = document(r#"{"id":1,"result":{"tools":{},"nextCursor":null}}"#);
    assert_eq!((tools(&empty).count(), next_cursor(&empty)), (0, None));
}

#[test]
fn hidden_tools_go_whole_with_their_commas() {
    let list = "{\"result\":{\"tools\": [ {\"name\":\"a\"} ,\n {\"name\":\"b\"}, {\"name\":\"c\"} ], \"x\": 1}}";
    for (keep, expected) in [
        (&["b", "c"][..], "[ {\"name\":\"b\"}, {\"name\":\"c\"} ]"),
        (&["a", "c"], "[ {\"name\":\"a\"}, {\"name\":\"c\"} ]"),
        (&["a", "b"], "[ {\"name\":\"a\"} ,\n {\"name\":\"b\"} ]"),
        (&["a"], "[ {\"name\":\"a\"} ]"),
        (&["b"], "[ {\"name\":\"b\"} ]"),
        (&["c"], "[ {\"name\":\"c\"} ]"),
        (&[], "[  ]"),
    ] {
        let expected = format!("{{\"result\":{{\"tools\": {expected}, \"x\": 1}}}}");
        assert_eq!(kept(list, keep).unwrap(), expected);
    }
    assert_eq!(kept(list, &["a", "b", "c"]), None);
}

#[test]
fn a_tool_that_reads_two_ways_is_hidden_if_either_is() {
    let twice = r#"{"result":{"tools":[{"name":"a","name":"b"}]}}"#;
    assert_eq!(kept(twice, &["a"]).unwrap(), r#"{"result":{"tools":[]}}"#);
    assert_eq!(kept(twice, &["b"]).unwrap(), r#"{"result":{"tools":[]}}"#);
    assert_eq!(kept(twice, &["a", "b"]), None);
    let lists = r#"{"result":{"tools":[{"name":"b"}],"tools":[{"name":"a"}]}}"#;
    assert_eq!(kept(lists, &["a"]).unwrap(), r#"{"result":{"tools":[],"tools":[{"name":"a"}]}}"#);
}

#[test]
fn what_has_no_name_is_no_tool() {
    let list = r#"{"result":{"tools":[{"title":"x"},{"name":1},"a",{"name":"a"}]}}"#;
    assert_eq!(kept(list, &["a"]).unwrap(), r#"{"result":{"tools":[{"name":"a"}]}}"#);
}

#[test]
fn names_compare_unescaped() {
    let list = r#"{"result":{"tools":[{"name":"\u0061"},{"name":"b"}]}}"#;
    assert_eq!(kept(list, &["b"]).unwrap(), r#"{"result":{"tools":[{"name":"b"}]}}"#);
}

#[test]
fn a_filtered_modern_list_is_private_and_short_lived() {
    let list = r#"{"result":{"resultType":"complete","tools":[{"name":"a"}],"ttlMs":300000,"cacheScope":"public"}}"#;
    let expected =
        r#"{"result":{"resultType":"complete","tools":[],"ttlMs":60000,"cacheScope":"private"}}"#;
    assert_eq!(kept(list, &[]).unwrap(), expected);
    // On a page without hidden tools too: all pages have one scope.
    let page = r#"{"result":{"tools":[],"ttlMs":60000,"cacheScope":"public"}}"#;
    assert_eq!(kept(page, &[]).unwrap(), page.replace("public", "private"));
    let unscoped = r#"{"result":{"tools":[],"ttlMs":6e1}}"#;
    let expected = r#"{"result":{"cacheScope":"private","tools":[],"ttlMs":6e1}}"#;
    assert_eq!(kept(unscoped, &[]).unwrap(), expected);
    let odd = r#"{"result":{"tools":[],"ttlMs":"999999","cacheScope":"private"}}"#;
    assert_eq!(kept(odd, &[]).unwrap(), odd.replace("\"999999\"", "60000"));
}

#[test]
fn short_private_and_legacy_lists_stay_as_they_are() {
    assert_eq!(kept(r#"{"result":{"tools":[],"ttlMs":0,"cacheScope":"private"}}"#, &[]), None);
    assert_eq!(kept(r#"{"result":{"tools":[]}}"#, &[]), None);
    assert_eq!(kept(r#"{"error":{"code":1,"message":"x"}}"#, &[]), None);
}

#[test]
fn keys_of_ours_go_from_every_meta() {
    let message = r#"{"id":1,"result":{"_meta":{"dev.toolgate/decision":{"effect":"allow"},"a":1},"content":[
        {"type":"text","_meta":{"b":{"_meta":{"dev.toolgate/x":1}},"dev.toolgate/y":[1,2]}}],"_meta":{"dev.toolgate/z":1}}}"#;
    let expected = r#"{"id":1,"result":{"_meta":{"a":1},"content":[
        {"type":"text","_meta":{"b":{"_meta":{}}}}],"_meta":{}}}"#;
    assert_eq!(stripped(message).unwrap(), expected);
}

#[test]
fn no_spelling_of_ours_stays() {
    for key in [
        "dev.toolgate/x",
        "dev.toolgate\\/x",
        "\\u0064ev.toolgate/x",
        "DEV.TOOLGATE/x",
        "dev\\u002etoolgate\\u002fx",
        "dev.toolgate/",
    ] {
        let message = format!("{{\"result\":{{\"_meta\":{{\"a\":1,\"{key}\":{{}}}}}}}}");
        assert_eq!(stripped(&message).unwrap(), r#"{"result":{"_meta":{"a":1}}}"#, "{key}");
        let hidden = message.replace("_meta", "\\u005fmeta");
        assert_eq!(stripped(&hidden).unwrap(), r#"{"result":{"\u005fmeta":{"a":1}}}"#, "{key}");
    }
}

#[test]
fn other_keys_and_other_places_stay() {
    for message in [
        r#"{"result":{"_meta":{"dev.toolgatex/a":1,"com.example/dev.toolgate/":1,"dev.toolgate":1}}}"#,
        r#"{"result":{"content":[{"type":"text","text":"\u0064ev.toolgate/x and dev.toolgate/x"}]}}"#,
        r#"{"result":{"dev.toolgate/x":1,"meta":{"dev.toolgate/x":1}}}"#,
        r#"{"result":{"_meta":"dev.toolgate/x"}}"#,
        r#"{"result":{}}"#,
    ] {
        assert_eq!(stripped(message), None, "{message}");
    }
}

#[test]
fn other_lists_lose_their_own_items_alone() {
    let list = r#"{"result":{"tools":[{"name":"x"}],"prompts":[{"name":"a"},{"name":"b"}],
        "resources":[{"uri":"a","name":"n"},{"uri":"b","name":"a"}],
        "resourceTemplates":[{"uriTemplate":"{b}","name":"a"},{"uriTemplate":"a"}]}}"#;
    for (what, from, to) in [
        (List::Prompts, r#"[{"name":"a"},{"name":"b"}]"#, r#"[{"name":"a"}]"#),
        (
            List::Resources,
            r#"[{"uri":"a","name":"n"},{"uri":"b","name":"a"}]"#,
            r#"[{"uri":"a","name":"n"}]"#,
        ),
        (
            List::ResourceTemplates,
            r#"[{"uriTemplate":"{b}","name":"a"},{"uriTemplate":"a"}]"#,
            r#"[{"uriTemplate":"a"}]"#,
        ),
    ] {
        assert_eq!(kept_of(what, list, &["a"]).unwrap(), list.replace(from, to), "{what:?}");
    }
}

#[test]
fn every_filtered_method_has_a_list() {
    use toolgate_protocol::method::{TABLE, Treatment};
    for row in TABLE {
        let filtered = row.treatment == Treatment::Filter;
        assert_eq!(List::of(row.method).is_some(), filtered, "{}", row.method);
    }
}
