//! Names and values of attributes, all in one place: the MCP conventions of OpenTelemetry are still
//! in development (semantic-conventions-genai, `docs/gen-ai/mcp.md`, seen 2026-11). What they have
//! no name for is under `toolgate.`.
//!
//! Arguments and results (`gen_ai.tool.call.*`) are never told, nor a resource's URI, which is an
//! argument too.

use toolgate_policy::Subject;

use super::json::Json;
use super::seen::{Seen, Sent};

pub(super) const ERROR_TYPE: &str = "error.type";
pub(super) const METHOD: &str = "mcp.method.name";
pub(super) const OPERATION: &str = "gen_ai.operation.name";
pub(super) const SERVER: &str = "toolgate.server";
pub(super) const TRANSPORT: &str = "network.transport";

const PROMPT: &str = "gen_ai.prompt.name";
const REQUEST_ID: &str = "jsonrpc.request.id";
const STATUS: &str = "rpc.response.status_code";
const TOOL: &str = "gen_ai.tool.name";
const VERSION: &str = "mcp.protocol.version";

const DECISION: &str = "toolgate.decision";
const DECISION_ID: &str = "toolgate.decision.id";
const DECISION_US: &str = "toolgate.decision.duration_us";
const GRANT: &str = "toolgate.grant";
const ISSUER: &str = "toolgate.principal.issuer";
const LAYER: &str = "toolgate.policy.layer";
const OUTCOME: &str = "toolgate.outcome";
const REASON: &str = "toolgate.reason";
const REVISION: &str = "toolgate.policy.revision";
const RULE: &str = "toolgate.rule";
const SUBJECT: &str = "toolgate.principal.subject";

/// Of a tool or a prompt; a URI would make too many names.
pub(super) fn span_name(seen: &Seen) -> String {
    match seen.subject {
        Subject::Prompt | Subject::Tool => format!("{} {}", seen.method, seen.name),
        _ => seen.method.clone(),
    }
}

/// What both spans say.
fn common(json: &mut Json, seen: &Seen) {
    json.attribute(METHOD, &seen.method);
    match seen.subject {
        Subject::Tool => {
            json.attribute(OPERATION, "execute_tool");
            json.attribute(TOOL, &seen.name);
        }
        Subject::Prompt => json.attribute(PROMPT, &seen.name),
        _ => {}
    }
    if let Some(version) = &seen.version {
        json.attribute(VERSION, version);
    }
    json.attribute(SERVER, &seen.caller.server);
    json.attribute(GRANT, &seen.caller.grant);
}

/// Of what the client asked.
pub(super) fn server(json: &mut Json, seen: &Seen) {
    common(json, seen);
    json.attribute(REQUEST_ID, &seen.request_id);
    json.attribute(TRANSPORT, "tcp");
    json.attribute(ISSUER, &seen.caller.principal.issuer);
    json.attribute(SUBJECT, &seen.caller.principal.subject);
    if let Some(decided) = &seen.decided {
        json.attribute(DECISION, decided.effect);
        for (name, value) in [(REASON, decided.code), (RULE, &decided.rule)] {
            if !value.is_empty() {
                json.attribute(name, value);
            }
        }
        if !decided.rule.is_empty() {
            json.attribute_long(LAYER, u64::try_from(decided.layer).unwrap_or(u64::MAX));
        }
        if let Some(id) = &decided.id {
            json.attribute(DECISION_ID, id);
        }
        json.attribute(REVISION, &decided.revision);
        let took_us = u64::try_from(decided.took.as_micros()).unwrap_or(u64::MAX);
        json.attribute_long(DECISION_US, took_us);
    }
    if let Some(sent) = &seen.sent {
        ended(json, sent);
    }
    failed(json, seen.failure().as_deref());
}

/// Of what we asked the server.
pub(super) fn client(json: &mut Json, seen: &Seen, sent: &Sent) {
    common(json, seen);
    json.attribute(TRANSPORT, transport(sent));
    ended(json, sent);
    failed(json, sent.failure().as_deref());
}

pub(super) fn transport(sent: &Sent) -> &'static str {
    if sent.remote { "tcp" } else { "pipe" }
}

fn ended(json: &mut Json, sent: &Sent) {
    json.attribute(OUTCOME, sent.outcome.as_str());
    if let Some(code) = sent.code {
        json.attribute(STATUS, &code.to_string());
    }
}

fn failed(json: &mut Json, why: Option<&str>) {
    if let Some(why) = why {
        json.attribute(ERROR_TYPE, why);
    }
}
