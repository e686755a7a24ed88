//! The values that operators need, with errors that say how to mend them.

use toolgate_json::{Kind, Value};

use super::{OPERATORS, Operator, Test};
use crate::condition::literal::Literal;

/// How other rule languages write our operators.
const ELSEWHERE: &[(&str, &str)] = &[
    ("!=", "neq"),
    ("<", "lt"),
    ("<=", "lte"),
    ("=", "eq"),
    ("==", "eq"),
    (">", "gt"),
    (">=", "gte"),
    ("ends_with", "matches"),
    ("equals", "eq"),
    ("glob", "matches"),
    ("like", "matches"),
    ("max_length", "length"),
    ("ne", "neq"),
    ("nin", "not_in"),
    ("pattern", "matches"),
    ("starts_with", "matches"),
];

pub(super) fn flag(value: Value<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "the value must be true or false".to_owned())
}

pub(super) fn list(value: Value<'_>) -> Result<Vec<Literal>, String> {
    if value.kind() != Kind::Array {
        return Err("the value must be a list, as in `[\"a\", \"b\"]`".to_owned());
    }
    value.items().map(Literal::read).collect()
}

pub(super) fn length(value: Value<'_>) -> Result<Test, String> {
    const NEEDED: &str = "the value must say `min`, `max` or both, as in `{\"max\": 10}`";
    let (mut min, mut max) = (None, None);
    for (key, bound) in value.entries() {
        let key = key.as_str().unwrap_or_default();
        let slot = match &*key {
            "max" => &mut max,
            "min" => &mut min,
            _ => return Err(format!("`{key}` has no meaning here: {NEEDED}")),
        };
        let literal = bound.as_number().unwrap_or_default();
        let whole =
            literal.parse::<u64>().map_err(|_| format!("`{key}` must be a whole number"))?;
        *slot = Some(whole);
    }
    match (min, max) {
        (None, None) => Err(NEEDED.to_owned()),
        (Some(min), Some(max)) if min > max => {
            Err(format!("nothing is at least {min} and at most {max} long"))
        }
        (min, max) => Ok(Test::Length { min: min.unwrap_or(0), max }),
    }
}

/// The test of items.
pub(super) fn each(value: Value<'_>) -> Result<Operator, String> {
    const NEEDED: &str =
        "the value must be a test for the items, as in `{\"op\": \"lte\", \"value\": 5}`";
    let stray = value.entries().find(|(key, _)| !key.is("op") && !key.is("value"));
    if let Some((key, _)) = stray {
        let key = key.as_str().unwrap_or_default();
        return Err(format!("`{key}` has no meaning here: {NEEDED}"));
    }
    let (Some(op), Some(operand)) = (value.get("op"), value.get("value")) else {
        return Err(NEEDED.to_owned());
    };
    let op = op.as_str().ok_or(NEEDED)?;
    Operator::new(&op, operand).map_err(|error| format!("for the items, `{op}`: {error}"))
}

pub(super) fn unknown(op: &str) -> String {
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == op).map(|(_, ours)| *ours);
    let plain = op.to_ascii_lowercase().replace([' ', '-'], "_");
    let near = OPERATORS
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&plain, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3 + 1 && *distance < name.len())
        .map(|(_, name)| name);
    match elsewhere.or(near) {
        Some(name) => format!("there is no operator `{op}`: did you mean `{name}`?"),
        None => format!("there is no operator `{op}`: there are {}", OPERATORS.join(", ")),
    }
}
