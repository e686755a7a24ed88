//! What strangers write, made fit for one line that a person reads.

/// Letters are cut off behind this one.
const LETTERS_MAX: usize = 200;

/// Only what RFC 6749 allows in `error_description`: no control, no hidden and no foreign
/// characters, and not too many.
pub(crate) fn harmless(text: &str) -> String {
    let plain = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    let mut line: String = text.chars().take(LETTERS_MAX).map(plain).collect();
    if text.chars().nth(LETTERS_MAX).is_some() {
        line.push_str("...");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn one_short_line_is_left_of_anything() {
        assert_eq!(harmless("invalid_grant: too late"), "invalid_grant: too late");
        assert_eq!(harmless("a\nb\u{1b}[2Jc\u{202e}d\u{e0041}é"), "a?b?[2Jc?d??");
        assert_eq!(harmless(&"x".repeat(1_000)).len(), 203);
    }
}
