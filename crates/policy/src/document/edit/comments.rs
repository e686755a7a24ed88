//! Comments with their places.

use granit_parser::{Event, Parser};

use crate::document::span::Span;

/// Every comment with its `#`, in order. Nothing for a text that is not YAML.
pub(super) fn of(text: &str) -> Option<Vec<Span>> {
    if text.trim_start().starts_with('{') {
        return Some(Vec::new());
    }
    let options = granit_parser::options! {
        emit_comments: true,
        emit_unresolved_aliases: true,
    };
    let mut found = Vec::new();
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, at) = next.ok()?;
        if let Event::Comment(..) = event {
            found.push(Span::new(at.start.byte_offset()?, at.end.byte_offset()?));
        }
    }
    found.sort_unstable();
    Some(found)
}
