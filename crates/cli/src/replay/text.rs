//! A replay for a person.

use std::fmt::Write as _;

use crate::output::visible;
use crate::time;
use toolgate_store::replay::{Class, Tally};

pub(crate) fn text(label: &str, tally: &Tally) -> String {
    let mut out = String::new();
    let calls = tally.calls();
    let (Some(first_ms), Some(last_ms)) = (tally.first_ms, tally.last_ms) else {
        return format!("no recorded call to decide again under {}\n", visible(label));
    };
    let (first, last) = (time::local(first_ms), time::local(last_ms));
    let _ = writeln!(out, "{calls} calls from {first} to {last}, decided by {}", visible(label));
    for class in Class::ALL {
        let note = match class {
            Class::Unchanged => unchanged(tally),
            _ => String::new(),
        };
        let _ = writeln!(out, "  {:<14} {:>9}{note}", words(class), tally.total(class));
    }
    for class in Class::ALL {
        let groups = tally.groups.iter().filter(|(key, _)| key.class == class);
        let mut groups: Vec<_> = groups.collect();
        if groups.is_empty() {
            continue;
        }
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
        let _ = writeln!(out, "\n{}", words(class));
        for (key, group) in groups {
            let rule = visible(&key.rule);
            let because = match (class, rule.is_empty()) {
                (Class::Undecidable, true) => key.why.to_owned(),
                (Class::Undecidable, false) => format!("{rule}: {}", key.why),
                (Class::NewlyAllowed, _) => format!("denied or held then by {rule}"),
                (_, _) => format!("by {rule}"),
            };
            let _ = writeln!(out, "  {:>7}  {}  {because}", group.count, visible(&key.tool));
            if !group.samples.is_empty() {
                let _ = writeln!(out, "           {}", group.samples.join(" "));
            }
        }
    }
    out
}

fn unchanged(tally: &Tally) -> String {
    let mut notes = Vec::new();
    if tally.moved > 0 {
        notes.push(format!("{} by another rule", tally.moved));
    }
    if tally.elsewhere > 0 {
        notes.push(format!("{} denied by no policy", tally.elsewhere));
    }
    if notes.is_empty() { String::new() } else { format!("   ({})", notes.join(", ")) }
}

fn words(class: Class) -> String {
    class.as_str().replace('_', " ")
}
