//! Orders written so that only a patient reader reads them: `r e a d`, `r3ad`.

use super::evidence::{EVIDENCE_MAX, Evidence};
use super::text::judge_nested;
use crate::visible;

/// That many letters alone, one after another, are no list.
const LETTERS_MIN: usize = 12;
/// That many words with digits for letters are no names.
const WORDS_MIN: usize = 4;

pub(super) fn disguised(text: &str, depth: u32, found: &mut Vec<Evidence>) {
    if depth > 0 || found.len() >= EVIDENCE_MAX {
        return;
    }
    let plain = spaced(text).or_else(|| digits(text));
    let Some((plain, span)) = plain else { return };
    if let Some(judged) = judge_nested(&plain, &|_| false, depth + 1) {
        found.push(Evidence {
            id: "encoded-order",
            weight: judged.score.min(7),
            said: format!(
                "an order in disguise: {}",
                judged.evidence.first().map_or("", |one| &one.said)
            ),
            quote: Some(visible(&plain.chars().take(160).collect::<String>())),
            span,
        });
    }
}

type Found = (String, std::ops::Range<usize>);

/// Letters with a space behind each; two spaces part words.
fn spaced(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let alone = |at: usize| {
        bytes[at].is_ascii_graphic()
            && bytes.get(at + 1).is_none_or(|next| *next == b' ')
            && (at == 0 || bytes[at - 1] == b' ')
    };
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_graphic() || !alone(at) {
            at += 1;
            continue;
        }
        let start = at;
        let (mut plain, mut letters, mut end) = (String::new(), 0, at);
        while at < bytes.len() && (bytes[at] == b' ' || bytes[at].is_ascii_graphic() && alone(at)) {
            if bytes[at] == b' ' {
                let wide = bytes.get(at + 1) == Some(&b' ');
                plain.extend(wide.then_some(' '));
                at += 1 + usize::from(wide);
            } else {
                plain.push(char::from(bytes[at]));
                letters += 1;
                at += 1;
                end = at;
            }
        }
        if letters >= LETTERS_MIN {
            return Some((plain, start..end));
        }
    }
    None
}

/// Digits between letters as the letters they look like.
fn digits(text: &str) -> Option<Found> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let odd = |word: &&str| {
        let bytes = word.as_bytes();
        word.len() < 20
            && bytes.windows(2).any(|two| two[0].is_ascii_lowercase() && letter(two[1]).is_some())
            && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() <= 2
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\'')
    };
    let words = || text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    if words().filter(odd).count() < WORDS_MIN {
        return None;
    }
    let plain = text.chars().map(|c| u8::try_from(c).ok().and_then(letter).unwrap_or(c)).collect();
    Some((plain, 0..text.len()))
}

fn letter(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => 'o',
        b'1' => 'i',
        b'3' => 'e',
        b'4' => 'a',
        b'5' => 's',
        b'7' => 't',
        _ => return None,
    })
}
