//! TOML, for Codex: turned into JSON, so that one reader knows all clients.

use toml::de::{DeTable, DeValue};

use crate::json::{self, Object};

/// The document as JSON. Dates become texts.
pub(super) fn to_json(text: &str) -> Result<String, String> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("line {}: {}", super::line_of(text, at), error.message())
    })?;
    Ok(table(document.get_ref()))
}

fn table(table: &DeTable<'_>) -> String {
    let add = |object: Object, (key, item): (&toml::Spanned<_>, &toml::Spanned<_>)| -> Object {
        let (key, item): (&std::borrow::Cow<'_, str>, &DeValue<'_>) =
            (key.get_ref(), item.get_ref());
        object.raw(key, value(item))
    };
    table.iter().fold(Object::new(), add).finish()
}

fn value(item: &DeValue<'_>) -> String {
    match item {
        DeValue::Array(items) => json::array(items.iter().map(|item| value(item.get_ref()))),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(date) => json::string(&date.to_string()),
        // Only ever used as texts.
        DeValue::Float(number) => json::string(number.as_str()),
        DeValue::Integer(number) => json::string(number.as_str()),
        DeValue::String(text) => json::string(text),
        DeValue::Table(inner) => table(inner),
    }
}

/// The line of a server's table, from 1.
pub(super) fn line(text: &str, server: &str) -> usize {
    let quoted = format!("\"{server}\"");
    let is_head = |line: &str| {
        let inside =
            line.trim().strip_prefix("[mcp_servers.").and_then(|rest| rest.strip_suffix(']'));
        inside.is_some_and(|name| name == server || name == quoted)
    };
    text.lines().position(is_head).map_or(1, |at| at + 1)
}
