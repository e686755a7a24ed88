//! What the search in the pages goes through: a script that only sets one variable.

use std::fmt::Write;

use crate::visible::visible;

use super::slug::slug;
use super::{Site, attack, server, tool};

/// `[[name, path, grade, tools]]`, where tools are `[name, severity, path or fragment]`.
pub(super) fn data(site: &Site<'_>) -> String {
    let mut out = "window.TOOLGATE={servers:[".to_owned();
    for scanned in &site.servers {
        let name = &scanned.survey.server;
        let grade = server::tally(scanned).grade();
        open(&mut out, name, grade.letter.name());
        for (nth, (tool, risk)) in scanned.judged.iter().enumerate() {
            let path = tool::path(name, scanned.judged, nth);
            entry(&mut out, &tool.name, risk.severity.place(), &path);
        }
        out.push_str("]],\n");
    }
    let indexed = site.index.iter().flat_map(|index| &index.servers);
    let is_new = |name: &str| !site.servers.iter().any(|one| one.survey.server == name);
    for known in indexed.filter(|known| is_new(known.name)) {
        open(&mut out, known.name, known.tally().grade().letter.name());
        for tool in &known.tools {
            let fragment = slug(tool.name);
            let fragment = if fragment == tool.name { "" } else { &fragment };
            entry(&mut out, tool.name, tool.verdict.severity.place(), fragment);
        }
        out.push_str("]],\n");
    }
    out.push_str("],attacks:[");
    for one in crate::attacks::all() {
        let _ = writeln!(
            out,
            "[{},{},{}],",
            text(&one.name),
            text(&one.summary),
            text(&attack::path(one))
        );
    }
    out.push_str("]};\n");
    out
}

fn open(out: &mut String, name: &str, grade: &str) {
    let path = server::path(name);
    let _ = write!(out, "[{},{},{},[", text(name), text(&path), text(grade));
}

fn entry(out: &mut String, name: &str, severity: usize, place: &str) {
    let _ = write!(out, "[{},{severity}", text(name));
    if !place.is_empty() {
        let _ = write!(out, ",{}", text(place));
    }
    out.push_str("],");
}

/// A JavaScript string of plain characters only: nothing in it ends the string or the script.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in visible(text).chars() {
        match c {
            c if c.is_ascii_alphanumeric() || " _-.,/@:()#".contains(c) => out.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_string_ends_where_it_should(name in ".*") {
            let text = super::text(&name);
            let inner = &text[1..text.len() - 1];
            prop_assert!(text.starts_with('"') && text.ends_with('"') && text.is_ascii());
            prop_assert!(!inner.contains(['"', '<', '>', '\'', '\n', '`']));
            prop_assert!(inner.match_indices('\\').all(|(at, _)| inner[at + 1..].starts_with('u')));
        }
    }
}
