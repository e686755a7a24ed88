//! The messages that are sent, and what must become of each.

use serde_json::{Value, json};
use toolgate_testkit::{MODERN_VERSION, modern_params};

use super::attack;
use super::breaks::{BREAKS, Break, HOLE, SPOTS, Spot};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    Legacy,
    Modern,
}

/// One message as it goes over the wire.
#[derive(Debug)]
pub(super) struct Sent {
    /// For reports: which message, which break, where.
    pub(super) label: String,
    pub(super) text: String,
    pub(super) method: &'static str,
    /// Missing for notifications.
    pub(super) id: Option<Value>,
    /// The headers that mirror the body, in the modern era.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The server sees exactly this message: its mark, and what `echo` had to say back.
    Passes { mark: String, echo: Option<String> },
    /// The gate refuses it: it is not JSON.
    Refused,
}

/// One message of the corpus, without breaks.
struct Template {
    method: &'static str,
    params: Value,
    asks: bool,
    /// Whether the era of 2026-07-28 still has the method.
    modern: bool,
}

fn ask(method: &'static str, params: Value, modern: bool) -> Template {
    Template { method, params, asks: true, modern }
}

fn tell(method: &'static str, params: Value) -> Template {
    Template { method, params, asks: false, modern: false }
}

/// Each carries its mark in `_meta.mark`; `echo` says it back.
fn templates(mark: &str) -> Vec<Template> {
    let said = |more: Value| {
        let mut arguments = more;
        arguments["message"] = json!(mark);
        json!({"name": "echo", "arguments": arguments})
    };
    let deep = json!({"list": [1, 2.5, -3e2, [true, false, null]], "of": {"a": {"b": "c"}}});
    let mut watched = said(json!({}));
    watched["_meta"] = json!({"progressToken": "token"});
    vec![
        ask("tools/call", said(json!({})), true),
        ask("tools/call", said(deep), true),
        ask("tools/call", said(json!({"quoted": "\"\\{[:,]}"})), true),
        ask("tools/call", watched, true),
        ask("tools/call", json!({"name": "get-sum", "arguments": {"a": 1, "b": 2.5}}), true),
        ask("tools/list", json!({}), true),
        ask("resources/list", json!({}), true),
        ask("prompts/list", json!({}), true),
        ask("ping", json!({}), false),
        ask("logging/setLevel", json!({"level": "info"}), false),
        tell("notifications/roots/list_changed", json!({})),
        tell("notifications/progress", json!({"progressToken": 7, "progress": 1})),
    ]
}

/// The attacks, then every message with every break at every spot.
pub(super) fn all(era: Era) -> Vec<Sent> {
    let mut corpus = Vec::new();
    attack::add(era, &mut corpus);
    for line_break in BREAKS {
        for &spot in SPOTS {
            add_messages(era, line_break, spot, &mut corpus);
        }
    }
    corpus
}

fn add_messages(era: Era, line_break: &Break, spot: Spot, corpus: &mut Vec<Sent>) {
    for number in 0..templates("").len() {
        let mark = format!("mark {}{HOLE}end", corpus.len());
        let template = templates(&mark).swap_remove(number);
        if era == Era::Legacy || template.modern {
            let sent = template.sent(era, &mark, corpus.len());
            corpus.push(sent.broken_by(line_break, spot));
        }
    }
}

/// A call of `echo`, to say something with and to end a session with.
pub(super) fn echo(era: Era, message: &str, number: usize) -> Sent {
    let params = json!({"name": "echo", "arguments": {"message": message}});
    ask("tools/call", params, true).sent(era, message, number)
}

impl Template {
    fn sent(self, era: Era, mark: &str, number: usize) -> Sent {
        let mut params = self.params;
        let headers = mirrored(era, self.method, &params);
        params["_meta"]["mark"] = json!(mark);
        if era == Era::Modern {
            params = modern_params(&params, &json!({}));
        }
        let mut message = json!({"jsonrpc": "2.0", "method": self.method, "params": params});
        let id = self.asks.then(|| json!(format!("id {number}")));
        if let Some(id) = &id {
            message["id"] = id.clone();
        }
        let echo = message["params"]["arguments"]["message"].as_str().map(str::to_owned);
        Sent {
            label: format!("{number} {}", self.method),
            text: message.to_string(),
            method: self.method,
            id,
            headers,
            fate: Fate::Passes { mark: mark.to_owned(), echo },
        }
    }
}

impl Sent {
    /// With the break in its holes or between its tokens.
    fn broken_by(mut self, line_break: &Break, spot: Spot) -> Self {
        self.label = format!("{}, {} {spot:?}", self.label, line_break.name).to_lowercase();
        self.text = line_break.put(spot, &self.text);
        self.fate = match self.fate {
            Fate::Passes { mark, echo } if line_break.is_json(spot) => Fate::Passes {
                mark: line_break.read(spot, &mark),
                echo: echo.map(|echo| line_break.read(spot, &echo)),
            },
            Fate::Passes { .. } | Fate::Refused => Fate::Refused,
        };
        self
    }
}

fn mirrored(era: Era, method: &str, params: &Value) -> Vec<(&'static str, String)> {
    if era == Era::Legacy {
        return Vec::new();
    }
    let mut headers = vec![
        ("mcp-protocol-version", MODERN_VERSION.to_owned()),
        ("mcp-method", method.to_owned()),
    ];
    headers.extend(params["name"].as_str().map(|name| ("mcp-name", name.to_owned())));
    headers
}
