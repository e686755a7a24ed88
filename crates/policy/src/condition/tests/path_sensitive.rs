//! `path_sensitive`: what leads to keys and to the system, and what could.

use super::super::Match::{self, No, Unknown, Yes};
use super::{json, operator};

#[track_caller]
fn check(cases: &[(&str, Match)]) {
    let operator = operator("path_sensitive", "true").unwrap();
    for (text, expected) in cases {
        let mut quoted = Vec::new();
        toolgate_json::quote(text, &mut quoted);
        let argument = json(&String::from_utf8(quoted).unwrap());
        assert_eq!(operator.judge(argument.root()), *expected, "{text}");
    }
}

#[test]
fn ordinary_paths_are_not() {
    let all = [
        ".",
        "/",
        "docs/a.md",
        "/home/ann/notes.txt",
        "./src/etc/x",
        "src/**/*.ts",
        "*.md",
        "~/notes.txt",
        "~",
        r"C:\Users\ann\notes.txt",
        r"src\main.rs",
        "/srv/env/app",
        ".env.example",
        "/home/ann/.git/HEAD",
        "日本/メモ.txt",
        "/var/log/app.log",
        "a file (1).txt",
    ];
    check(&all.map(|text| (text, No)));
}

#[test]
fn keys_and_the_systems_folders_are() {
    let all = [
        "/etc/passwd",
        "//etc/passwd",
        "/./etc/passwd",
        "/ETC/passwd",
        "/etc./passwd",
        r"\etc\passwd",
        "/proc/self/environ",
        "/root",
        "/private/etc/hosts",
        "/var/run/docker.sock",
        "/var/run/secrets/token",
        r"C:\Windows\System32\config\SAM",
        "c:/windows/win.ini",
        "/home/ann/.ssh/id_rsa",
        "~/.ssh/config",
        ".SSH/config",
        ".ssh /config",
        r"x\.aws\credentials",
        "/home/ann/.git-credentials",
        "repo/.git/hooks/pre-commit",
        ".config/gcloud/x.json",
        ".env",
        "app/.env.production",
        "keys/id_ed25519.pub",
        "/home/ann/.bashrc",
    ];
    check(&all.map(|text| (text, Yes)));
}

#[test]
fn what_could_lead_there_is_unknown() {
    let all = [
        "../notes",
        "a/../../etc/passwd",
        r"C:\x\..\y",
        "%2e%2e/etc/passwd",
        "/%65tc/passwd",
        "file:///etc/passwd",
        "$HOME/x",
        "`id`",
        "~root/x",
        r"\\host\share",
        "//host/share",
        "/e*/passwd",
        "/home/ann/.s*/id_rsa1",
        "a\0b",
        "x::$DATA",
        " a",
        "",
        "\u{ff0e}\u{ff0e}/x",
        ". ./x",
        "a/.. /b",
    ];
    check(&all.map(|text| (text, Unknown)));
}

#[test]
fn what_only_some_read_as_a_secret_is_not_let_pass() {
    for text in ["\u{ff0f}etc\u{ff0f}passwd", "/\u{ff45}tc/passwd", "\u{ff0e}ssh/x"] {
        let operator = operator("path_sensitive", "true").unwrap();
        let argument = json(&format!("\"{text}\""));
        assert_ne!(operator.judge(argument.root()), No, "{text}");
    }
}
