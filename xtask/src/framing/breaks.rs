//! What some reader of lines takes for the end of one, and where it can stand in JSON.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Break {
    pub(super) name: &'static str,
    /// The characters themselves.
    pub(super) raw: &'static str,
    /// The same as a JSON string spells them.
    escaped: &'static str,
}

const fn line_break(name: &'static str, raw: &'static str, escaped: &'static str) -> Break {
    Break { name, raw, escaped }
}

/// Python's text files break at the first three, its `splitlines` at all of them.
pub(super) const BREAKS: &[Break] = &[
    line_break("LF", "\n", r"\n"),
    line_break("CR", "\r", r"\r"),
    line_break("CRLF", "\r\n", r"\r\n"),
    line_break("VT", "\u{b}", r"\u000b"),
    line_break("FF", "\u{c}", r"\f"),
    line_break("FS", "\u{1c}", r"\u001c"),
    line_break("GS", "\u{1d}", r"\u001d"),
    line_break("RS", "\u{1e}", r"\u001e"),
    line_break("U+0085", "\u{85}", r"\u0085"),
    line_break("U+2028", "\u{2028}", r"\u2028"),
    line_break("U+2029", "\u{2029}", r"\u2029"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// In strings, spelled with a backslash.
    Escaped,
    /// In strings, as it is.
    Raw,
    /// Between all tokens.
    Space,
}

pub(super) const SPOTS: &[Spot] = &[Spot::Escaped, Spot::Raw, Spot::Space];

/// Stands in the strings of a template where the break goes. No message holds it.
pub(super) const HOLE: char = '\u{e000}';

impl Break {
    /// Whether a JSON text may hold the break there (RFC 8259, sections 2 and 7).
    pub(super) fn is_json(&self, spot: Spot) -> bool {
        match spot {
            Spot::Escaped => true,
            Spot::Raw => self.raw.chars().all(|c| c >= ' '),
            Spot::Space => self.raw.chars().all(|c| c == '\n' || c == '\r'),
        }
    }

    /// The template's text with the break where it belongs.
    pub(super) fn put(&self, spot: Spot, template: &str) -> String {
        match spot {
            Spot::Escaped => template.replace(HOLE, self.escaped),
            Spot::Raw => template.replace(HOLE, self.raw),
            Spot::Space => spaced(&template.replace(HOLE, ""), self.raw),
        }
    }

    /// What a reader finds in a string of the template.
    pub(super) fn read(&self, spot: Spot, text: &str) -> String {
        match spot {
            Spot::Escaped | Spot::Raw => text.replace(HOLE, self.raw),
            Spot::Space => text.replace(HOLE, ""),
        }
    }
}

/// The space around all structural characters of a compact JSON text.
fn spaced(text: &str, space: &str) -> String {
    let mut spaced = String::with_capacity(text.len() * 2);
    let mut in_string = false;
    let mut after_backslash = false;
    for c in text.chars() {
        let structural = !in_string && "{}[]:,".contains(c);
        if structural {
            spaced.push_str(space);
        }
        spaced.push(c);
        if structural {
            spaced.push_str(space);
        }
        in_string ^= c == '"' && !after_backslash;
        after_backslash = in_string && c == '\\' && !after_backslash;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_goes_between_tokens_and_not_into_strings() {
        assert_eq!(spaced(r#"{"a,\"":[1]}"#, "\r"), "\r{\r\"a,\\\"\"\r:\r\r[\r1\r]\r\r}\r");
    }

    #[test]
    fn what_is_called_json_is_json_and_nothing_else_is() {
        let template = format!(r#"{{"a":["x{HOLE}y",1]}}"#);
        let pairs = BREAKS.iter().flat_map(|one| SPOTS.iter().map(move |spot| (one, *spot)));
        for (line_break, spot) in pairs {
            let text = line_break.put(spot, &template);
            let read = serde_json::from_str::<serde_json::Value>(&text).ok();
            let wanted = line_break.read(spot, &format!("x{HOLE}y"));
            let wanted = line_break.is_json(spot).then_some(wanted);
            let found = read.as_ref().and_then(|read| read["a"][0].as_str());
            assert_eq!(found, wanted.as_deref(), "{} {spot:?}", line_break.name);
        }
    }
}
