//! A key twice in one object: one reader takes the first value, another the last.

use std::collections::HashSet;

use toolgate_json::{Kind, Value};

use crate::{Finding, Severity, visible};

/// Deeper is not looked.
const DEPTH_MAX: usize = 64;

/// One finding for the first key that is there twice.
pub(super) fn findings(definition: Value<'_>, findings: &mut Vec<Finding>) {
    if let Some(key) = twice(definition, 0) {
        findings.push(Finding {
            id: "duplicate-key",
            severity: Severity::High,
            text: "the same key twice in one object: who reads it decides which one counts"
                .to_owned(),
            place: visible(&key),
            quote: visible(&key),
        });
    }
}

fn twice(value: Value<'_>, depth: usize) -> Option<String> {
    if depth > DEPTH_MAX {
        return None;
    }
    match value.kind() {
        Kind::Array => value.items().find_map(|item| twice(item, depth + 1)),
        Kind::Object => {
            let mut known = HashSet::new();
            for (key, member) in value.entries() {
                if let Some(key) = key.as_str()
                    && !known.insert(key.to_string())
                {
                    return Some(key.into_owned());
                }
                if let Some(found) = twice(member, depth + 1) {
                    return Some(found);
                }
            }
            None
        }
        _ => None,
    }
}
