//! Standard output and standard error: data here, messages there.

use std::env;
use std::io::{self, IsTerminal, Write};

use toolgate_policy::document::Colour;

use crate::exit::Failure;

/// Data for standard output, at once.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// One message for standard error. Nobody can be told that it is gone.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Colours on standard error, if it is a terminal that wants them.
pub(crate) fn colour() -> Colour {
    if io::stderr().is_terminal() && wants_colours() { Colour::On } else { Colour::Off }
}

/// See <https://no-color.org>.
fn wants_colours() -> bool {
    let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    !unwanted && !dumb
}

/// Whether standard output is a terminal that wants colours.
pub(crate) fn is_colourful() -> bool {
    io::stdout().is_terminal() && wants_colours()
}

/// Foreign text for a terminal: one line, and nothing that moves the cursor, paints, or turns
/// the direction of writing around.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let misleading = matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        );
        if c.is_control() || misleading {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_drive_a_terminal() {
        let hostile = "a\u{1b}[2Jb\nc\u{9b}\u{202e}d\u{e0041}é";
        assert_eq!(visible(hostile), "a\\u{1b}[2Jb\\u{a}c\\u{9b}\\u{202e}d\\u{e0041}é");
    }
}
