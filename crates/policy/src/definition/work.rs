//! A bound on the work of a validator: schemas come from servers, and a small one can ask for
//! more steps than there are seconds (`anyOf` of references to `anyOf`, references in circles).
//!
//! The walk visits at least what a validator visits, in the same order of magnitude, and stops
//! early where that is too much.

use serde_json::Value as Json;

use crate::words::short;

/// Keywords whose subschemas look at the same value again.
const SAME: &[&str] = &["allOf", "anyOf", "else", "if", "not", "oneOf", "then"];
/// Keywords with a subschema per name, for the same value.
const SAME_BY_NAME: &[&str] = &["dependencies", "dependentSchemas"];
/// Keywords whose subschemas look at every item or member.
const INNER: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "items",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// They make a reference mean something else than its text says.
const MOVING: &[&str] = &["$dynamicRef", "$recursiveRef"];

const STEPS_MAX: usize = 1_000_000;
const DEPTH_MAX: usize = 256;

/// Says why, if checking `value` could take too long, or cannot be foreseen.
pub(super) fn bound(schema: &Json, value: &Json) -> Result<(), String> {
    Walk { root: schema, steps: 0, depth: 0 }.visit(schema, value)
}

struct Walk<'a> {
    root: &'a Json,
    steps: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, schema: &Json, value: &Json) -> Result<(), String> {
        let Some(keywords) = schema.as_object() else { return self.spend(1) };
        let listed: usize = keywords.values().filter_map(Json::as_array).map(Vec::len).sum();
        self.spend(1 + keywords.len() + listed)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("its references go round in circles".to_owned());
        }
        for (keyword, inner) in keywords {
            self.keyword(keyword, inner, schema, value)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &str,
        inner: &Json,
        schema: &Json,
        value: &Json,
    ) -> Result<(), String> {
        match keyword {
            "$id" | "id" if inner.is_string() && !std::ptr::eq(schema, self.root) => {
                Err(format!("it has an inner `{keyword}`"))
            }
            "$ref" => {
                let target = self.target(inner)?;
                self.visit(target, value)
            }
            "properties" => self.properties(inner, value),
            "patternProperties" => inner
                .as_object()
                .into_iter()
                .flatten()
                .try_for_each(|(_, inner)| self.children(inner, value)),
            "propertyNames" => {
                let names = value.as_object().map_or(0, serde_json::Map::len);
                let name = Json::String(String::new());
                (0..names).try_for_each(|_| self.visit(inner, &name))
            }
            _ if MOVING.contains(&keyword) => Err(format!("it uses `{keyword}`")),
            _ if SAME.contains(&keyword) => {
                each(inner).try_for_each(|inner| self.visit(inner, value))
            }
            _ if SAME_BY_NAME.contains(&keyword) => inner
                .as_object()
                .into_iter()
                .flatten()
                .try_for_each(|(_, inner)| self.visit(inner, value)),
            _ if INNER.contains(&keyword) => {
                each(inner).try_for_each(|inner| self.children(inner, value))
            }
            _ => Ok(()),
        }
    }

    fn properties(&mut self, by_name: &Json, value: &Json) -> Result<(), String> {
        let (Some(by_name), Some(members)) = (by_name.as_object(), value.as_object()) else {
            return Ok(());
        };
        members.iter().try_for_each(|(name, member)| match by_name.get(name) {
            Some(inner) => self.visit(inner, member),
            None => Ok(()),
        })
    }

    fn children(&mut self, schema: &Json, value: &Json) -> Result<(), String> {
        match value {
            Json::Array(items) => items.iter().try_for_each(|item| self.visit(schema, item)),
            Json::Object(members) => {
                members.values().try_for_each(|member| self.visit(schema, member))
            }
            _ => Ok(()),
        }
    }

    /// References within the schema alone: `#` and `#/…`.
    fn target(&self, reference: &Json) -> Result<&'a Json, String> {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        target.ok_or_else(|| format!("it refers to {}, which is not in it", short(reference)))
    }

    fn spend(&mut self, steps: usize) -> Result<(), String> {
        self.steps += steps;
        if self.steps > STEPS_MAX {
            return Err("checking these arguments would take too many steps".to_owned());
        }
        Ok(())
    }
}

/// A keyword's subschema, or its list of them.
fn each(inner: &Json) -> impl Iterator<Item = &Json> {
    let (one, many) = match inner {
        Json::Array(many) => (None, many.as_slice()),
        one => (Some(one), [].as_slice()),
    };
    one.into_iter().chain(many)
}
