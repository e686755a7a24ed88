//! A text as lower-case words, whatever the style of its names: `getUser_by-id2` is five.

use std::ops::Range;

/// The words of a text, and where each stands in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    lower: String,
    places: Vec<Range<usize>>,
}

impl Words {
    /// At most the words of the first `bytes_max`, so that a long text costs little.
    pub(crate) fn of(text: &str, bytes_max: usize) -> Self {
        let lower = text[..text.floor_char_boundary(bytes_max)].to_ascii_lowercase();
        let bytes = &text.as_bytes()[..lower.len()];
        let mut places = Vec::with_capacity(lower.len() / 5);
        let mut at = 0;
        while at < bytes.len() {
            let end = word_end(bytes, at);
            if end > at {
                places.push(at..end);
            }
            at = end.max(at + 1);
        }
        Self { lower, places }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The word at `at`, or nothing.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.places.get(at).map_or("", |place| &self.lower[place.clone()])
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.places.iter().map(|place| &self.lower[place.clone()])
    }

    /// The words that begin a sentence or a line, but for the very first.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        let bytes = self.lower.as_bytes();
        let begins = move |at: &usize| {
            let before = &bytes[..self.places[*at].start];
            let gap = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1);
            before[gap..].iter().any(|b| matches!(b, b'.' | b'\n' | b'!' | b'?'))
        };
        (0..self.places.len()).filter(begins)
    }

    /// The text in lower case.
    pub(crate) fn lower(&self) -> &str {
        &self.lower
    }

    /// Where the word at `at` stands in the text, in bytes.
    pub(crate) fn place(&self, at: usize) -> Range<usize> {
        self.places.get(at).cloned().unwrap_or_default()
    }
}

/// Where the word that starts at `at` ends; `at` itself where none does.
fn word_end(bytes: &[u8], at: usize) -> usize {
    let run = |from: usize, is: fn(&u8) -> bool| {
        bytes[from..].iter().position(|b| !is(b)).map_or(bytes.len(), |count| from + count)
    };
    if bytes[at].is_ascii_digit() {
        return run(at, u8::is_ascii_digit);
    }
    let capitals = run(at, u8::is_ascii_uppercase);
    let small = run(capitals, u8::is_ascii_lowercase);
    match capitals - at {
        0 | 1 => small,
        // `listIDs`, `URLs`: the plural of an abbreviation.
        _ if small == capitals + 1 && bytes[capitals] == b's' => small,
        _ if small > capitals => capitals - 1,
        _ => capitals,
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn words(text: &str) -> Vec<String> {
        Words::of(text, 1_000).iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_style_of_name_falls_into_the_same_words() {
        for name in ["get_user_by_id", "getUserById", "get-user-by-id", "GET_USER_BY_ID"] {
            assert_eq!(words(name), ["get", "user", "by", "id"], "{name}");
        }
        assert_eq!(words("HTTPServer2listIDs"), ["http", "server", "2", "list", "ids"]);
        assert_eq!(words("  — löschen\u{200b}x"), ["l", "schen", "x"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn a_word_knows_its_place() {
        let text = "Runs — the Test";
        let words = Words::of(text, 1_000);
        assert_eq!(&text[words.place(2)], "Test");
        assert_eq!(words.place(9), 0..0);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(Words::of("aé", 2).lower(), "a");
    }
}
