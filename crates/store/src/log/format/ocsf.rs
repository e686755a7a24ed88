//! OCSF 1.3: class API Activity (6003) with the profile `security_control`.

use toolgate_json::quote;

use super::Event;

const CLASS: u64 = 6003;
/// Other: no activity of the class is a call of a tool.
const ACTIVITY: u64 = 99;

pub(super) fn line(event: &Event<'_>) -> String {
    let caller = &event.facts.caller;
    let allowed = event.is_allowed();
    let (action_id, action) = if allowed { (1, "Allowed") } else { (2, "Denied") };
    let (disposition_id, disposition) = if allowed { (1, "Allowed") } else { (2, "Blocked") };
    let (status_id, status) = if allowed { (1, "Success") } else { (2, "Failure") };
    let severity_id = if allowed { 1 } else { 2 };
    let product = [
        text("name", "toolgate"),
        text("vendor_name", "toolgate"),
        text("version", env!("CARGO_PKG_VERSION")),
    ];
    let metadata = [
        text("version", "1.3.0"),
        text("uid", &event.entry.decision_id().to_string()),
        raw("sequence", event.entry.seq),
        object("product", &product),
        raw("profiles", r#"["security_control"]"#),
    ];
    let user = [text("name", &caller.principal.subject), text("domain", &caller.principal.issuer)];
    let session = [text("uid", &caller.grant)];
    let service = [text("name", &caller.server)];
    let api = [text("operation", event.tool()), object("service", &service)];
    let policy = [text("uid", &event.facts.revision)];
    let unmapped = [
        text("effect", event.effect),
        text("code", event.code),
        text("rule", event.rule),
        text("method", &event.facts.method),
        text("client", event.facts.client.as_deref().unwrap_or_default()),
        text("trace", event.facts.trace.as_deref().unwrap_or_default()),
        text("approval", event.facts.approval.as_deref().unwrap_or_default()),
    ];
    let whole = [
        raw("class_uid", CLASS),
        text("class_name", "API Activity"),
        raw("category_uid", 6),
        text("category_name", "Application Activity"),
        raw("activity_id", ACTIVITY),
        text("activity_name", "Call"),
        raw("type_uid", CLASS * 100 + ACTIVITY),
        raw("time", event.entry.wall_ms),
        raw("severity_id", severity_id),
        raw("status_id", status_id),
        text("status", status),
        text("status_code", event.code),
        raw("action_id", action_id),
        text("action", action),
        raw("disposition_id", disposition_id),
        text("disposition", disposition),
        object("metadata", &metadata),
        object("actor", &[object("user", &user), object("session", &session)]),
        object("api", &api),
        object("policy", &policy),
        // Required by the class; where the agent sits is not on record.
        object("src_endpoint", &[text("name", event.facts.client.as_deref().unwrap_or("unknown"))]),
        object("unmapped", &unmapped),
    ];
    braced(&whole)
}

/// A member, or nothing where there is no text.
fn text(key: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let mut out = Vec::new();
    quote(value, &mut out);
    raw(key, String::from_utf8_lossy(&out))
}

fn raw(key: &str, value: impl std::fmt::Display) -> String {
    format!("\"{key}\":{value}")
}

fn object(key: &str, members: &[String]) -> String {
    raw(key, braced(members))
}

fn braced(members: &[String]) -> String {
    let there: Vec<&str> = members.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    format!("{{{}}}", there.join(","))
}
