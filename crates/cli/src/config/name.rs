//! Names of servers, variables and headers.

use toolgate_policy::document::outline::{Findings, Member, quoted};

use super::secret::is_variable;

pub(crate) const SERVER_PATTERN: &str = "^[a-z0-9][a-z0-9-]{0,62}$";
pub(crate) const VARIABLE_PATTERN: &str = "^[!-<>-~]+$";
pub(crate) const HEADER_PATTERN: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// Headers that belong to the connection or to MCP: the gateway writes them.
const OURS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "last-event-id",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-host",
];

/// A server's name stands in paths, and in front of its tools' names.
pub(crate) fn check_server(member: &Member, findings: &mut Findings) {
    let name = member.key.as_str();
    if name.contains("__") {
        findings
            .error(member.key_span, format!("the server name {} holds `__`", quoted(name)))
            .help("`__` stands between server and tool in `/mcp`, as in `shop__refund`: use `-`");
        return;
    }
    if is_server(name) {
        return;
    }
    let help = match tidied(name) {
        Some(tidy) => format!("did you mean `{tidy}`?"),
        None => "a to z, 0 to 9 and `-`, at most 63, a letter or digit first".to_owned(),
    };
    findings.error(member.key_span, format!("{} is no server name", quoted(name))).help(help);
}

pub(crate) fn is_server(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-')
}

fn tidied(name: &str) -> Option<String> {
    let tidy = name.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    is_server(&tidy).then_some(tidy)
}

pub(crate) fn check_variable(member: &Member, findings: &mut Findings) {
    if !is_variable(&member.key) {
        findings
            .error(member.key_span, format!("{} is no variable name", quoted(&member.key)))
            .help("visible ASCII without `=` and spaces, as `API_KEY`");
    }
}

/// RFC 9110, section 5.6.2.
pub(crate) fn check_header(member: &Member, findings: &mut Findings) {
    let name = member.key.as_str();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        findings
            .error(member.key_span, format!("{} is no header name", quoted(name)))
            .help("letters, digits and `-`, as `X-Api-Key`");
        return;
    }
    let lower = name.to_ascii_lowercase();
    if OURS.contains(&lower.as_str()) || lower.starts_with("mcp-") {
        findings
            .error(member.key_span, format!("{} is written by the gateway", quoted(name)))
            .help("remove it");
    }
}
