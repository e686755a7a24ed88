//! Words anywhere in a name, a title or a description that tell of a graver effect.

use super::inputs::DESTROY;
use super::{Place, Vetoes, description, tongues};
use crate::risk::Category;
use crate::risk::lexicon::{self, Strength, Verb};
use crate::risk::reading::Reading;
use crate::{is_hidden, skeleton};

/// Further on a description is not read.
const TEXT_BYTES_MAX: usize = 32 * 1024;

pub(super) fn look(reading: &Reading<'_, '_>, vetoes: &mut Vetoes) {
    name(reading, vetoes);
    foreign(&reading.tool.name, Place::Name, vetoes);
    title(reading, vetoes);
    let text = &*reading.tool.description;
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    foreign(text, Place::Description, vetoes);
    opening(reading, vetoes);
    description::look(text, vetoes);
}

/// Words that join two things a tool does.
const JOINS: [&str; 4] = ["and", "or", "plus", "then"];

fn name(reading: &Reading<'_, '_>, vetoes: &mut Vetoes) {
    let own: Vec<(&str, Option<Verb>)> = reading.own_words().collect();
    let words: Vec<&str> = own.iter().map(|(word, _)| *word).collect();
    for (at, (word, known)) in own.iter().enumerate() {
        let destroys = known.is_some_and(|verb| verb.category == Category::Destructive);
        let joined = at > 0 && JOINS.contains(&words[at - 1]);
        let second = lexicon::look(word).filter(|verb| joined && verb.exact && second(verb));
        if let Some(verb) = second {
            vetoes.add(Place::Name, verb.category, &format!("`{word}` joined to the name"), word);
        } else if destroys && (DESTROY.contains(word) || matches!(*word, "cleanup" | "remove")) {
            vetoes.add(Place::Name, Category::Destructive, &format!("`{word}` in the name"), word);
        }
    }
    let media = ["device", "disk", "drive", "partition", "volume"];
    let formats = words.first().is_some_and(|word| matches!(*word, "format" | "partition"));
    let names = |word: &str| media.contains(&word);
    if formats
        && (words.iter().any(|word| names(word))
            || reading.params.iter().any(|(name, _)| names(name)))
    {
        vetoes.add(Place::Name, Category::Destructive, "formats a medium", words[0]);
    }
    disguised(&reading.tool.name, vetoes);
}

/// What a second verb does, even a weak one, its tool does.
fn second(verb: &Verb) -> bool {
    verb.category != Category::Read
        && (verb.strength == Strength::Strong
            || matches!(verb.stem, "archive" | "ban" | "call" | "fill" | "fire" | "settle"))
}

fn title(reading: &Reading<'_, '_>, vetoes: &mut Vetoes) {
    let annotated = reading.tool.value.get("annotations").and_then(|hints| hints.get("title"));
    let annotated = annotated.and_then(toolgate_json::Value::as_str).unwrap_or_default();
    for title in [&*reading.tool.title, &*annotated] {
        for (at, word) in letters(title).iter().enumerate().take(12) {
            let Some(verb) = lexicon::look(word).filter(|verb| verb.exact) else { continue };
            let opens = at == 0 && verb.strength == Strength::Strong;
            if opens || DESTROY.contains(&verb.stem) {
                vetoes.add(Place::Name, verb.category, &format!("`{word}` in the title"), word);
            }
        }
    }
}

/// The words of a short text, in small letters.
fn letters(text: &str) -> Vec<String> {
    let text = &text[..text.floor_char_boundary(300)];
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Other languages.
fn foreign(text: &str, place: Place, vetoes: &mut Vetoes) {
    if text.is_ascii() {
        let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
        let found = words.find_map(|word| Some((tongues::look_plain(word)?, word)));
        if let Some((category, word)) = found {
            vetoes.add(place, category, &format!("`{word}` means that"), word);
        }
        return;
    }
    let parted = |c: char| !c.is_alphanumeric() && !is_mark(c);
    let mut words = text.split(parted).filter(|word| word.len() > 2);
    let found = words.find_map(|word| Some((tongues::look(&word.to_lowercase())?, word)));
    if let Some((category, word)) = found {
        vetoes.add(place, category, &format!("`{}` means that", crate::visible(word)), word);
        return;
    }
    for (category, part) in tongues::part(text) {
        vetoes.add(place, category, &format!("`{part}` means that"), part);
    }
}

/// Vowel signs of Indian scripts are no letters, and part no words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}')
}

/// The verb a description begins with, if a tool that only reads would not begin so.
fn opening(reading: &Reading<'_, '_>, vetoes: &mut Vetoes) {
    let verb = reading.first_verbs.iter().take(2).flatten().next();
    let grave = verb.filter(|verb| {
        verb.strength == Strength::Strong
            && matches!(verb.category, Category::Destructive | Category::Financial)
    });
    if let Some(verb) = grave {
        let text = format!("the description begins with `{}`", verb.stem);
        vetoes.add(Place::Description, verb.category, &text, verb.stem);
    }
}

/// The skeleton of a word, if it is not what the word already is.
pub(super) fn unlike(word: &str) -> Option<String> {
    if word.len() > 40 || word.bytes().all(|byte| byte.is_ascii_alphabetic() && byte != b'I') {
        return None;
    }
    Some(skeleton(word))
}

/// Both as skeletons: `deIete` and `delete`.
pub(super) fn is_form(bare: &str, verb: &str) -> bool {
    let verb = verb.replace('i', "l");
    bare.strip_prefix(&*verb).is_some_and(|ending| matches!(ending, "" | "d" | "s"))
}

/// A verb of the name in letters that look like others.
fn disguised(name: &str, vetoes: &mut Vetoes) {
    for chunk in name.split(|c: char| !c.is_alphanumeric() && !is_hidden(c)) {
        let Some(bare) = unlike(chunk) else { continue };
        if let Some(verb) = DESTROY.iter().find(|verb| is_form(&bare, verb)) {
            let text = format!("the name reads as `{verb}`");
            vetoes.add(Place::Name, Category::Destructive, &text, chunk);
        }
    }
}
