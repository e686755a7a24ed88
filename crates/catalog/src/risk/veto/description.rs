//! What a description says of its tool in later words and sentences.

use super::inputs::DESTROY;
use super::words::{is_form, unlike};
use super::{Place, Vetoes};
use crate::is_hidden;
use crate::risk::Category;
use crate::risk::lexicon::{self, Strength, Verb};

pub(super) fn look(text: &str, vetoes: &mut Vetoes) {
    let text = plain(text);
    let words = words(&text);
    phrases(&text, &words, vetoes);
    sentences(&words, vetoes);
}

/// One word in small letters, and how it is used.
struct Word<'t> {
    text: &'t str,
    start: usize,
    opens: bool,
    sentence: usize,
}

/// Phrases that tell more than their verbs.
const PHRASES: [(Category, &[&str]); 4] = [
    (
        Category::Destructive,
        &[
            "can't be undone",
            "cannot be undone",
            "clean -fd",
            "for good",
            "get rid of",
            "irreversibl",
            "push --force",
            "reset --hard",
            "rm -rf",
        ],
    ),
    (
        Category::Execute,
        &[
            "arbitrary code",
            "arbitrary command",
            "arbitrary sql",
            "handed to sh",
            "injected into the page",
            "passed to the shell",
            "python expression",
            "raw sql",
            "shell command",
            "typing the given",
        ],
    ),
    (
        Category::Financial,
        &[
            "and settles",
            "and fills",
            "card is charged",
            "place the order",
            "places the order",
            "stored card",
        ],
    ),
    (Category::Write, &["are forwarded to", "is forwarded to", "overwrites the"]),
];

/// The words that phrases begin with.
fn begins(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "arbitrary"
            | "are"
            | "can't"
            | "cannot"
            | "card"
            | "clean"
            | "for"
            | "get"
            | "handed"
            | "injected"
            | "is"
            | "overwrites"
            | "passed"
            | "place"
            | "places"
            | "push"
            | "python"
            | "raw"
            | "reset"
            | "rm"
            | "shell"
            | "stored"
            | "typing"
    ) || word.starts_with("irreversibl")
}

fn phrases(text: &str, words: &[Word<'_>], vetoes: &mut Vetoes) {
    for (at, word) in words.iter().enumerate().filter(|(_, word)| begins(word.text)) {
        let rest = &text[word.start..];
        for (category, phrases) in PHRASES {
            let said = phrases.iter().find(|phrase| rest.starts_with(**phrase));
            if let Some(phrase) = said.filter(|_| !denied(words, at)) {
                let text = format!("`{phrase}` in the description");
                vetoes.add(Place::Description, category, &text, phrase);
                return;
            }
        }
    }
}

/// Whether the words before take back what follows.
fn denied(words: &[Word<'_>], at: usize) -> bool {
    words[at.saturating_sub(4)..at].iter().any(|word| NOT.contains(&word.text))
}

const NOT: [&str; 12] = [
    "cannot", "can't", "doesn't", "don't", "instead", "isn't", "never", "no", "not", "nothing",
    "won't", "without",
];

fn sentences(words: &[Word<'_>], vetoes: &mut Vetoes) {
    for (at, word) in words.iter().enumerate() {
        if !(word.opens || leads(words, at)) {
            continue;
        }
        let verb = lexicon::look(word.text).filter(|verb| verb.category != Category::Read);
        let Some(verb) = verb else { continue };
        if let Some(how) = used(words, at, &verb).filter(|_| !denied(words, at)) {
            let text = format!("{how}: `{}` in the description", word.text);
            vetoes.add(Place::Description, verb.category, &text, word.text);
            return;
        }
    }
}

/// Whether the word before can lead to a verb that counts.
fn leads(words: &[Word<'_>], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at].text);
    matches!(
        before(1),
        "afterwards"
            | "also"
            | "and"
            | "are"
            | "finally"
            | "gets"
            | "is"
            | "it"
            | "or"
            | "then"
            | "tool"
            | "was"
            | "were"
    ) || before(1).ends_with("ly")
}

/// How a verb is used, if its tool does what it says.
fn used(words: &[Word<'_>], at: usize, verb: &Verb) -> Option<&'static str> {
    let word = &words[at];
    let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at].text);
    let destroys = DESTROY.contains(&verb.stem) && before(2) != "drag";
    let tells_much = verb.strength == Strength::Strong && !MILD.contains(&verb.stem);
    let third = !verb.exact && word.text.ends_with('s') && tells_much;
    let past = !verb.exact && word.text.ends_with("ed");
    let listed = matches!(before(1), "and" | "or");
    let goes_on = matches!(before(1), "afterwards" | "also" | "finally" | "it" | "then" | "tool");
    let later = word.sentence > 0 && (word.opens || goes_on && words[at - 1].opens);
    if later && (third || verb.exact && destroys) {
        return Some("a later sentence");
    }
    let second = third && at > 1 && (goes_on || listed && !NOUNS.contains(&verb.stem));
    let bare = word.sentence == 0
        && verb.exact
        && listed
        && at < 9
        && (destroys || matches!(verb.stem, "remove" | "upgrade"));
    if (second || bare) && word.sentence < 3 && tells(words, at) {
        return Some("a second verb");
    }
    let is = |word: &str| matches!(word, "are" | "gets" | "is" | "was" | "were");
    let passive = is(before(1)) || is(before(2)) && before(1).ends_with("ly");
    let gone =
        matches!(verb.stem, "delete" | "destroy" | "drop" | "erase" | "purge" | "remove" | "wipe");
    (past && passive && gone && tells(words, at)).then_some("what happens")
}

/// Verbs whose third person is the plural of a noun as well.
const NOUNS: [&str; 24] = [
    "append", "checkout", "click", "clone", "commit", "cordon", "deposit", "edit", "fork",
    "launch", "message", "patch", "payout", "purchase", "refund", "register", "run", "save",
    "stake", "start", "swap", "trade", "transfer", "update",
];
/// What they say is seldom what a tool does to things.
const MILD: [&str; 10] = [
    "add",
    "allow",
    "apply",
    "assign",
    "extend",
    "message",
    "respond",
    "scale",
    "start",
    "transition",
];

/// Not what somebody else does, may do, or did.
fn tells(words: &[Word<'_>], at: usize) -> bool {
    const ASIDE: [&str; 30] = [
        "after", "all", "any", "been", "before", "can", "had", "has", "have", "how", "if", "may",
        "must", "once", "should", "since", "that", "to", "unless", "until", "were", "when",
        "where", "whether", "which", "while", "who", "why", "will", "you",
    ];
    let sentence = words[at].sentence;
    let before = words[at.saturating_sub(7)..at].iter();
    !before.filter(|word| word.sentence == sentence).any(|word| ASIDE.contains(&word.text))
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::with_capacity(text.len() / 6 + 1);
    let (mut opens, mut sentence, mut start) = (true, 0, None);
    for (at, c) in text.char_indices().chain([(text.len(), '.')]) {
        if c.is_alphanumeric() || matches!(c, '\'' | '_') {
            start = start.or(Some(at));
            continue;
        }
        if let Some(start) = start.take() {
            words.push(Word { text: &text[start..at], start, opens, sentence });
            opens = false;
        }
        if matches!(c, '.' | '!' | '?' | '\n' | ';' | ':' | '。') && !opens {
            opens = true;
            sentence += 1;
        }
    }
    words
}

/// A text in small letters, without what is hidden in its words and with disguised verbs as what
/// they look like.
fn plain(text: &str) -> String {
    if text.is_ascii() && !is_odd(text) {
        return text.to_ascii_lowercase();
    }
    let seen: String = text.chars().filter(|c| !is_hidden(*c) || c.is_control()).collect();
    let mut out = String::with_capacity(seen.len());
    for piece in seen.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let bare = unlike(word);
        match bare.and_then(|bare| DESTROY.iter().find(|verb| is_form(&bare, verb))) {
            Some(verb) => {
                out.extend([verb, "s"]);
                out.push_str(&piece[word.len()..]);
            }
            None => out.push_str(&piece.to_lowercase()),
        }
    }
    out
}

/// A capital `I` or a digit between small letters.
fn is_odd(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| {
        matches!(three[1], b'I' | b'0' | b'1')
            && three[0].is_ascii_lowercase()
            && three[2].is_ascii_lowercase()
    })
}
