//! Bodies that programs send: one object, the members that are known, nothing else.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use crate::reply::Refusal;

pub(super) fn object(body: Bytes, members: &[&str]) -> Result<Document, Refusal> {
    let document = Document::parse(body, Reading::Strict)
        .map_err(|error| Refusal::bad_request(format!("the body is not JSON: {error}")))?;
    let root = document.root();
    let known = |key: Value<'_>| members.iter().any(|name| key.is(name));
    let names = members.join("`, `");
    if root.kind() != Kind::Object || !root.entries().all(|(key, _)| known(key)) {
        let text = format!("the body is a JSON object with no members but `{names}`");
        return Err(Refusal::bad_request(text));
    }
    if root.has_duplicate_key() {
        return Err(Refusal::bad_request("a member of the body is there twice"));
    }
    Ok(document)
}

/// Nothing where it is absent or null.
pub(super) fn text(document: &Document, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = document.root().get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    match value.as_str() {
        Some(text) => Ok(Some(text.into_owned())),
        None => Err(Refusal::bad_request(format!("`{name}` is a text"))),
    }
}

/// Texts in a list; none where it is absent or null.
pub(super) fn texts(document: &Document, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(value) = document.root().get(name).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let wrong = || Refusal::bad_request(format!("`{name}` is a list of texts"));
    if value.kind() != Kind::Array {
        return Err(wrong());
    }
    value.items().map(|item| item.as_str().map(Into::into).ok_or_else(wrong)).collect()
}

/// Where there is nothing to say: no body, or an empty object.
pub(super) fn nothing(body: &Bytes) -> Result<(), Refusal> {
    if body.is_empty() { Ok(()) } else { object(body.clone(), &[]).map(drop) }
}
