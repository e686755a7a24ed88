//! What to do after a scan.

use std::ffi::OsStr;
use std::path::Path;

use super::report::Report;
use super::secrets::Secrets;
use crate::args::ScanArgs;

/// The commands that follow, ready to be copied; nothing where there is nothing to allow or deny.
pub(crate) fn text(args: &ScanArgs, report: &Report, many: bool, secrets: &Secrets) -> String {
    let Some(seen) = report.seen().find(|seen| !seen.survey.tools.is_empty()) else {
        return String::new();
    };
    let name = file_name(&seen.survey.server);
    let source = source(args, secrets);
    let lines = match &args.policy {
        None if many => vec![(
            format!("toolgate scan --policy policies/ {source}"),
            "writes a policy for each server",
        )],
        None => vec![(
            format!("toolgate scan --policy {name}.yaml {source}"),
            "writes the policy that these tools call for",
        )],
        Some(path) if many => {
            let path = quoted(path.join(format!("{name}.yaml")).as_os_str());
            vec![
                (format!("toolgate check {path}"), "shows what it means, once you have edited it"),
                (
                    format!("toolgate run --policy {path} -- COMMAND…"),
                    "instead of COMMAND… in the file",
                ),
            ]
        }
        Some(path) => run(args, path, &source),
    };
    let widest = lines.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    let lines = lines.into_iter().map(|(command, what)| {
        // Far-off remarks are hard to read, and would break the line.
        if widest > 60 {
            format!("  {command}\n      {what}\n")
        } else {
            format!("  {command:widest$}   {what}\n")
        }
    });
    format!("Next:\n{}", lines.collect::<String>())
}

fn run(args: &ScanArgs, path: &Path, source: &str) -> Vec<(String, &'static str)> {
    let path = quoted(path.as_os_str());
    let server =
        if args.command.is_empty() && args.url.is_none() { "-- COMMAND…" } else { source };
    vec![
        (format!("toolgate check {path}"), "shows what it means, once you have edited it"),
        (format!("toolgate run --policy {path} {server}"), "in your client, instead of the server"),
    ]
}

/// What was scanned, as it was typed; a secret becomes a word to be replaced.
fn source(args: &ScanArgs, secrets: &Secrets) -> String {
    let shown = |text: &OsStr| {
        let text = text.to_string_lossy();
        let hidden = secrets.hide(&text);
        if hidden == text {
            quoted(text.as_ref().as_ref())
        } else {
            quoted(hidden.as_ref().as_ref())
        }
    };
    let path = |option: &str, path: &Path| format!("{option} {}", quoted(path.as_os_str()));
    if let Some(url) = &args.url {
        let headers =
            args.headers.iter().map(|typed| format!(" --header {}", quoted(typed.as_ref())));
        return format!("--url {}{}", shown(url.as_ref()), headers.collect::<String>());
    }
    if let Some(file) = &args.tools {
        return path("--tools", file);
    }
    let server = args.server.iter().map(|name| format!("--server {}", quoted(name.as_ref())));
    let server: String = server.collect();
    if let Some(file) = &args.config {
        return format!("{} {server}", path("--config", file)).trim_end().to_owned();
    }
    if args.command.is_empty() {
        return server;
    }
    let words: Vec<String> = args.command.iter().map(|word| shown(word)).collect();
    format!("-- {}", words.join(" "))
}

/// As a shell takes it for one word.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./@:=,+%…".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", toolgate_catalog::visible(&word).replace('\'', r"'\''"))
}

/// A name that is safe as one of a file.
pub(crate) fn file_name(server: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = server.chars().map(plain).take(100).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() { "server".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        for (word, shown) in [
            ("-y", "-y"),
            ("@a/b@1.2", "@a/b@1.2"),
            ("a b", "'a b'"),
            ("$x'", r"'$x'\'''"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word.as_ref()), shown);
        }
    }

    #[test]
    fn names_of_files_leave_no_folder() {
        for (server, name) in [
            ("shop", "shop"),
            ("../../etc/x", "etc-x"),
            ("@a/b", "a-b"),
            ("…", "server"),
            ("..", "server"),
        ] {
            assert_eq!(file_name(server), name);
        }
    }
}
