//! Every key of `toolgate.yaml`.

use toolgate_policy::document::outline::{
    About, Manner, Named, Notation, Refused, Shape, Table, may,
};

use super::form::Written;
use super::host::{Host, Origin};
use super::listen::Address;
use super::name::{SERVER_PATTERN, check_server};
use super::tls::FILE;
use super::{auth, console, limits, server, telemetry, tls};

pub(crate) static NOTATION: Notation = Notation {
    what: "configuration",
    shortest: "servers: {shop: {command: [npx, -y, my-mcp]}}",
    root: &CONFIG,
    tables: &TABLES,
    refused: &[
        Refused {
            key: "Authorization",
            message: "unknown key `Authorization`",
            help: "write it under `headers`: `headers: {Authorization: env:VARIABLE}`",
        },
        Refused {
            key: "args",
            message: "unknown key `args`",
            help: "arguments stand behind the program: `command: [npx, -y, my-mcp]`",
        },
        Refused {
            key: "default",
            message: "unknown key `default`",
            help: "is this a policy? `toolgate check FILE`, without `--config`, reads it",
        },
        Refused {
            key: "mcpServers",
            message: "unknown key `mcpServers`",
            help: "did you mean `servers`? A server here has its arguments in `command`",
        },
        Refused {
            key: "policy",
            message: "unknown key `policy`",
            help: "policies belong to grants: `toolgate grant add NAME --server S --policy F`",
        },
    ],
    holds_secrets: true,
    about: About {
        id: "https://toolgate.dev/schema/toolgate.schema.json",
        title: "toolgate configuration",
        description: "How the gateway runs, and the MCP servers behind it.",
    },
};

static TABLES: [&Table; 12] = [
    &CONFIG,
    &server::TABLE,
    &limits::TABLE,
    &tls::TABLE,
    &auth::TABLE,
    &auth::JWT,
    &auth::CLAIM,
    &telemetry::TABLE,
    &console::TABLE,
    &server::command::SANDBOX,
    &server::command::RESOURCES,
    &server::oauth::OAUTH,
];

static CONFIG: Table = Table {
    name: "config",
    place: "at the top of the document",
    keys: &[
        may(
            "$schema",
            Shape::Text(Manner::Free),
            "Where an editor finds the schema of this document. Not read.",
        ),
        may(
            "listen",
            Shape::Form(&Written(Address)),
            "Where clients connect: `127.0.0.1:8480` if absent, `unix:PATH`; port 0 is a free one.",
        ),
        may("state", FILE, "The state directory; `--state` wins."),
        may(
            "durability",
            Shape::Choice(&["full", "normal"]),
            "What records survive: loss of power, `full`, or of the process; `full` if absent.",
        ),
        may(
            "hosts",
            Shape::List(&Shape::Form(&Written(Host))),
            "Further names by which clients call the gateway, in `Host` and `Origin`.",
        ),
        may(
            "origins",
            Shape::List(&Shape::Form(&Written(Origin))),
            "Web pages that may call the gateway: `https://app.example.com`.",
        ),
        may("tls", Shape::Object(&tls::TABLE), "The certificate that clients see."),
        may("auth", Shape::Object(&auth::TABLE), "Who else may call than holders of grant tokens."),
        may("organization_policy", FILE, "A policy that narrows every grant."),
        may("limits", Shape::Object(&limits::TABLE), "How much of everything, and how long."),
        may("telemetry", Shape::Object(&telemetry::TABLE), "What others may watch."),
        may(
            "console",
            Shape::Object(&console::TABLE),
            "Where people look and answer; nowhere if absent, `{}` for the usual place.",
        ),
        may("servers", SERVERS, "The MCP servers behind the gateway, each under its name."),
    ],
};

const SERVERS: Shape = Shape::Named(&Named {
    pattern: SERVER_PATTERN,
    check: check_server,
    value: Shape::Object(&server::TABLE),
});
