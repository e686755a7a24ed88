//! `Mcp-Param-*`: arguments that a tool's schema wants mirrored (`x-mcp-header`).

use toolgate_json::{Decimal, Kind, Value};

use super::{Mismatch, PARAM_PREFIX, Problem, once, value};

/// The arguments that one tool wants mirrored.
#[derive(Debug)]
pub struct Mirrors(Vec<Mirror>);

/// One property with `x-mcp-header`.
#[derive(Debug)]
struct Mirror {
    header: String,
    /// The keys that lead to it.
    path: Vec<String>,
}

/// Mirrors of one tool; servers take no more headers than that.
const MIRRORS_MAX: usize = 256;

impl Mirrors {
    /// Those of a tool's `inputSchema`; nothing if it wants none. Properties are found through
    /// `properties` alone, as the specification demands. A name that stands twice is forbidden
    /// and means nothing: nobody can say which argument it mirrors.
    pub fn read(schema: Value<'_>) -> Option<Self> {
        let mut found = Vec::new();
        search(schema, &mut Vec::new(), &mut found);
        let once =
            |mirror: &Mirror| found.iter().filter(|m| m.header == mirror.header).count() == 1;
        let kept: Vec<bool> = found.iter().map(once).collect();
        let mut kept = kept.into_iter();
        found.retain(|_| kept.next().unwrap_or(false));
        (!found.is_empty()).then_some(Self(found))
    }

    /// Compares what came with the arguments. Headers that the schema does not know mean nothing
    /// here.
    pub fn check<'h>(
        &self,
        arguments: Option<Value<'_>>,
        headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    ) -> Result<(), Mismatch> {
        let mut found = vec![None; self.0.len()];
        for (name, value) in headers {
            if let Some(i) = self.0.iter().position(|m| m.header.eq_ignore_ascii_case(name)) {
                once(&mut found[i], name, value)?;
            }
        }
        self.0.iter().zip(found).try_for_each(|(mirror, found)| mirror.check(arguments, found))
    }

    /// The headers that mirror these arguments. Names are in lower case.
    pub fn of(&self, arguments: Option<Value<'_>>) -> Vec<(String, String)> {
        let written = self.0.iter().filter_map(|mirror| {
            let text = text(mirror.argument(arguments)?)?;
            Some((mirror.header.clone(), value::encode(&text)))
        });
        written.collect()
    }
}

impl Mirror {
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
        let found = self.path.iter().try_fold(arguments?, |at, key| at.get(key))?;
        (!found.is_null()).then_some(found)
    }
}

fn search(schema: Value<'_>, path: &mut Vec<String>, found: &mut Vec<Mirror>) {
    let properties = schema.get("properties").into_iter().flat_map(Value::entries);
    for (key, property) in properties {
        let Some(key) = key.as_str() else { continue };
        path.push(key.into_owned());
        let name = property.get("x-mcp-header").and_then(Value::as_str);
        if let Some(name) = name.filter(|name| is_token(name) && found.len() < MIRRORS_MAX) {
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
