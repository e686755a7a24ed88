//! Call to decision, in a policy of many tools.

use std::hint::black_box;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use toolgate_policy::{
    Call, Caller, Decision, Definition, Policy, Principal, Subject, decide, document,
};
use toolgate_protocol::{Message, Side};
use xtask::Result;

use crate::{Work, message};

/// Twenty rules with one condition each, all of which hold.
pub(crate) fn twenty_rules() -> Result<Work> {
    let policy = policy(&of_many_tools().to_string())?;
    let mut waiting = Some(call()?);
    Ok(Box::new(move |times| {
        for _ in 0..times {
            let call = waiting.take().ok_or("the call was denied before")?;
            match decide(black_box(&policy), call) {
                Decision::Allow(allowed) => waiting = Some(allowed.into_parts().0),
                Decision::Deny(denied) => return Err(format!("{:?}", denied.reason).into()),
            }
        }
        Ok(())
    }))
}

fn of_many_tools() -> Value {
    let one_rule = json!({"rules": [{"name": "small", "conditions": [
        {"path": "args.amount", "op": "lte", "value": 1000}]}]});
    let mut tools: Map<String, Value> =
        (1..1000).map(|i| (format!("tool_{i}"), one_rule.clone())).collect();
    tools.insert("echo".to_owned(), json!({"rules": twenty()}));
    json!({"version": "1", "default": "deny", "tools": tools})
}

fn twenty() -> Vec<Value> {
    let condition = |i: u32| match i % 4 {
        0 => json!({"path": "args.amount", "op": "lte", "value": 100 + i}),
        1 => json!({"path": "args.currency", "op": "in", "value": ["eur", "gbp", "usd"]}),
        2 => json!({"path": "args.path", "op": "regex", "value": "^/srv/data/[a-z.]+$"}),
        _ => json!({"path": "args.text", "op": "contains", "value": "plain"}),
    };
    let rule = |i| json!({"name": format!("rule {i}"), "conditions": [condition(i)]});
    (0..20).map(rule).collect()
}

pub(crate) fn policy(text: &str) -> Result<Policy> {
    let (policy, _) = document::read("bench", text).map_err(|found| format!("{found:?}"))?;
    Ok(policy)
}

pub(crate) fn call() -> Result<Call> {
    let message = Message::read(message::small(), Side::Client);
    let message = message.map_err(|refusal| format!("{refusal:?}"))?;
    let tool = message.tool_call().ok_or("no call")?;
    let principal = Principal { issuer: "bench".to_owned(), subject: "bench".to_owned() };
    let (grant, server) = ("bench".to_owned(), "echo".to_owned());
    Ok(Call {
        caller: Arc::new(Caller { principal, grant, server }),
        subject: Subject::Tool,
        name: tool.name,
        message: message.into_document(),
        arguments: tool.arguments,
        definition: Definition::Unknown,
        time_ms: 1_800_000_000_000,
    })
}
