//! What may stand in the text of a document, whatever its notation.

use crate::document::findings::Findings;
use crate::document::span::Span;

/// Longer documents are not read.
pub(crate) const SIZE_BYTES_MAX: usize = 1 << 20;

/// Whether the text is worth reading on.
pub(crate) fn check(text: &str, findings: &mut Findings) -> bool {
    if text.len() > SIZE_BYTES_MAX {
        findings
            .error(Span::default(), format!("the document is too large: {} bytes", text.len()))
            .help(format!("at most {SIZE_BYTES_MAX} bytes are read"));
        return false;
    }
    if text.starts_with('\u{feff}') {
        findings
            .error(Span::at(text, 0), "the document starts with a byte order mark")
            .help("save it as UTF-8 without a byte order mark");
        return false;
    }
    if text.trim().is_empty() {
        let help = findings.notation().shortest();
        findings.error(Span::default(), "the document is empty").help(help);
        return false;
    }
    for (at, c) in text.char_indices() {
        if let Some(what) = fault(text, at, c) {
            findings
                .error(Span::at(text, at), what)
                .help("what you see must be what is read: remove it, or write an escape in quotes");
        }
    }
    !findings.failed()
}

fn fault(text: &str, at: usize, c: char) -> Option<String> {
    match c {
        '\n' | '\t' => None,
        // YAML ends a line here; most editors show none.
        '\r' if text[at + 1..].starts_with('\n') => None,
        '\r' => Some("a carriage return without a line feed".to_owned()),
        _ if c.is_control() || is_misleading(c) => {
            Some(format!("an invisible character, U+{:04X}", u32::from(c)))
        }
        _ => None,
    }
}

/// Characters that show a line otherwise than it is read (CVE-2021-42574), or end it unseen.
pub(crate) fn is_misleading(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
