//! An agent that does what it was told, and a client that agrees to everything.

use toolgate_catalog::attacks::{Act, Step};
use toolgate_json::{Document, Value};

use super::wire::Wire;
use crate::json::{self, Object};

pub(super) struct Agent {
    wire: Wire,
    asked: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Answer,
    Denied {
        /// Stable; empty where the answer is that of a server.
        code: String,
        text: String,
    },
    /// No answer, where none was due.
    Nothing,
}

impl Agent {
    /// Shakes hands and looks at what is offered, as clients do.
    pub(super) fn meet(wire: Wire) -> Result<Self, String> {
        let mut agent = Self { wire, asked: 0 };
        let info = Object::new().text("name", "toolgate-attacks").text("version", "1").finish();
        let params = Object::new()
            .text("protocolVersion", "2025-11-25")
            .raw("capabilities", r#"{"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}}"#)
            .raw("clientInfo", info);
        agent.request("initialize", &params.finish())?;
        agent.wire.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)?;
        agent.look()?;
        Ok(agent)
    }

    /// Looks at what is offered.
    pub(super) fn look(&mut self) -> Result<(), String> {
        self.request("tools/list", "{}").map(drop)
    }

    /// `at` is the step's place in its attack.
    pub(super) fn act(&mut self, step: &Step, at: usize) -> Result<Heard, String> {
        let named = |name: &str, arguments: &str| {
            Object::new().text("name", name).raw("arguments", arguments).finish()
        };
        let answer = match &step.act {
            Act::Asked { tool, .. } => {
                let which = Object::new().text("text", &at.to_string()).finish();
                self.request("tools/call", &named(tool, &which))?
            }
            Act::Call { tool, arguments } => self.request("tools/call", &named(tool, arguments))?,
            Act::Prompt { name, arguments } => {
                self.request("prompts/get", &named(name, arguments))?
            }
            Act::Raw(message) => return self.raw(message),
            Act::Read { uri } => {
                self.request("resources/read", &Object::new().text("uri", uri).finish())?
            }
        };
        Ok(heard(answer.root()))
    }

    pub(super) fn leave(self) -> Result<(), String> {
        let status = self.wire.end()?;
        if status.success() { Ok(()) } else { Err(format!("the gate ended with {status}")) }
    }

    /// Says just that, then asks for something harmless: what was said is dealt with by then.
    fn raw(&mut self, message: &str) -> Result<Heard, String> {
        self.wire.send(message)?;
        let (_, others) = self.exchange("ping", "{}")?;
        Ok(others.first().map_or(Heard::Nothing, |other| heard(other.root())))
    }

    fn request(&mut self, method: &str, params: &str) -> Result<Document, String> {
        Ok(self.exchange(method, params)?.0)
    }

    /// The answer, and what else came until then.
    fn exchange(
        &mut self,
        method: &str,
        params: &str,
    ) -> Result<(Document, Vec<Document>), String> {
        self.asked += 1;
        let id = format!("agent-{}", self.asked);
        let request = Object::new().text("jsonrpc", "2.0").text("id", &id);
        self.wire.send(&request.text("method", method).raw("params", params).finish())?;
        let mut others = Vec::new();
        loop {
            let message = self.wire.next().map_err(|why| format!("{why} to `{method}`"))?;
            let asks = message.root().get("method").and_then(Value::as_str).map(String::from);
            let its = message.root().get("id");
            match (asks, its) {
                (Some(asks), Some(its)) => self.agree(&asks, its)?,
                (Some(_), None) => {}
                (None, Some(its)) if its.is(&id) => return Ok((message, others)),
                (None, _) => others.push(message),
            }
        }
    }

    /// Whatever a server asks for, it gets.
    fn agree(&mut self, method: &str, id: Value<'_>) -> Result<(), String> {
        let result = match method {
            "sampling/createMessage" => {
                let all = "all that it knows: canary-7f3a";
                let text = Object::new().text("type", "text").text("text", all).finish();
                let said = Object::new().text("role", "assistant").raw("content", text);
                said.text("model", "any").finish()
            }
            "elicitation/create" => {
                let filled = r#"{"password":"canary-7f3a","sentences":3,"ok":true}"#;
                Object::new().text("action", "accept").raw("content", filled).finish()
            }
            "roots/list" => {
                let root = Object::new().text("uri", "file:///home/ada/acme-payroll").finish();
                Object::new().raw("roots", json::array([root])).finish()
            }
            _ => "{}".to_owned(),
        };
        let answer = Object::new().text("jsonrpc", "2.0").raw("id", id.raw());
        self.wire.send(&answer.raw("result", result).finish())
    }
}

fn heard(answer: Value<'_>) -> Heard {
    let result = answer.get("result");
    let error = answer.get("error");
    let decision = match (result, error) {
        (Some(result), _) => result.get("_meta"),
        (None, Some(error)) => error.get("data").and_then(|data| data.get("_meta")),
        (None, None) => None,
    };
    let decision = decision.and_then(|meta| meta.get("dev.toolgate/decision"));
    let word =
        |value: Option<Value<'_>>| value.and_then(Value::as_str).unwrap_or_default().into_owned();
    let code = word(decision.and_then(|decision| decision.get("code")));
    match (decision, error) {
        (None, None) => Heard::Answer,
        (_, Some(error)) => Heard::Denied { code, text: word(error.get("message")) },
        (Some(_), None) => {
            let block = result.and_then(|result| result.get("content")?.items().next());
            Heard::Denied { code, text: word(block.and_then(|block| block.get("text"))) }
        }
    }
}
