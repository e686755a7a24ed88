//! Names that people give.

use crate::exit::{Exit, Failure};

/// Names stand in counters, records and lines for people: one visible word.
pub(crate) fn one_word(what: &str, name: String) -> Result<String, Failure> {
    let plain = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    if name.is_empty() || name.len() > 128 || !name.chars().all(plain) {
        let text =
            format!("`{what}` is not a name: use letters, digits and `._-@+`, at most 128 bytes");
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(name)
}
