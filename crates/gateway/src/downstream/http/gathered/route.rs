//! Where one request of a client goes.

use toolgate_json::Value;
use toolgate_protocol::gather::{ListKind, named, split};
use toolgate_protocol::{Era, Message, Side, answer};

#[derive(Debug)]
pub(super) enum Route {
    Discover,
    Introduce,
    Level,
    List(ListKind),
    Listen,
    /// To the server that the name begins with; the message as that server is to have it.
    Named {
        server: String,
        name: String,
        message: Message,
    },
    Pong,
    /// What nobody can answer.
    Refuse {
        code: i32,
        text: String,
    },
    /// To the server that gave this task.
    Task(String),
    /// To the server that has this resource.
    Uri(String),
}

impl Route {
    pub(super) fn of(message: &Message, era: Era) -> Self {
        let method = message.method().unwrap_or_default();
        match (method.as_ref(), era) {
            ("initialize", Era::Legacy) => Self::Introduce,
            ("ping", Era::Legacy) => Self::Pong,
            ("logging/setLevel", Era::Legacy) => Self::Level,
            ("server/discover", Era::Modern) => Self::Discover,
            ("subscriptions/listen", Era::Modern) => Self::Listen,
            ("prompts/get" | "tools/call", _) => {
                let name = message.params().and_then(|params| params.get("name"));
                Self::named(message, name)
            }
            ("resources/subscribe" | "resources/unsubscribe", Era::Legacy)
            | ("resources/read", _) => Self::by(message, "uri", Self::Uri),
            ("completion/complete", _) => Self::completion(message),
            ("tasks/get" | "tasks/result" | "tasks/cancel" | "tasks/update", _) => {
                Self::by(message, "taskId", Self::Task)
            }
            (listed, _) => match ListKind::of(listed) {
                Some(kind) => Self::list(message, kind),
                None => Self::unknown(listed),
            },
        }
    }

    pub(super) fn unknown(method: &str) -> Self {
        let text = format!("Method not found: {method}");
        Self::Refuse { code: answer::METHOD_NOT_FOUND, text }
    }

    fn named(message: &Message, value: Option<Value<'_>>) -> Self {
        let name = value.and_then(Value::as_str).unwrap_or_default();
        let what = if message.is_method("tools/call") { "tool" } else { "prompt" };
        let unknown = || Self::Refuse {
            code: answer::INVALID_PARAMS,
            text: format!("Unknown {what}: {name}"),
        };
        let Some((value, (server, own))) = value.zip(split(&name)) else { return unknown() };
        match Message::read(named(message.bytes(), value, own), Side::Client) {
            Ok(message) => {
                Self::Named { server: server.to_owned(), name: name.clone().into_owned(), message }
            }
            Err(_) => unknown(),
        }
    }

    fn completion(message: &Message) -> Self {
        let reference = message.params().and_then(|params| params.get("ref"));
        match reference.and_then(|reference| reference.get("name")) {
            Some(name) => Self::named(message, Some(name)),
            None => Self::uri_of(reference),
        }
    }

    fn uri_of(holder: Option<Value<'_>>) -> Self {
        match holder.and_then(|holder| holder.get("uri")?.as_str()) {
            Some(uri) => Self::Uri(uri.into_owned()),
            None => Self::missing("uri"),
        }
    }

    fn by(message: &Message, key: &str, route: impl Fn(String) -> Self) -> Self {
        let value = message.params().and_then(|params| params.get(key)?.as_str());
        value.map_or_else(|| Self::missing(key), |value| route(value.into_owned()))
    }

    fn missing(key: &str) -> Self {
        let text = format!("`{key}` must be a string");
        Self::Refuse { code: answer::INVALID_PARAMS, text }
    }

    /// All lists have one page, so no cursor is ever ours.
    fn list(message: &Message, kind: ListKind) -> Self {
        let cursor = message.params().and_then(|params| params.get("cursor"));
        match cursor.filter(|cursor| !cursor.is_null()) {
            None => Self::List(kind),
            Some(_) => Self::Refuse {
                code: answer::INVALID_PARAMS,
                text: "unknown `cursor`: the list has one page".to_owned(),
            },
        }
    }
}
