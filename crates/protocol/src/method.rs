//! Every method of every revision, and what becomes of it: the only list of what may pass.

use crate::message::{MessageKind, Side};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// A policy decides.
    Decide,
    /// A policy decides if it has a say in such messages; else it goes through.
    DecideOrRelay,
    /// Goes up; what comes back is filtered.
    Filter,
    /// Goes through.
    Relay,
    /// Goes nowhere.
    Refuse,
}

/// One method in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub method: &'static str,
    pub from: Side,
    pub kind: MessageKind,
    pub treatment: Treatment,
}

/// What becomes of a request or a notification. What is not in the table is refused; responses
/// have no method and belong to the request with their id.
pub fn treatment(from: Side, kind: MessageKind, method: &str) -> Treatment {
    let row = TABLE.iter().find(|r| r.from == from && r.kind == kind && r.method == method);
    row.map_or(Treatment::Refuse, |row| row.treatment)
}

const fn ask(method: &'static str, treatment: Treatment) -> Row {
    Row { method, from: Side::Client, kind: MessageKind::Request, treatment }
}

const fn tell(method: &'static str) -> Row {
    let kind = MessageKind::Notification;
    Row { method, from: Side::Client, kind, treatment: Treatment::Relay }
}

const fn ask_back(method: &'static str, treatment: Treatment) -> Row {
    Row { method, from: Side::Server, kind: MessageKind::Request, treatment }
}

const fn tell_back(method: &'static str) -> Row {
    let kind = MessageKind::Notification;
    Row { method, from: Side::Server, kind, treatment: Treatment::Relay }
}

/// MCP 2024-11-05 to 2026-07-28, with the tasks extension.
pub const TABLE: &[Row] = &[
    ask("tools/call", Treatment::Decide),
    ask("tools/list", Treatment::Filter),
    ask("initialize", Treatment::Relay),
    ask("ping", Treatment::Relay),
    ask("server/discover", Treatment::Relay),
    ask("subscriptions/listen", Treatment::DecideOrRelay),
    ask("resources/list", Treatment::Filter),
    ask("resources/templates/list", Treatment::Filter),
    ask("resources/read", Treatment::DecideOrRelay),
    ask("resources/subscribe", Treatment::DecideOrRelay),
    ask("resources/unsubscribe", Treatment::Relay),
    ask("prompts/list", Treatment::Filter),
    ask("prompts/get", Treatment::DecideOrRelay),
    ask("completion/complete", Treatment::DecideOrRelay),
    ask("logging/setLevel", Treatment::Relay),
    ask("tasks/get", Treatment::Relay),
    ask("tasks/result", Treatment::Relay),
    ask("tasks/list", Treatment::Relay),
    ask("tasks/cancel", Treatment::Relay),
    ask("tasks/update", Treatment::Relay),
    tell("notifications/initialized"),
    tell("notifications/cancelled"),
    tell("notifications/progress"),
    tell("notifications/roots/list_changed"),
    tell("notifications/tasks/status"),
    ask_back("ping", Treatment::Relay),
    ask_back("roots/list", Treatment::DecideOrRelay),
    ask_back("sampling/createMessage", Treatment::DecideOrRelay),
    ask_back("elicitation/create", Treatment::DecideOrRelay),
    // 2025-11-25: the client may run sampling and elicitation as tasks.
    ask_back("tasks/get", Treatment::Relay),
    ask_back("tasks/result", Treatment::Relay),
    ask_back("tasks/list", Treatment::Relay),
    ask_back("tasks/cancel", Treatment::Relay),
    tell_back("notifications/cancelled"),
    tell_back("notifications/progress"),
    tell_back("notifications/message"),
    tell_back("notifications/resources/updated"),
    tell_back("notifications/resources/list_changed"),
    tell_back("notifications/tools/list_changed"),
    tell_back("notifications/prompts/list_changed"),
    tell_back("notifications/elicitation/complete"),
    tell_back("notifications/tasks/status"),
    tell_back("notifications/tasks"),
    tell_back("notifications/subscriptions/acknowledged"),
];
