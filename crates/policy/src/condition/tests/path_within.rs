//! `path_within`: inside, outside, and all that only looks like it.

use proptest::prelude::*;

use super::super::Match::{self, No, Unknown, Yes};
use super::{json, operator};

fn judge(roots: &str, path: &str) -> Match {
    let mut quoted = Vec::new();
    toolgate_json::quote(path, &mut quoted);
    let argument = json(&String::from_utf8(quoted).unwrap());
    operator("path_within", roots).unwrap().judge(argument.root())
}

#[track_caller]
fn check(roots: &str, cases: &[(&str, Match)]) {
    for (path, expected) in cases {
        assert_eq!(judge(roots, path), *expected, "{path} within {roots}");
    }
}

#[test]
fn names_are_compared_whole() {
    check(
        r#""/srv/data""#,
        &[
            ("/srv/data", Yes),
            ("/srv/data/", Yes),
            ("/srv/data/a/b.txt", Yes),
            ("/srv//data/./a", Yes),
            ("/srv/database", No),
            ("/srv/dat", No),
            ("/srv", No),
            ("/", No),
            ("/etc/passwd", No),
            ("/srv/data/[id].tsx", Yes),
            ("/srv/data/größe", Yes),
            ("/srv/data/a b", Yes),
        ],
    );
    check(r#"["/srv/data", "/tmp"]"#, &[("/tmp/x", Yes), ("/srv/data/x", Yes), ("/var/x", No)]);
    check(r#""/""#, &[("/etc", Yes), ("/", Yes)]);
}

#[test]
fn relative_paths_are_within_relative_folders() {
    check(r#""docs""#, &[("docs/a.md", Yes), ("./docs/a", Yes), ("doc", No), ("/docs", Unknown)]);
    check(r#"".""#, &[("a/b", Yes), (".", Yes), ("/a", Unknown), ("../a", Unknown)]);
    check(r#""/srv""#, &[("srv/x", Unknown), ("x", Unknown)]);
}

#[test]
fn what_programs_could_resolve_differently_is_unknown() {
    for path in [
        "/srv/data/../etc",
        "/srv/data/..",
        "/srv/data/a/../b",
        "/etc/../srv/data",
        "/srv/data/%2e%2e/etc",
        "/srv/data/%252e%252e/etc",
        "/srv/data/..%2fetc",
        "/srv/data\\..\\etc",
        "\\\\?\\C:\\srv",
        "C:\\srv\\data",
        "C:/srv/data",
        "/srv/data/file::$DATA",
        "file:///srv/data/a",
        "//srv/data/a",
        "~/srv/data",
        "~root/x",
        "$HOME/x",
        "/srv/data/$X",
        "/srv/data/`id`",
        "/srv/data/a\0b",
        "/srv/data/a\nb",
        " /srv/data/a",
        "/srv/data/a ",
        "/srv/data/a.",
        "/srv/data/... /a",
        "/srv/data /a",
        "",
        "/SRV/data/a",
        "/srv/Data",
        "/srv/ｄａｔａ/a",
        "/srv/da\u{200b}ta/a",
        "/srv/data/．．/etc",
        "/srv/data/‥/etc",
        "/srv/data／..／etc",
        "/srv/data/.\u{200b}./etc",
        "/proc/self/root/srv/data",
        "/PROC/self/cwd",
        "/dev/fd/3",
        "/./proc/1/root",
        "/srv/d*/a",
        "/srv/dat?/a",
        "/srv/{data,x}/a",
        "/srv/DATA~1/a",
    ] {
        check(r#""/srv/data""#, &[(path, Unknown)]);
    }
}

#[test]
fn a_forbidden_folder_cannot_be_reached_by_another_spelling() {
    for path in ["/ETC/passwd", "/et[c]/passwd", "/srv/../etc/passwd", "/e?c/passwd", "etc/passwd"]
    {
        assert_ne!(judge(r#""/etc""#, path), No, "{path}");
    }
    check(r#""/etc""#, &[("/srv/etc", No), ("/etcetera", No)]);
}

#[test]
fn only_texts_are_paths() {
    for argument in ["5", "null", "true", r#"["/srv"]"#, "{}"] {
        let found = operator("path_within", "\"/srv\"").unwrap().judge(json(argument).root());
        assert_eq!(found, Unknown, "{argument}");
    }
}

#[test]
fn what_is_no_plain_folder_is_refused_in_a_rule() {
    for roots in [
        "\"\"",
        "\"/srv/..\"",
        "\"/srv/*\"",
        "\"~/x\"",
        "\"C:/x\"",
        "\"file:///srv\"",
        "[]",
        "[5]",
        "5",
        "[\"/srv\", \"\"]",
    ] {
        assert!(operator("path_within", roots).is_err(), "{roots}");
    }
}

/// Names as a file system walks them: `..` climbs, and there is nothing above `/`.
fn slow(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    names
}

proptest! {
    #[test]
    fn it_never_contradicts_a_slow_walk(path in "/(a|b|ab|\\.|\\.\\.|A|%2e|/){0,6}(/(a|b|ab|\\.|\\.\\.|A)){0,4}") {
        let inside = slow(&path).starts_with(&["a", "b"]);
        match judge(r#""/a/b""#, &path) {
            Match::Yes => prop_assert!(inside),
            Match::No => prop_assert!(!inside),
            Match::Unknown => {}
        }
    }

    #[test]
    fn plain_paths_are_certain(names in proptest::collection::vec("[ab]{1,2}", 0..5)) {
        let path = format!("/{}", names.join("/"));
        let inside = slow(&path).starts_with(&["a", "b"]);
        prop_assert_eq!(judge(r#""/a/b""#, &path), Match::of(inside));
    }

    #[test]
    fn no_text_whatever_is_inside_with_dots_that_climb(before in "\\PC{0,12}", after in "\\PC{0,12}") {
        let path = format!("/srv/{before}/../{after}");
        prop_assert_eq!(judge(r#""/srv""#, &path), Unknown);
    }
}
