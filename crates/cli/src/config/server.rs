//! `servers`: what stands behind the gateway.

mod command;
mod oauth;
mod remote;

use toolgate_policy::document::outline::{Member, Node, Shape, Table, Value, may};

pub(crate) use command::{Command, RESOURCES, Resources, SANDBOX};
pub(crate) use oauth::OAUTH;
pub(crate) use remote::{Remote, Transport};

use super::reading::Reading;
use super::secret::Show;
use crate::json::Object;

/// One registered upstream server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) reach: Reach,
    pub(crate) tools_changed: ToolsChanged,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Command(Command),
    Url(Remote),
}

/// What happens when a server's tools are no longer what they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolsChanged {
    Allow,
    AllowNarrowing,
    Block,
}

pub(crate) static TABLE: Table = Table {
    name: "server",
    place: "directly under a server",
    keys: &[
        command::COMMAND,
        command::ENV,
        command::CWD,
        command::SHARED,
        command::INHERIT_ENV,
        command::SANDBOX_KEY,
        command::RESOURCES_KEY,
        command::START_TIMEOUT,
        command::IDLE_TIMEOUT,
        remote::URL,
        remote::TRANSPORT,
        remote::HEADERS,
        remote::AUTH,
        may(
            "tools_changed",
            Shape::Choice(&["block", "allow_narrowing", "allow"]),
            "What happens to tools whose definition changed; `block` if absent.",
        ),
    ],
};

/// Keys for servers that are started here.
const FOR_COMMANDS: [&str; 8] = [
    "env",
    "cwd",
    "shared",
    "inherit_env",
    "sandbox",
    "resources",
    "start_timeout",
    "idle_timeout",
];
/// Keys for servers that are elsewhere.
const FOR_URLS: [&str; 3] = ["transport", "headers", "auth"];

impl Server {
    /// The server at `node`. `name` is where it stands, for what is missing.
    pub(crate) fn read(node: &Node, name: &Member, reading: &mut Reading<'_>) -> Option<Self> {
        let reach = match (node.member("command"), node.member("url")) {
            (Some(_), Some(url)) => {
                reading
                    .findings
                    .error(url.key_span, "a server has one of `command` and `url`, not both")
                    .help("for two servers, write two entries");
                return None;
            }
            (Some(_), None) => {
                refuse(node, &FOR_URLS, "`url`", "`command`", reading);
                Command::read(node, reading).map(Reach::Command)
            }
            (None, Some(_)) => {
                refuse(node, &FOR_COMMANDS, "`command`", "`url`", reading);
                Remote::read(node, reading).map(Reach::Url)
            }
            (None, None) => {
                refuse_unreachable(node, name, reading);
                return None;
            }
        };
        let tools_changed = match node.get("tools_changed").and_then(Node::text) {
            Some("allow") => ToolsChanged::Allow,
            Some("allow_narrowing") => ToolsChanged::AllowNarrowing,
            _ => ToolsChanged::Block,
        };
        Some(Self { reach: reach?, tools_changed })
    }

    /// The canonical form: what [`server_from_json`](super::server_from_json) reads.
    pub(crate) fn to_json(&self) -> String {
        self.json(Show::All)
    }

    /// For people: plain secrets are left out.
    pub(crate) fn shown(&self) -> String {
        self.json(Show::NoSecrets)
    }

    pub(super) fn json(&self, show: Show) -> String {
        let object = match &self.reach {
            Reach::Command(command) => command.json(Object::new(), show),
            Reach::Url(remote) => remote.json(Object::new(), show),
        };
        let tools_changed = match self.tools_changed {
            ToolsChanged::Allow => "allow",
            ToolsChanged::AllowNarrowing => "allow_narrowing",
            ToolsChanged::Block => "block",
        };
        object.text("tools_changed", tools_changed).finish()
    }
}

/// Reports keys that belong to the other kind of server.
fn refuse(node: &Node, keys: &[&str], theirs: &str, ours: &str, reading: &mut Reading<'_>) {
    for member in node.members().iter().filter(|member| keys.contains(&member.key.as_str())) {
        let help = match member.key.as_str() {
            "headers" | "auth" => "a command gets its secrets from `env`".to_owned(),
            "env" => "a server with `url` gets its secrets from `headers` or `auth`".to_owned(),
            _ => "remove it".to_owned(),
        };
        let message = format!("`{}` is for servers with {theirs}, not {ours}", member.key);
        reading.findings.error(member.key_span, message).help(help);
    }
}

/// Where a key is mistyped, that is reported and this is not.
fn refuse_unreachable(node: &Node, name: &Member, reading: &mut Reading<'_>) {
    let mistyped =
        node.members().iter().any(|member| !TABLE.keys.iter().any(|key| key.name == member.key));
    if matches!(node.value, Value::Map(_)) && !mistyped {
        reading
            .findings
            .error(
                name.key_span,
                format!("the server `{}` has no `command` and no `url`", name.key),
            )
            .help("write `command: [npx, -y, my-mcp]` or `url: https://example.com/mcp`");
    }
}
