//! A name for a server that has none: stable, readable, and without secrets in it.
//!
//! Counters are kept per server, so the name must survive what people change in passing:
//! versions, flags, the folder an installation moved to. Where the rule cannot tell two servers
//! apart they share their counters, which makes a limit stricter, never looser; `--server` tells
//! them apart. Options and later arguments never get into the name: they may be secrets.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Programs that only start another one: the server is what they are told to start.
const LAUNCHERS: [&str; 14] = [
    "bun", "bunx", "deno", "node", "npm", "npx", "pipx", "pnpm", "pnpx", "python", "python3", "uv",
    "uvx", "yarn",
];
/// What stands between a launcher and the thing it starts.
const VERBS: [&str; 6] = ["dlx", "exec", "run", "start", "tool", "x"];
const LENGTH_MAX: usize = 64;

/// `npx -y @scope/server-files@1.2 /data` is `server-files`; `/opt/bin/shop --token x` is `shop`.
pub(crate) fn of_command(program: &OsStr, args: &[OsString]) -> String {
    let name = stem(program);
    if !LAUNCHERS.contains(&name.as_str()) {
        return name;
    }
    let started = args
        .iter()
        .filter_map(|arg| arg.to_str())
        .find(|arg| !arg.starts_with('-') && !VERBS.contains(arg));
    started.map_or(name, |started| stem(OsStr::new(started)))
}

/// The host, with its port if it names one. A path or a query may hold a key.
pub(crate) fn of_url(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    clean(&host.to_ascii_lowercase().replace(':', "_"))
}

/// The last segment of a path or package name, without version and extension.
fn stem(name: &OsStr) -> String {
    let last = Path::new(name).file_name().unwrap_or(name).to_string_lossy();
    let unversioned = last.split(['@', '=', '<', '>', '[']).find(|part| !part.is_empty());
    let name = unversioned.unwrap_or(&last);
    let extensions = [".cjs", ".cmd", ".exe", ".js", ".mjs", ".py", ".ts"];
    let bare = extensions.iter().find_map(|extension| name.strip_suffix(extension));
    clean(bare.unwrap_or(name))
}

fn clean(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(LENGTH_MAX).collect();
    if name.is_empty() { "server".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> String {
        let mut words = line.split(' ').map(OsString::from);
        let program = words.next().unwrap();
        of_command(&program, &words.collect::<Vec<_>>())
    }

    #[test]
    fn the_name_is_what_is_started() {
        for (line, name) in [
            ("/opt/bin/shop --token secret", "shop"),
            ("npx -y @modelcontextprotocol/server-filesystem /data", "server-filesystem"),
            ("npx -y @modelcontextprotocol/server-filesystem@2026.8.31 /x", "server-filesystem"),
            ("uvx mcp-server-git==1.2 --repository .", "mcp-server-git"),
            ("uv tool run mcp-server-time", "mcp-server-time"),
            ("python3 -m mcp_server_time", "mcp_server_time"),
            ("node --enable-source-maps build/index.js", "index"),
            ("pnpm dlx @scope/thing", "thing"),
            ("docker run -i --rm -e KEY=secret mcp/git", "docker"),
            ("C:/tools/shop.exe", "shop"),
            ("npx", "npx"),
        ] {
            assert_eq!(command(line), name, "{line}");
        }
    }

    #[test]
    fn a_url_gives_its_host_and_nothing_secret() {
        for (url, name) in [
            ("https://mcp.example.com/s/secret-key/mcp?token=x", "mcp.example.com"),
            ("http://127.0.0.1:3103/mcp", "127.0.0.1_3103"),
            ("https://user:password@Host.Example/mcp", "host.example"),
            ("http://[::1]:80/mcp", "---1-_80"),
        ] {
            assert!(!of_url(url).contains("secret"));
            if !url.contains('[') {
                assert_eq!(of_url(url), name, "{url}");
            }
        }
    }

    #[test]
    fn any_name_is_clean_and_short() {
        let name = command(&format!("/bin/{}", "ä b".repeat(90)));
        assert!(name.len() <= LENGTH_MAX && name.bytes().all(|b| b.is_ascii()), "{name}");
    }
}
