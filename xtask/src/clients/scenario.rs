//! The policies of the suite, what is done under each, and what must come of it.

use serde_json::{Value, json};

use super::client::Client;
use super::server::Server;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The tool ran and said this.
    Allowed(&'static str),
    /// A normal result that says it was refused, for good.
    Denied,
    /// A normal result that says when to come again.
    Limited,
    /// The list has `echo`; it has `get-sum` if that is not hidden.
    Listed { sum: bool },
    /// A normal result that says which approval it waits for.
    Pending,
    /// An answer of whatever kind.
    Pong,
    /// The tool ran, and its progress was heard in order: the first steps, or all of them.
    Progress { steps: usize, all: bool },
    /// All at once: so many ran, and for the rest it was said when to come again.
    Together { allowed: usize, limited: usize },
    /// As if the server had never heard of the tool.
    Unknown,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    act: Value,
    pub(crate) expected: Expected,
}

/// One policy of `tests/clients/policies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Allows the tools that ask the client back, or that report progress.
    Asks,
    /// The catalogue's recommendation for `run-model`, with another tool's name.
    Catalogue,
    /// The gateway's recommendation for `run`, with another tool's name.
    Gateway,
    /// Each with a hidden tool, and with less to wait for.
    HiddenJson,
    HiddenYaml,
    /// No gate: only what every server does by itself.
    None,
}

impl Policy {
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Asks => "asks.json",
            Self::Catalogue => "catalogue.yaml",
            Self::Gateway => "gateway.json",
            Self::HiddenJson => "hidden.json",
            Self::HiddenYaml => "hidden.yaml",
            Self::None => "none",
        }
    }

    /// What is done under the policy. A call without its required argument comes before the
    /// list: the gate has to find out by itself what is required.
    pub(crate) fn steps(self, client: &Client, server: &Server) -> Vec<Step> {
        let mut steps = Steps::default();
        match self {
            Self::Asks => steps.questions(client),
            Self::Catalogue => {
                steps.call("echo", "{}", Expected::Denied);
                steps.list(Expected::Listed { sum: true });
                steps.echo_until_limited(10);
                steps.call("echo", r#"{"other":"x"}"#, Expected::Denied);
                steps.call("get-sum", r#"{"a":1,"b":2}"#, Expected::Allowed("3"));
            }
            Self::Gateway => {
                steps.list(Expected::Listed { sum: true });
                steps.denied(server);
                steps.call("get-sum", r#"{"a":1,"b":2}"#, Expected::Denied);
                if client.connects_per_step {
                    steps.echo_until_limited(10);
                } else {
                    steps.echo_together(10, 6);
                }
                steps.denied(server);
            }
            Self::HiddenJson | Self::HiddenYaml => {
                steps.call("get-sum", r#"{"a":1,"b":2}"#, Expected::Unknown);
                steps.list(Expected::Listed { sum: false });
                steps.call("get-sum", r#"{"a":1,"b":2}"#, Expected::Unknown);
                if self == Self::HiddenYaml {
                    steps.call("echo", "{}", Expected::Denied);
                }
                steps.denied(server);
                steps.echo_until_limited(2);
            }
            Self::None => {
                steps.list(Expected::Listed { sum: true });
                steps.call("echo", r#"{"message":"hello"}"#, Expected::Allowed("hello"));
                steps.call("get-sum", r#"{"a":1,"b":2}"#, Expected::Allowed("3"));
            }
        }
        steps.0
    }
}

impl Step {
    /// The step as the clients read it.
    pub(crate) fn plan(&self) -> Value {
        let mut plan = self.act.clone();
        plan["step"] = json!(self.name);
        plan
    }

    pub(crate) fn ping() -> Self {
        Self { name: "ping".to_owned(), act: json!({"do": "ping"}), expected: Expected::Pong }
    }
}

#[derive(Default)]
struct Steps(Vec<Step>);

impl Steps {
    fn push(&mut self, what: &str, act: Value, expected: Expected) {
        let name = format!("{} {what}", self.0.len() + 1);
        self.0.push(Step { name, act, expected });
    }

    fn list(&mut self, expected: Expected) {
        self.push("list", json!({"do": "list"}), expected);
    }

    fn call(&mut self, tool: &str, arguments: &str, expected: Expected) {
        let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
        let what = format!("{tool} {arguments}");
        self.push(&what, json!({"do": "call", "tool": tool, "arguments": arguments}), expected);
    }

    fn denied(&mut self, server: &Server) {
        for (tool, arguments) in server.others {
            self.call(tool, arguments, Expected::Denied);
        }
    }

    /// A server may ask the client while a call runs; since 2026-07-28, by another round.
    fn questions(&mut self, client: &Client) {
        for (kind, answer) in [
            ("elicitation", r#""sure":true"#),
            ("roots", "file:///nowhere"),
            ("sampling", "yes from the model"),
        ] {
            self.call("ask", &json!({"kind": kind}).to_string(), Expected::Allowed(answer));
        }
        let expected = Expected::Progress { steps: 3, all: !client.loses_late_progress };
        self.call("progress", r#"{"steps":3,"interval_ms":100}"#, expected);
        if let Some(step) = self.0.last_mut() {
            step.act["progress"] = json!(true);
        }
    }

    /// More calls than the limit allows, all in flight.
    fn echo_together(&mut self, allowed: usize, limited: usize) {
        let what = format!("{} times echo together", allowed + limited);
        let call = json!({"do": "call", "tool": "echo", "arguments": {"message": "hello"}});
        let calls = vec![call; allowed + limited];
        self.push(&what, json!({"together": calls}), Expected::Together { allowed, limited });
        let Some(step) = self.0.last_mut() else { return };
        for call in step.act["together"].as_array_mut().into_iter().flatten() {
            call["step"] = json!(step.name);
        }
    }

    fn echo_until_limited(&mut self, max: usize) {
        for _ in 0..max {
            self.call("echo", r#"{"message":"hello"}"#, Expected::Allowed("hello"));
        }
        self.call("echo", r#"{"message":"hello"}"#, Expected::Limited);
        self.call("echo", r#"{"message":"hello"}"#, Expected::Limited);
    }
}
