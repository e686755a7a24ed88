//! What programs send, held to what the row was told: the members and parameters that are known,
//! of the right kind, nothing else.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use crate::form::Form;
use crate::reply::Refusal;

use super::told::{Field, Of, Shape, Told};

/// What was sent along with a request.
#[derive(Debug)]
pub(crate) struct Sent {
    body: Option<Document>,
    query: Option<Form>,
}

impl Sent {
    pub(crate) fn read(told: &Told, query: &str, body: &Bytes) -> Result<Self, Refusal> {
        let query = parameters(told.query, query)?;
        let body = match told.body {
            Some(shape) if !body.is_empty() || told.needs_body() => {
                Some(object(body.clone(), shape)?)
            }
            None if !body.is_empty() => {
                return Err(Refusal::bad_request("there is no body to send here"));
            }
            Some(_) | None => None,
        };
        Ok(Self { body, query })
    }

    pub(crate) fn form(&self) -> Option<&Form> {
        self.query.as_ref()
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.as_ref()?.one(name)
    }

    /// A member of the body; nothing where it is absent or null.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Some(self.value(name)?.as_str()?.into_owned())
    }

    /// False where it is absent or null.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.as_number()?.parse().ok()
    }

    /// Those in a list; none where it is absent or null.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let items = self.value(name).into_iter().flat_map(Value::items);
        items.filter_map(|item| Some(item.as_str()?.into_owned())).collect()
    }

    fn value(&self, name: &str) -> Option<Value<'_>> {
        self.body.as_ref()?.root().get(name).filter(|value| !value.is_null())
    }
}

/// Every parameter is known, there once, and of its kind.
fn parameters(fields: &[Field], query: &str) -> Result<Option<Form>, Refusal> {
    if query.is_empty() {
        return Ok(None);
    }
    let form = Form::parse(query);
    let form = form.ok_or_else(|| Refusal::bad_request("the query is not readable as UTF-8"))?;
    for name in form.names() {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(Refusal::bad_request(unknown("parameter", fields)));
        };
        let Some(value) = form.one(name) else {
            return Err(Refusal::bad_request(format!("the parameter `{name}` is there twice")));
        };
        let fits = match field.of {
            Of::Number => value.parse::<u64>().is_ok(),
            Of::Word(words) => words.contains(&value),
            Of::Flag => matches!(value, "true" | "false"),
            Of::Any | Of::List(_) | Of::Moment | Of::Shape(_) | Of::Text => true,
        };
        if !fits {
            return Err(Refusal::bad_request(format!("`{name}` is {}", words(field.of))));
        }
    }
    Ok(Some(form))
}

fn object(body: Bytes, shape: &Shape) -> Result<Document, Refusal> {
    let document = Document::parse(body, Reading::Strict)
        .map_err(|error| Refusal::bad_request(format!("the body is not JSON: {error}")))?;
    check(document.root(), shape)?;
    Ok(document)
}

fn check(value: Value<'_>, shape: &Shape) -> Result<(), Refusal> {
    let known = |key: Value<'_>| shape.fields.iter().find(|field| key.is(field.name));
    if value.kind() != Kind::Object || !value.entries().all(|(key, _)| known(key).is_some()) {
        return Err(Refusal::bad_request(unknown("member", shape.fields)));
    }
    if value.has_duplicate_key() {
        return Err(Refusal::bad_request("a member of the body is there twice"));
    }
    for field in shape.fields {
        let name = field.name;
        match value.get(name).filter(|value| !value.is_null()) {
            Some(value) if fits(value, field.of)? => {}
            Some(_) => {
                return Err(Refusal::bad_request(format!("`{name}` is {}", words(field.of))));
            }
            None if field.is_needed => {
                return Err(Refusal::bad_request(format!("`{name}` is missing from the body")));
            }
            None => {}
        }
    }
    Ok(())
}

fn fits(value: Value<'_>, of: Of) -> Result<bool, Refusal> {
    Ok(match of {
        Of::Any => true,
        Of::Flag => value.as_bool().is_some(),
        Of::List(item) => {
            let mut all = value.kind() == Kind::Array;
            for one in value.items() {
                all &= fits(one, *item)?;
            }
            all
        }
        Of::Moment | Of::Text => value.as_str().is_some(),
        Of::Number => value.as_number().is_some_and(|number| number.parse::<u64>().is_ok()),
        Of::Word(words) => words.iter().any(|word| value.is(word)),
        Of::Shape(shape) => {
            check(value, shape)?;
            true
        }
    })
}

fn unknown(what: &str, fields: &[Field]) -> String {
    if fields.is_empty() {
        return format!("there is no {what} to send here");
    }
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    let names = names.join("`, `");
    match what {
        "parameter" => format!("no parameter is known here but `{names}`"),
        _ => format!("the body is a JSON object with no members but `{names}`"),
    }
}

fn words(of: Of) -> String {
    match of {
        Of::Any => "any JSON".to_owned(),
        Of::Flag => "`true` or `false`".to_owned(),
        Of::List(_) => "a list, each item of its kind".to_owned(),
        Of::Moment => "a time, as `2026-11-21T08:00:00Z`".to_owned(),
        Of::Number => "a whole number".to_owned(),
        Of::Word(words) => format!("one of `{}`", words.join("`, `")),
        Of::Shape(_) => "an object".to_owned(),
        Of::Text => "a text".to_owned(),
    }
}
