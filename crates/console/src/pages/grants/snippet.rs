//! What to write where, so that a client comes through the gateway: ready to copy.

use crate::json::{Object, array, string};

/// For one client.
#[derive(Debug)]
pub(super) struct Snippet {
    pub(super) client: &'static str,
    /// The file it belongs in, or what to do with it.
    pub(super) place: &'static str,
    pub(super) text: String,
    pub(super) remark: &'static str,
}

/// How a client reaches the gateway.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// What the client will call it.
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    pub(super) token: &'a str,
}

const BRIDGE: &str = "Claude Desktop reaches only public addresses by itself: `mcp-remote`, a \
                      program by others that npx fetches, stands in between.";

pub(super) fn all(way: &Way<'_>) -> Vec<Snippet> {
    let &Way { name, url, token } = way;
    let snippet = |client, place, text| Snippet { client, place, text, remark: "" };
    let under = |key: &str, entry: Object| {
        let named = Object::new().raw(name, &entry.finish()).finish();
        laid_out(&Object::new().raw(key, &named).finish())
    };
    let headers = || Object::new().text("Authorization", &format!("Bearer {token}")).finish();
    let entry = |object: Object, key: &str| object.text(key, url).raw("headers", &headers());
    let http = || entry(Object::new().text("type", "http"), "url");
    let header = format!("\"Authorization: Bearer {token}\"");
    let claude = format!("claude mcp add --transport http {name} {url} --header {header}\n");
    let desktop = ["-y", "mcp-remote", url, "--header", "Authorization:${TOOLGATE}"];
    let desktop = Object::new()
        .text("command", "npx")
        .raw("args", &array(desktop.map(string)))
        .raw("env", &Object::new().text("TOOLGATE", &format!("Bearer {token}")).finish());
    let codex = format!(
        "[mcp_servers.{name}]\nurl = \"{url}\"\n\
         http_headers = {{ Authorization = \"Bearer {token}\" }}\n"
    );
    vec![
        snippet("Claude Code", "in a terminal", claude),
        Snippet {
            remark: BRIDGE,
            ..snippet("Claude Desktop", "claude_desktop_config.json", under("mcpServers", desktop))
        },
        snippet("Cursor", "~/.cursor/mcp.json", under("mcpServers", entry(Object::new(), "url"))),
        snippet("VS Code", ".vscode/mcp.json, or the user's mcp.json", under("servers", http())),
        snippet("Codex", "~/.codex/config.toml", codex),
        snippet(
            "Gemini CLI",
            "~/.gemini/settings.json",
            under("mcpServers", entry(Object::new(), "httpUrl")),
        ),
        snippet(
            "Windsurf",
            "~/.codeium/windsurf/mcp_config.json",
            under("mcpServers", entry(Object::new(), "serverUrl")),
        ),
        snippet(
            "Zed",
            "~/.config/zed/settings.json",
            under("context_servers", entry(Object::new(), "url")),
        ),
        snippet("Any other", "as JSON", under("mcpServers", http())),
    ]
}

/// JSON of ours over several lines.
fn laid_out(json: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    for c in json.chars() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(c);
            }
            ',' if out.ends_with(['"', '}', ']']) && !within_array(&out) => {
                out.push(c);
                line(&mut out, depth);
            }
            ',' => out.push_str(", "),
            ':' => out.push_str(": "),
            '"' => {
                quoted = true;
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}

/// Lists stay on one line: none of ours is long or nested.
fn within_array(out: &str) -> bool {
    out.rfind('[').is_some_and(|open| out.rfind(']').is_none_or(|close| close < open))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use toolgate_json::{Document, Reading, Value};

    use super::*;

    #[test]
    fn every_snippet_names_the_address_and_the_token_as_its_client_reads_them() {
        let way = Way { name: "shop", url: "http://127.0.0.1:8480/mcp/shop", token: "tgt_0" };
        let paths = [
            ("Claude Desktop", vec!["mcpServers", "shop", "env", "TOOLGATE"]),
            ("Cursor", vec!["mcpServers", "shop", "url"]),
            ("VS Code", vec!["servers", "shop", "url"]),
            ("Gemini CLI", vec!["mcpServers", "shop", "httpUrl"]),
            ("Windsurf", vec!["mcpServers", "shop", "serverUrl"]),
            ("Zed", vec!["context_servers", "shop", "url"]),
            ("Any other", vec!["mcpServers", "shop", "headers", "Authorization"]),
        ];
        let all = all(&way);
        assert!(all.iter().all(|one| one.text.contains(way.url) && one.text.contains("tgt_0")));
        for (client, path) in paths {
            let one = all.iter().find(|one| one.client == client).unwrap();
            let text = Bytes::from(one.text.clone());
            let document = Document::parse(text, Reading::Strict).unwrap();
            let value = path.iter().try_fold(document.root(), |value, key| value.get(key));
            let value = value.and_then(Value::as_str).unwrap().into_owned();
            assert!(value == way.url || value == "Bearer tgt_0", "{client}: {value}");
        }
    }
}
