//! Files as clients write them.

use std::fs;
use std::path::Path;

use toolgate_gateway::{SecretSource, Transport, UpstreamSpec};

use super::super::target::{Source, Target};
use super::{ClientFile, read};
use crate::exit::Failure;

fn read_as(name: &str, text: &str) -> Result<ClientFile, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    read(&path)
}

/// One line for each server: how it is reached.
fn told(file: &ClientFile) -> Vec<String> {
    file.targets.iter().map(line).collect()
}

fn line(target: &Target) -> String {
    let text = |source: &SecretSource| match source {
        SecretSource::Env(name) => format!("env:{name}"),
        SecretSource::File(path) => format!("file:{}", path.display()),
        SecretSource::Plain(text) => text.clone(),
    };
    let how = match &target.source {
        Err(why) => format!("! {why}"),
        Ok(Source::Saved(_)) => "saved".to_owned(),
        Ok(Source::Live(spec)) => match &**spec {
            UpstreamSpec::Command(spec) => {
                let env = spec.env.iter().map(|one| format!("{}={} ", one.name, text(&one.source)));
                let args = spec.args.iter().map(|arg| format!(" {}", arg.display()));
                let args: String = args.collect();
                format!("{}{}{args}", env.collect::<String>(), spec.program.display())
            }
            UpstreamSpec::Url(spec) => {
                let sse = if spec.transport == Transport::Sse { " sse" } else { "" };
                let headers = spec.headers.iter();
                let headers = headers.map(|one| format!(" {}: {}", one.name, text(&one.source)));
                format!("{}{sse}{}", spec.url, headers.collect::<String>())
            }
        },
    };
    format!("{} = {how}", target.name)
}

#[test]
fn every_client_is_read() {
    let cases: [(&str, &str, &[&str]); 11] = [
        (
            "claude_desktop_config.json",
            r#"{"globalShortcut":"","mcpServers":{"files":{"command":"npx","args":["-y","s",8080],"env":{"A":"b"}}}}"#,
            &["files = A=b npx -y s 8080"],
        ),
        (
            ".mcp.json",
            r#"{"mcpServers":{"a":{"type":"http","url":"https://x/mcp","headers":{"X-Key":"${NOT_SET:-k}"}},
                "b":{"type":"sse","url":"https://x/b"}}}"#,
            &["a = https://x/mcp X-Key: k", "b = https://x/b sse"],
        ),
        (
            ".claude.json",
            r#"{"mcpServers":{"a":{"command":"x"}},"projects":{"/p/one":{"mcpServers":{"a":{"command":"y"},"c":{"command":"z"}}},"/p/two":{}}}"#,
            &["a = x", "a@one = y", "c = z"],
        ),
        (
            ".cursor/mcp.json",
            r#"{"mcpServers":{"a":{"command":"x","env":{"N":1,"T":true,"no":null}}}}"#,
            &["a = N=1 T=true x"],
        ),
        (
            ".vscode/mcp.json",
            "{\n  // mine\n  \"inputs\": [],\n  \"servers\": {\n    \"a\": {\"type\":\"stdio\",\"command\":\"x\",},\n    \"b\": {\"command\":\"x\",\"env\":{\"K\":\"${input:key}\"}},\n  },\n}",
            &["a = x", "b = ! it needs the input `key`, which only its client asks for"],
        ),
        ("settings.json", r#"{"mcp":{"servers":{"a":{"command":"x"}}}}"#, &["a = x"]),
        (
            ".gemini/settings.json",
            r#"{"mcpServers":{"a":{"httpUrl":"https://x/mcp"},"b":{"url":"https://x/old"}}}"#,
            &["a = https://x/mcp", "b = https://x/old sse"],
        ),
        (
            "mcp_config.json",
            r#"{"mcpServers":{"a":{"serverUrl":"https://x/sse?k=1"}}}"#,
            &["a = https://x/sse?k=1 sse"],
        ),
        (
            "zed/settings.json",
            r#"{"theme":"One","context_servers":{"a":{"source":"custom","command":"x","args":["y"]},
                "b":{"command":{"path":"x","args":["z"],"env":{"A":"b"}}},"c":{"source":"extension","settings":{}}}}"#,
            &[
                "a = x y",
                "b = A=b x z",
                "c = ! an extension of its client starts it: there is no command in the file",
            ],
        ),
        (
            "config.toml",
            "model = \"o\"\n[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"-y\", \"s\"]\n[mcp_servers.a.env]\nK = 'v'\n[mcp_servers.\"b c\"]\nurl = \"https://x/mcp\"\nhttp_headers = { \"X-A\" = \"1\" }\nenv_http_headers = { \"X-B\" = \"HOME\" }\n",
            &["a = K=v npx -y s", "b c = https://x/mcp X-A: 1 X-B: env:HOME"],
        ),
        (
            "opencode.json",
            r#"{"mcp":{"a":{"type":"local","command":["x","y"],"environment":{"A":"b"}},"b":{"type":"remote","url":"https://x"}}}"#,
            &["a = A=b x y", "b = https://x"],
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(told(&read_as(name, text).unwrap()), expected, "{name}");
    }
}

#[test]
fn our_own_configuration_is_a_client_too() {
    let yaml =
        "servers:\n  a: {command: [x, y], env: {TOKEN: secret-of-a}}\n  b: {url: https://x/mcp}\n";
    let json = r#"{"servers":{"a":{"command":["x","y"],"env":{"TOKEN":"secret-of-a"}},"b":{"url":"https://x/mcp"}}}"#;
    for (name, text) in [("toolgate.yaml", yaml), ("toolgate.json", json)] {
        let file = read_as(name, text).unwrap();
        assert_eq!(told(&file), ["a = TOKEN=secret-of-a x y", "b = https://x/mcp"], "{name}");
        assert_eq!(file.targets[0].secrets.hide("secret-of-a"), "…");
    }
}

#[test]
fn what_is_disabled_is_only_named() {
    let text = r#"{"mcpServers":{"a":{"command":"x"},"b":{"command":"x","disabled":true},"c":{"enabled":false}}}"#;
    let file = read_as("mcp.json", text).unwrap();
    assert_eq!(told(&file), ["a = x"]);
    assert_eq!(file.disabled, ["b", "c"]);
}

#[test]
fn a_server_knows_its_line() {
    let json =
        "{\"mcpServers\": {\n  \"a\": {\"command\": \"x\"},\n  \"b\": {\"command\": \"x\"}}}";
    let lines = |file: ClientFile| -> Vec<usize> {
        file.targets.iter().map(|target| target.place.as_ref().unwrap().line).collect()
    };
    assert_eq!(lines(read_as("mcp.json", json).unwrap()), [2, 3]);
    let toml = "x = 1\n\n[mcp_servers.a]\ncommand = \"x\"\n[mcp_servers.\"b\"]\ncommand = \"x\"\n";
    assert_eq!(lines(read_as("config.toml", toml).unwrap()), [3, 5]);
}

#[test]
fn a_project_starts_its_servers_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".vscode/mcp.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, r#"{"servers":{"a":{"command":"${workspaceFolder}/x"}}}"#).unwrap();
    let file = read(&path).unwrap();
    let Ok(Source::Live(spec)) = &file.targets[0].source else { panic!("{file:?}") };
    let UpstreamSpec::Command(command) = &**spec else { panic!("{spec:?}") };
    assert_eq!(command.cwd.as_deref(), Some(folder.path()));
    assert_eq!(Path::new(&command.program), folder.path().join("x"));
}

#[test]
fn a_file_without_servers_says_where_they_would_be() {
    for (name, text, said) in [
        ("a.json", "{}", "`mcpServers`"),
        ("a.json", "[1]", "`mcpServers`"),
        ("a.json", "{\"mcpServers\": {}}", "names no server"),
        ("a.json", "{\"mcpServers\":{\"a\":{\"disabled\":true}}}", "all are disabled"),
        ("a.json", "{\n\n  \"mcpServers\": oh no", "line 3"),
        ("a.toml", "a = 1\nb = \n", "line 2"),
        ("a.toml", "a = 1\n", "`mcp_servers`"),
        ("toolgate.yaml", "listen: 127.0.0.1:1\n", "names no server"),
    ] {
        let failure = read_as(name, text).unwrap_err();
        assert!(failure.text.contains(said), "{name}: {}", failure.text);
        assert!(failure.text.contains(name), "{}", failure.text);
    }
    assert!(read(Path::new("/nowhere/mcp.json")).unwrap_err().text.contains("/nowhere/mcp.json"));
}

#[test]
fn no_message_repeats_a_value() {
    let text = r#"{"mcpServers":{"a":{"command":{"x":"hunter2-hunter2"}},
        "b":{"command":"x","args":[["hunter2-hunter2"]]},"c":{"key":"hunter2-hunter2"}}}"#;
    for line in told(&read_as("mcp.json", text).unwrap()) {
        assert!(line.contains("= ! ") && !line.contains("hunter2"), "{line}");
    }
}
