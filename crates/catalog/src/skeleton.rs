//! What is left of a name when everything is gone that a hurried reader, or a model, overlooks.

use unicode_normalization::UnicodeNormalization;

/// Two names that look alike have the same skeleton: letters of other scripts, full width, case,
/// invisible characters, `0` and `o`, `1`, `i` and `l`, one separator or another (UTS #39, with
/// case and separators folded).
pub fn skeleton(name: &str) -> String {
    // Capitals look like other letters than small ones do, so both are looked at.
    let compatible: String = name.nfkc().collect();
    let capitals: String = unicode_security::skeleton(&compatible).collect();
    let folded: String = capitals.chars().flat_map(char::to_lowercase).nfkc().collect();
    let prototype: String = unicode_security::skeleton(&folded).collect();
    let mut skeleton = String::with_capacity(prototype.len());
    for letter in prototype.chars().flat_map(char::to_lowercase).map(look_alike) {
        let again = letter == SEPARATOR && skeleton.ends_with(SEPARATOR);
        if !again {
            skeleton.push(letter);
        }
    }
    skeleton
}

const SEPARATOR: char = '_';

/// What UTS #39 tells apart in lower case.
fn look_alike(letter: char) -> char {
    match letter {
        'i' | 'ı' | '1' | '|' => 'l',
        '0' => 'o',
        _ if letter.is_whitespace() || letter.is_ascii_punctuation() => SEPARATOR,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [
            ("shop__read", "ѕhop__read"),
            ("shop__read", "sh0p__read"),
            ("shop__read", "Shop__READ"),
            ("shop__read", "shop__re\u{200b}ad"),
            ("shop__read", "ｓｈｏｐ__read"),
            ("shop-list__items", "shop__list_items"),
            ("shop.list", "shop-list"),
            ("mail__send", "mai1__send"),
            ("file__list", "fiIe__Iist"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("modern", "rnodern"),
            ("ΑΒΕ", "ABE"),
            ("scope", "ѕсоре"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_differ_to_the_eye_stay_apart() {
        let names = [
            "shop__read",
            "shop__write",
            "web__read",
            "git__hub_search",
            "github__search",
            "shop__reed",
            "shop2__read",
            "shop3__read",
            "chop__read",
        ];
        for (i, one) in names.iter().enumerate() {
            for other in &names[i + 1..] {
                assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
            }
        }
    }

    /// A name in front of another leaves its skeleton in front of the other's.
    #[test]
    fn a_prefix_stays_a_prefix() {
        for server in ["shop", "shop-list", "a1", "0-", "web"] {
            for tool in ["read", "_x", "\u{301}e", "ѕ", "-y"] {
                let whole = skeleton(&format!("{server}__{tool}"));
                assert!(whole.starts_with(&skeleton(&format!("{server}__"))), "{server} {tool}");
            }
        }
    }
}
