//! Whether a changed definition asks for less than before and says nothing new.
//!
//! What cannot be proved is no narrowing. Two things are: every input that the new schema accepts
//! the old one accepted too, and no text stands in the new definition that did not in the old one,
//! since all of it is read by a model.

use std::borrow::Cow;

use toolgate_json::{Decimal, Kind, Value, canonical};

/// Whether `new` is `old` but for an input schema that accepts less.
pub fn narrows(old: Value<'_>, new: Value<'_>) -> bool {
    if !is_plain(old) || !is_plain(new) {
        return false;
    }
    let rest = |tool: Value<'_>| {
        let rest = tool.entries().filter(|(key, _)| !key.is("inputSchema"));
        let mut rest: Vec<_> = rest.map(|(key, value)| (text(key), text(value))).collect();
        rest.sort();
        rest
    };
    rest(old) == rest(new)
        && match (old.get("inputSchema"), new.get("inputSchema")) {
            (Some(old), Some(new)) => schema(old, new),
            (None, None) => true,
            (None, Some(_)) | (Some(_), None) => false,
        }
}

/// Nothing in it means something else elsewhere: no key twice, no reference to what may change,
/// nothing that goes by what other keywords have looked at.
fn is_plain(value: Value<'_>) -> bool {
    const ELSEWHERE: [&str; 8] = [
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "$recursiveAnchor",
        "$recursiveRef",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    let member = |(key, value): (Value<'_>, Value<'_>)| {
        let fixed = |to: &str| to.starts_with("#/$defs/") || to.starts_with("#/definitions/");
        let refers = key.is("$ref") && !value.as_str().is_some_and(|to| fixed(&to));
        !refers && !ELSEWHERE.iter().any(|name| key.is(name)) && is_plain(value)
    };
    !value.has_duplicate_key() && value.entries().all(member) && value.items().all(is_plain)
}

/// A schema accepts what all of its keywords accept: it is narrower if each of them is.
fn schema(old: Value<'_>, new: Value<'_>) -> bool {
    if same(old, new) || new.kind() == Kind::False {
        return true;
    }
    if old.kind() != Kind::Object || new.kind() != Kind::Object {
        return false;
    }
    let keys = old.entries().chain(new.entries()).filter_map(|(key, _)| key.as_str());
    keys.into_iter().all(|key| keyword(&key, old, new))
}

fn keyword(key: &str, old: Value<'_>, new: Value<'_>) -> bool {
    let pair = (old.get(key), new.get(key));
    match key {
        "additionalProperties" => additional(pair),
        "const" | "enum" => values(old, new),
        "exclusiveMaximum" | "maxItems" | "maxLength" | "maxProperties" | "maximum" => {
            bound(pair, |old, new| new <= old)
        }
        "exclusiveMinimum" | "minItems" | "minLength" | "minProperties" | "minimum" => {
            bound(pair, |old, new| new >= old)
        }
        "items" => matches!(pair, (Some(old), Some(new)) if schema(old, new)),
        "properties" => properties(old, new),
        "required" => required(old, new),
        "type" => types(pair),
        "uniqueItems" => alike(pair) || pair.1.is_some_and(|new| new.kind() == Kind::True),
        _ => alike(pair),
    }
}

fn additional(pair: (Option<Value<'_>>, Option<Value<'_>>)) -> bool {
    match pair {
        (_, Some(new)) if new.kind() == Kind::False => true,
        (Some(old), Some(new)) => schema(old, new),
        (None, _) | (Some(_), None) => false,
    }
}

/// One bound that is at least as tight.
fn bound(
    pair: (Option<Value<'_>>, Option<Value<'_>>),
    is_tight: fn(&Decimal, &Decimal) -> bool,
) -> bool {
    let read = |value: Value<'_>| value.as_number().and_then(Decimal::parse);
    match (pair.0.map(read), pair.1.map(read)) {
        (None, Some(Some(_))) => true,
        (Some(Some(old)), Some(Some(new))) => is_tight(&old, &new),
        // A truth value, as in the fourth draft.
        (Some(None), Some(None)) => alike(pair),
        (_, _) => false,
    }
}

/// A property may go only where it is refused from then on; none may come.
fn properties(old: Value<'_>, new: Value<'_>) -> bool {
    let members = |schema: Value<'_>| schema.get("properties").is_none_or(is_object);
    if !members(old) || !members(new) {
        return false;
    }
    let refused = new.get("additionalProperties").is_some_and(|more| more.kind() == Kind::False)
        && new.get("patternProperties").is_none();
    declared(new).all(|name| property(old, &name).is_some())
        && declared(old).all(|name| match (property(old, &name), property(new, &name)) {
            (Some(old), Some(new)) => schema(old, new),
            _ => refused,
        })
}

fn property<'a>(schema: Value<'a>, name: &str) -> Option<Value<'a>> {
    schema.get("properties")?.get(name)
}

fn declared(schema: Value<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    let properties = schema.get("properties").into_iter();
    properties.flat_map(Value::entries).filter_map(|(name, _)| name.as_str())
}

/// More may be required, of what was there to be given.
fn required(old: Value<'_>, new: Value<'_>) -> bool {
    let names = |schema: Value<'_>| -> Option<Vec<String>> {
        let Some(required) = schema.get("required") else { return Some(Vec::new()) };
        let is_array = required.kind() == Kind::Array;
        let names = required.items().map(|name| Some(name.as_str()?.into_owned()));
        is_array.then(|| names.collect::<Option<_>>())?
    };
    let (Some(before), Some(after)) = (names(old), names(new)) else { return false };
    before.iter().all(|name| after.contains(name))
        && after.iter().all(|name| before.contains(name) || property(old, name).is_some())
}

/// Fewer of the values that were listed.
fn values(old: Value<'_>, new: Value<'_>) -> bool {
    let listed = |schema: Value<'_>| match (schema.get("const"), schema.get("enum")) {
        (Some(only), None) => Some(vec![text(only)]),
        (None, Some(list)) if list.kind() == Kind::Array => Some(list.items().map(text).collect()),
        (None | Some(_), _) => None,
    };
    let unchanged = ["const", "enum"].iter().all(|key| alike((old.get(key), new.get(key))));
    let fewer = match (listed(old), listed(new)) {
        (Some(before), Some(after)) => after.iter().all(|value| before.contains(value)),
        (_, _) => false,
    };
    unchanged || fewer
}

fn types(pair: (Option<Value<'_>>, Option<Value<'_>>)) -> bool {
    const KNOWN: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
    let names = |types: Value<'_>| -> Option<Vec<String>> {
        let one = types.as_str().map(|name| vec![name.into_owned()]);
        let all = || types.items().map(|name| Some(name.as_str()?.into_owned())).collect();
        let names = one.or_else(|| if types.kind() == Kind::Array { all() } else { None })?;
        names.iter().all(|name| KNOWN.contains(&name.as_str())).then_some(names)
    };
    let Some(after) = pair.1.and_then(names) else { return false };
    let Some(old) = pair.0 else { return true };
    let Some(before) = names(old) else { return false };
    let held = |name: &String| {
        before.contains(name) || (name == "integer" && before.iter().any(|name| name == "number"))
    };
    after.iter().all(held)
}

fn alike(pair: (Option<Value<'_>>, Option<Value<'_>>)) -> bool {
    match pair {
        (Some(old), Some(new)) => same(old, new),
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn same(old: Value<'_>, new: Value<'_>) -> bool {
    text(old) == text(new)
}

fn is_object(value: Value<'_>) -> bool {
    value.kind() == Kind::Object
}

fn text(value: Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    canonical(value, &mut out);
    out
}
