//! `Mcp-Param-*`: arguments that a tool's schema wants mirrored (`x-mcp-header`).

use toolgate_json::{Decimal, Kind, Value};

use super::{Mismatch, PARAM_PREFIX, Problem, once, value};

/// Compares the mirrored arguments with the body, where `schema` is the tool's `inputSchema`.
/// Headers that the schema does not know mean nothing here.
pub fn check_params<'h>(
    arguments: Option<Value<'_>>,
    schema: Value<'_>,
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) -> Result<(), Mismatch> {
    let mirrors = mirrors(schema);
    let mut found = vec![None; mirrors.len()];
    for (name, value) in headers {
        if let Some(i) = mirrors.iter().position(|m| m.header.eq_ignore_ascii_case(name)) {
            once(&mut found[i], name, value)?;
        }
    }
    mirrors.iter().zip(found).try_for_each(|(mirror, found)| mirror.check(arguments, found))
}

/// The headers that mirror these arguments. Names are in lower case.
pub fn of_params(arguments: Option<Value<'_>>, schema: Value<'_>) -> Vec<(String, String)> {
    let written = mirrors(schema).into_iter().filter_map(|mirror| {
        let text = text(mirror.argument(arguments)?)?;
        Some((mirror.header, value::encode(&text)))
    });
    written.collect()
}

/// One property with `x-mcp-header`.
struct Mirror<'s> {
    header: String,
    /// The keys that lead to it.
    path: Vec<Value<'s>>,
}

impl Mirror<'_> {
    fn check(&self, arguments: Option<Value<'_>>, found: Option<&[u8]>) -> Result<(), Mismatch> {
        let problem = match (found, self.argument(arguments)) {
            (None, None) => return Ok(()),
            (None, Some(_)) => Problem::Missing,
            (Some(_), None) => Problem::Different,
            (Some(header), Some(argument)) => match value::decode(header) {
                None => Problem::Malformed,
                Some(header) if is_same(&header, argument) => return Ok(()),
                Some(_) => Problem::Different,
            },
        };
        Err(Mismatch::new(&self.header, problem))
    }

    /// The argument, unless absent or null: then there is no header.
    fn argument<'a>(&self, arguments: Option<Value<'a>>) -> Option<Value<'a>> {
        let mut at = arguments?;
        for key in &self.path {
            at = at.get(&key.as_str()?)?;
        }
        (!at.is_null()).then_some(at)
    }
}

/// Properties are found through `properties` alone, as the specification demands.
fn mirrors(schema: Value<'_>) -> Vec<Mirror<'_>> {
    let mut found = Vec::new();
    search(schema, &mut Vec::new(), &mut found);
    found
}

fn search<'s>(schema: Value<'s>, path: &mut Vec<Value<'s>>, found: &mut Vec<Mirror<'s>>) {
    let properties = schema.get("properties").into_iter().flat_map(Value::entries);
    for (key, property) in properties {
        path.push(key);
        let name = property.get("x-mcp-header").and_then(Value::as_str);
        if let Some(name) = name.filter(|name| is_token(name)) {
            let header = format!("{PARAM_PREFIX}{}", name.to_ascii_lowercase());
            found.push(Mirror { header, path: path.clone() });
        }
        search(property, path, found);
        path.pop();
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Numbers are compared by value: 42.0 is 42.
fn is_same(header: &[u8], argument: Value<'_>) -> bool {
    if argument.kind() == Kind::Number {
        let header = std::str::from_utf8(header).ok().and_then(Decimal::parse);
        return header.is_some() && header == argument.as_number().and_then(Decimal::parse);
    }
    text(argument).is_some_and(|text| text.as_bytes() == header)
}

/// An argument as a header writes it; arrays and objects have no such form.
fn text(argument: Value<'_>) -> Option<String> {
    match argument.kind() {
        Kind::String => Some(argument.as_str()?.into_owned()),
        Kind::Number => Some(Decimal::parse(argument.as_number()?)?.to_string()),
        Kind::False => Some("false".to_owned()),
        Kind::True => Some("true".to_owned()),
        Kind::Array | Kind::Null | Kind::Object => None,
    }
}
