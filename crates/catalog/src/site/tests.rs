//! The pages, as files in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use toolgate_json::{Document, Reading, quote};

use super::*;
use crate::{Besides, IndexText, judge, survey};

type Files = BTreeMap<String, String>;
/// A name and attributes.
type Tag = (String, Vec<(String, String)>);

fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "html")
}

fn string(text: &str) -> String {
    let mut out = Vec::new();
    quote(text, &mut out);
    String::from_utf8(out).unwrap()
}

/// A server that says `text` wherever it can.
fn document(text: &str) -> Document {
    let text = string(text);
    let json = format!(
        r#"[{{"name":{text},"title":{text},"description":{text},"annotations":{{"readOnlyHint":true}},
            "inputSchema":{{"type":"object","properties":{{{text}:{{"type":{text},"description":{text}}},
            "path":{{"type":"string"}},"mode":{{"type":"string","enum":[{text}]}},"sql":{{"type":["string",{text}]}}}}}}}},
           {{"name":"delete_all","description":{text}}},{{"name":"delete_all","description":{text}}}]"#
    );
    Document::parse(Bytes::from(json), Reading::Plain).unwrap()
}

fn files(text: &str, index: Option<&Index<'_>>) -> Files {
    let document = document(text);
    let judged = judge(document.root().items());
    let survey = survey(text, &judged, &Besides::default());
    let line = DiffLine { is_new: true, text: text.to_owned() };
    let (when, state) = ("2026-11-21 10:45".to_owned(), text.to_owned());
    let state = State { when, text: state, lines: vec![line] };
    let scanned = Scanned {
        survey: &survey,
        judged: &judged,
        reached: text.to_owned(),
        history: vec![state],
    };
    let site = Site { written: "2026-11-21", version: "0.1.0", servers: vec![scanned], index };
    let mut files = Files::new();
    let written = site.write::<Infallible>(&mut |path, text| {
        let before = files.insert(path.to_owned(), text.to_owned());
        assert!(before.is_none(), "{path} is written twice");
        Ok(())
    });
    written.unwrap();
    files
}

/// The tags of a page: name and attributes. Fails on anything our templates could not have meant.
fn tags(page: &str) -> Result<Vec<Tag>, String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').ok_or("a tag without end")?;
        let inner = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        let (name, mut attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        let mut found = Vec::new();
        while !attributes.trim_matches([' ', '/']).is_empty() {
            attributes = attributes.trim_start();
            let Some((key, value)) = attributes.split_once("=\"") else {
                found.extend(attributes.split(' ').map(|key| (key.to_owned(), String::new())));
                break;
            };
            let (value, after) = value.split_once('"').ok_or("a value without end")?;
            let mut keys: Vec<&str> = key.split(' ').collect();
            let last = keys.pop().unwrap_or_default();
            found.extend(keys.iter().map(|key| ((*key).to_owned(), String::new())));
            found.push((last.to_owned(), value.to_owned()));
            attributes = after;
        }
        tags.push((name.to_owned(), found));
    }
    Ok(tags)
}

const TAGS: &str = "!doctype a aside b blockquote body br caption code dd details div dl dt footer h1 \
    h2 h3 head header html input label li link main meta nav ol p pre q rect script section span \
    strong summary svg table tbody td th thead title tr ul";
const ATTRIBUTES: &str = "aria-current aria-hidden aria-label autocomplete charset class content \
    data-label data-root defer for height hidden href html http-equiv id lang name open \
    placeholder preserveAspectRatio rel role scope spellcheck src tabindex title type viewBox width x y";

fn check_markup(path: &str, page: &str) -> Result<(), String> {
    let known = |list: &str, name: &str| list.split_whitespace().any(|one| one == name);
    let mut scripts = 0;
    for (name, attributes) in tags(page)? {
        let name = name.trim_start_matches('/').trim_end_matches('/');
        if !known(TAGS, name) {
            return Err(format!("{path}: tag `{name}`"));
        }
        scripts += usize::from(name == "script");
        for (key, value) in attributes {
            if !known(ATTRIBUTES, &key) {
                return Err(format!("{path}: `{name}` with `{key}`"));
            }
            let own = ["https://", "#", "../"].iter().any(|start| value.starts_with(start))
                || value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./#".contains(&b));
            if key == "href" && !own || key == "src" && !value.ends_with("search.js") {
                return Err(format!("{path}: `{key}` leads to `{value}`"));
            }
        }
    }
    // One begins and one ends.
    (scripts == 2).then_some(()).ok_or_else(|| format!("{path}: {scripts} script tags"))
}

/// Where a link leads, from the start of the site; with its fragment.
fn resolve(from: &str, href: &str) -> (String, String) {
    let (path, fragment) = href.split_once('#').unwrap_or((href, ""));
    if path.is_empty() {
        return (from.to_owned(), fragment.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    (parts.join("/"), fragment.to_owned())
}

fn check_links(files: &Files) -> Result<usize, String> {
    let mut anchors: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut links = Vec::new();
    for (path, page) in files.iter().filter(|(path, _)| is_page(path)) {
        let attributes = tags(page)?.into_iter().flat_map(|(_, attributes)| attributes);
        for (key, value) in attributes {
            if key == "id" && !anchors.entry(path).or_default().insert(value.clone()) {
                return Err(format!("{path}: `{value}` is there twice"));
            }
            if (key == "href" || key == "src") && !value.starts_with("https://") {
                links.push((path, value));
            }
        }
    }
    for (path, href) in &links {
        let (to, fragment) = resolve(path, href);
        let there = files.contains_key(&to)
            && (fragment.is_empty()
                || anchors.get(to.as_str()).is_some_and(|ids| ids.contains(&fragment)));
        if !there {
            return Err(format!("{path}: `{href}` leads nowhere"));
        }
    }
    Ok(links.len())
}

fn check(files: &Files) -> Result<(), String> {
    for (path, page) in files {
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
        let parts_are_names =
            path.split('/').all(|part| part.chars().all(name) && !part.starts_with('.'));
        if !parts_are_names {
            return Err(format!("`{path}` is no path of ours"));
        }
        if is_page(path) {
            check_markup(path, page)?;
        }
    }
    check_links(files).map(drop)
}

const NASTY: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "../../../../etc/passwd",
    "{{ 7*7 }}{% raw %}",
    "\u{202e}evil\u{2066}\u{200b}\u{e0041}",
    "]];alert(1);//",
    "\\\"];alert(1)//</script>",
    "a\r\nb\tc\0d",
    "`<b>`",
];

#[test]
fn no_text_of_a_server_becomes_markup_or_a_path() {
    for text in NASTY {
        check(&files(text, None)).unwrap_or_else(|why| panic!("{text:?}: {why}"));
    }
}

#[test]
fn every_link_leads_somewhere_in_the_index_too() {
    let text = IndexText::embedded().unwrap();
    let mut index = text.index().unwrap();
    index.servers.truncate(200);
    let files = files("shop", Some(&index));
    check(&files).unwrap();
    assert!(check_links(&files).unwrap() > 2_000);
    assert!(files.contains_key("servers/shop.html"));
}

#[test]
fn a_name_that_is_listed_twice_has_two_pages() {
    let files = files("shop", None);
    assert!(files.contains_key("tools/shop/delete_all.html"));
    assert!(files.contains_key("tools/shop/delete_all..2.html"));
}

#[test]
fn a_page_of_a_tool_answers_what_people_ask() {
    let page = &files("run_query", None)["tools/run_query/run_query.html"];
    for text in [
        "What does run_query do?",
        "How do I enforce a policy on run_query?",
        "What risk level is run_query?",
        "Can I rate-limit run_query?",
        "How do I block run_query completely?",
        "What MCP server provides run_query?",
        "Recommended policy",
        "default: deny",
        "&#34;default&#34;: &#34;deny&#34;",
        "required_args",
        "hide: [run_query]",
        "action: deny",
        "Accepts file system path",
        "Attacks that use such tools",
        "Related tools",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

/// Such a key would stand for other tools too.
#[test]
fn a_tool_whose_name_is_a_pattern_is_named_in_no_policy() {
    let files = files("*", None);
    let page = files.values().find(|page| page.contains("<h1><code>*</code></h1>")).unwrap();
    assert!(page.contains("No policy can name this tool"));
    assert!(!page.contains("&#34;*&#34;") && !page.contains("hide: ["));
}

#[test]
fn pages_ask_nobody_for_anything() {
    let files = files("shop", None);
    for (path, page) in files.iter().filter(|(path, _)| is_page(path)) {
        assert!(page.contains("default-src 'none'"), "{path}");
        assert!(!page.contains("src=\"http") && !page.contains("style=\""), "{path}");
    }
    assert!(!files["style.css"].contains("url(") && !files["style.css"].contains("@import"));
    assert!(!files["search.js"].contains("innerHTML") && !files["search.js"].contains("eval"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_a_server_says(text in "[<>\"'&=/`{}% a-zé\\x00-\\x1f\\u{200b}\\u{202e}]{1,24}") {
        let outcome = check(&files(&text, None));
        prop_assert!(outcome.is_ok(), "{text:?}: {outcome:?}");
    }
}
