//! The method table holds every method that MCP ever had, and nothing passes beside it.

use std::collections::BTreeSet;

use toolgate_protocol::method::{TABLE, Treatment, treatment};
use toolgate_protocol::{MessageKind, Side};

use MessageKind::{Notification, Request};
use Side::{Client, Server};

/// From the schemas of the five revisions and of the tasks extension.
const KNOWN: &[(Side, MessageKind, &[&str])] = &[
    (
        Client,
        Request,
        &[
            "completion/complete",
            "initialize",
            "logging/setLevel",
            "ping",
            "prompts/get",
            "prompts/list",
            "resources/list",
            "resources/read",
            "resources/subscribe",
            "resources/templates/list",
            "resources/unsubscribe",
            "server/discover",
            "subscriptions/listen",
            "tasks/cancel",
            "tasks/get",
            "tasks/list",
            "tasks/result",
            "tasks/update",
            "tools/call",
            "tools/list",
        ],
    ),
    (
        Client,
        Notification,
        &[
            "notifications/cancelled",
            "notifications/initialized",
            "notifications/progress",
            "notifications/roots/list_changed",
            "notifications/tasks/status",
        ],
    ),
    (
        Server,
        Request,
        &[
            "elicitation/create",
            "ping",
            "roots/list",
            "sampling/createMessage",
            "tasks/cancel",
            "tasks/get",
            "tasks/list",
            "tasks/result",
        ],
    ),
    (
        Server,
        Notification,
        &[
            "notifications/cancelled",
            "notifications/elicitation/complete",
            "notifications/message",
            "notifications/progress",
            "notifications/prompts/list_changed",
            "notifications/resources/list_changed",
            "notifications/resources/updated",
            "notifications/subscriptions/acknowledged",
            "notifications/tasks",
            "notifications/tasks/status",
            "notifications/tools/list_changed",
        ],
    ),
];

#[test]
fn the_table_holds_every_method_of_every_revision_and_no_other() {
    for (from, kind, methods) in KNOWN {
        let rows = TABLE.iter().filter(|row| row.from == *from && row.kind == *kind);
        let rows: Vec<&str> = rows.map(|row| row.method).collect();
        let unique: BTreeSet<&str> = rows.iter().copied().collect();
        assert_eq!(unique.len(), rows.len(), "a row stands twice");
        assert_eq!(unique, methods.iter().copied().collect(), "{from:?} {kind:?}");
    }
    let known: usize = KNOWN.iter().map(|(_, _, methods)| methods.len()).sum();
    assert_eq!(TABLE.len(), known);
}

#[test]
fn uses_are_decided_lists_filtered_and_the_rest_relayed() {
    for row in TABLE {
        let expected = match (row.from, row.method) {
            (Client, "tools/call") => Treatment::Decide,
            (
                Client,
                "prompts/list" | "resources/list" | "resources/templates/list" | "tools/list",
            ) => Treatment::Filter,
            (
                Client,
                "completion/complete"
                | "prompts/get"
                | "resources/read"
                | "resources/subscribe"
                | "subscriptions/listen",
            )
            | (Server, "elicitation/create" | "roots/list" | "sampling/createMessage") => {
                Treatment::DecideOrRelay
            }
            _ => Treatment::Relay,
        };
        assert_eq!(row.treatment, expected, "{}", row.method);
        assert_eq!(treatment(row.from, row.kind, row.method), expected);
    }
}

#[test]
fn what_is_not_in_the_table_is_refused() {
    let near = [
        "tools/Call",
        "tools/call ",
        " tools/call",
        "tools//call",
        "TOOLS/CALL",
        "tools/call\0",
        "tools/call/",
        "tools",
        "",
        "x/y",
        "notifications/",
        "notifications/tools/call",
        "tools\u{2215}call",
        "tool\u{17f}/call",
    ];
    for from in [Client, Server] {
        for kind in [Notification, Request, MessageKind::Response] {
            for method in near {
                assert_eq!(treatment(from, kind, method), Treatment::Refuse, "{method:?}");
            }
        }
    }
}

#[test]
fn a_method_passes_only_from_its_side_and_in_its_form() {
    assert_eq!(treatment(Server, Request, "tools/call"), Treatment::Refuse);
    assert_eq!(treatment(Client, Notification, "tools/call"), Treatment::Refuse);
    assert_eq!(treatment(Client, MessageKind::Response, "tools/list"), Treatment::Refuse);
    assert_eq!(treatment(Client, Request, "sampling/createMessage"), Treatment::Refuse);
    assert_eq!(treatment(Server, Request, "notifications/message"), Treatment::Refuse);
}
