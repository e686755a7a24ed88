//! File names for names that anybody may have made up.

use sha2::{Digest, Sha256};

const PLAIN_CHARS_MAX: usize = 80;
const HEX: usize = 10;

/// A short name keeps its letters if every file system would; any other has a hash behind it.
/// Two names never have the same slug, but for the hash's sake.
pub(super) fn slug(name: &str) -> String {
    if is_plain(name) {
        return name.to_owned();
    }
    let mut plain: String = name
        .chars()
        .take(PLAIN_CHARS_MAX / 2)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    while plain.contains("--") {
        plain = plain.replace("--", "-");
    }
    let hash = hash(name, HEX / 2);
    let plain = plain.trim_matches('-');
    if plain.is_empty() { format!("n-{hash}") } else { format!("{plain}-{hash}") }
}

/// The first bytes of its hash, in hexadecimal.
pub(super) fn hash(name: &str, count: usize) -> String {
    let bytes: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    crate::Fingerprint::from(bytes).to_string()[..2 * count.min(32)].to_owned()
}

/// Stands for itself: in lower case, no device of Windows, and not like what has a hash.
fn is_plain(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let device = matches!(stem, "aux" | "con" | "nul" | "prn")
        || stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    let hashed = name.rsplit_once('-').is_some_and(|(_, end)| {
        end.len() == HEX && end.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    });
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
    !name.is_empty()
        && name.len() <= PLAIN_CHARS_MAX
        && name.bytes().all(letters)
        && name.as_bytes()[0].is_ascii_alphanumeric()
        && !name.ends_with('.')
        && name != "index"
        && !device
        && !hashed
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_are_fit_keep_their_letters() {
        assert_eq!(slug("read_file"), "read_file");
        assert_eq!(slug("@scope/server"), format!("scope-server-{}", &slug("@scope/server")[13..]));
        for odd in ["", "..", "index", "Read", "con", "com1.x", "a/b", ".hidden", "run-0123456789"]
        {
            assert_ne!(slug(odd), odd);
        }
    }

    proptest! {
        #[test]
        fn a_slug_is_a_file_name_everywhere_and_nobody_elses(names in prop::collection::vec(".{0,20}", 0..20)) {
            let mut seen = HashMap::new();
            for name in &names {
                let slug = slug(name);
                prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b)));
                prop_assert!(slug.as_bytes()[0].is_ascii_alphanumeric() && slug.len() <= 100);
                let other = seen.insert(slug, name.clone());
                prop_assert!(other.is_none_or(|other| other == *name));
            }
        }
    }
}
