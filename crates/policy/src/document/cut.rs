//! Files that are read while they are written: the beginning of a policy is often a policy too.

/// Whether `new` may be what is left of a policy that was cut off, `old` being the last good
/// one. A reload must not take such a text: with its end a document loses checks, or the
/// `default: deny` that stood last, and allows more.
///
/// JSON needs no such care, since its closing bracket is at its end. In YAML a text that is
/// merely the beginning of the last one counts as cut; and where the last one ended with the
/// line `...`, so does every text that does not.
pub fn is_truncation_of(new: &str, old: &str) -> bool {
    let (new, old) = (new.trim_end(), old.trim_end());
    let shortened = new.len() < old.len() && old.starts_with(new);
    shortened || (ends_with_mark(old) && !ends_with_mark(new) && !new.starts_with('{'))
}

/// Whether the last line is YAML's own mark for the end of a document.
fn ends_with_mark(trimmed: &str) -> bool {
    trimmed.lines().next_back().is_some_and(|line| line == "...")
}
