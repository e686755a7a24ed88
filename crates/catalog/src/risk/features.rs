//! What the model sees of a definition. Training and run time share this file.
//!
//! Annotations are no feature: what a server says of itself may not make its tool milder.

use super::Category;
use super::lexicon::{Strength, Verb, look};
use super::reading::Reading;
use super::schema::Use;
use super::votes::{Votes, index};

/// What a feature tells. Its number is part of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    NameAndText,
    NameClass,
    NameFirst,
    NameLast,
    NameLetters,
    NamePair,
    NamePattern,
    NameVerb,
    NameWord,
    Param,
    ParamAction,
    ParamRequired,
    ParamUse,
    RestBegins,
    RestClass,
    RestWord,
    TextBegins,
    TextClass,
    TextObject,
    TextPair,
    TextVerb,
    TextWord,
    Votes,
    VotesMost,
    VotesNone,
    VotesShare,
}

impl Kind {
    /// How far it counts, in halves: what speaks of all verbs of a kind counts more than one word.
    pub(super) fn scale(self) -> u8 {
        match self {
            Self::NameAndText
            | Self::NameClass
            | Self::NamePattern
            | Self::TextClass
            | Self::Votes
            | Self::VotesMost
            | Self::VotesNone
            | Self::VotesShare => 4,
            Self::NameFirst | Self::NameVerb | Self::TextBegins | Self::TextVerb => 3,
            Self::NameLast
            | Self::NameLetters
            | Self::NamePair
            | Self::NameWord
            | Self::Param
            | Self::ParamAction
            | Self::ParamRequired
            | Self::ParamUse
            | Self::RestBegins
            | Self::RestClass
            | Self::RestWord
            | Self::TextObject
            | Self::TextPair
            | Self::TextWord => 2,
        }
    }

    /// Where a person finds its words; nothing if it is of verbs that are told anyway.
    pub(super) fn place(self) -> Option<&'static str> {
        match self {
            Self::NameFirst | Self::NameLast | Self::NamePair | Self::NameVerb | Self::NameWord => {
                Some("the name")
            }
            Self::Param | Self::ParamRequired => Some("the arguments"),
            Self::RestBegins
            | Self::RestWord
            | Self::TextBegins
            | Self::TextObject
            | Self::TextPair
            | Self::TextVerb
            | Self::TextWord => Some("the description"),
            Self::NameAndText
            | Self::NameClass
            | Self::NameLetters
            | Self::NamePattern
            | Self::ParamAction
            | Self::ParamUse
            | Self::RestClass
            | Self::TextClass
            | Self::Votes
            | Self::VotesMost
            | Self::VotesNone
            | Self::VotesShare => None,
        }
    }
}

/// One fact of a definition: its kind and the words it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Feature<'a> {
    pub(super) kind: Kind,
    pub(super) one: &'a str,
    pub(super) two: &'a str,
}

type Sink<'s, 'r> = &'s mut dyn FnMut(Feature<'r>);

/// Every feature of a definition, in a fixed order; the same one may come twice.
pub(super) fn each<'r>(reading: &'r Reading<'_, '_>, votes: &Votes, sink: Sink<'_, 'r>) {
    name(reading, sink);
    letters(reading, sink);
    first_sentence(reading, sink);
    rest(reading, sink);
    arguments(reading, sink);
    opinion(votes, sink);
}

fn give<'r>(sink: Sink<'_, 'r>, kind: Kind, one: &'r str, two: &'r str) {
    sink(Feature { kind, one, two });
}

/// A verb's stem, or the word without its plural.
fn stem(word: &str, verb: Option<Verb>) -> &str {
    match verb {
        Some(verb) => verb.stem,
        None => plain(word),
    }
}

fn plain(word: &str) -> &str {
    let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    if plural { &word[..word.len() - 1] } else { word }
}

/// A verb's category and strength in two letters; a noun is a dot.
fn letter(verb: Option<Verb>) -> &'static str {
    let Some(verb) = verb else { return "." };
    match (verb.category, verb.strength) {
        (Category::Destructive, Strength::Strong) => "D",
        (Category::Destructive, Strength::Weak) => "d",
        (Category::Execute, Strength::Strong) => "E",
        (Category::Execute, Strength::Weak) => "e",
        (Category::Financial, Strength::Strong) => "F",
        (Category::Financial, Strength::Weak) => "f",
        (Category::Read, Strength::Strong) => "R",
        (Category::Read, Strength::Weak) => "r",
        (Category::Write, Strength::Strong) => "W",
        (Category::Write, Strength::Weak) => "w",
    }
}

fn name<'r>(reading: &'r Reading<'_, '_>, sink: Sink<'_, 'r>) {
    let words: Vec<(&str, Option<Verb>)> = reading.own_words().collect();
    let stems: Vec<&str> = words.iter().map(|(word, verb)| stem(word, *verb)).collect();
    let (Some(first), Some(last)) = (stems.first(), stems.last()) else { return };
    give(sink, Kind::NameFirst, first, "");
    give(sink, Kind::NameLast, last, "");
    for (at, stem) in stems.iter().enumerate() {
        give(sink, Kind::NameWord, stem, "");
        if let Some(next) = stems.get(at + 1) {
            give(sink, Kind::NamePair, stem, next);
        }
        if words[at].1.is_some() {
            let place = if at == 0 {
                "first"
            } else if at + 1 == stems.len() {
                "last"
            } else {
                "in"
            };
            give(sink, Kind::NameClass, letter(words[at].1), place);
        }
    }
    let class = |at: usize| words.get(at).map_or("", |(_, verb)| letter(*verb));
    give(sink, Kind::NamePattern, class(0), class(1));
    give(sink, Kind::NamePattern, class(0), class(words.len() - 1));
    let verb = words.iter().find_map(|(_, verb)| *verb);
    give(sink, Kind::NameVerb, verb.map_or("", |verb| verb.stem), "");
    let opening = opening(reading);
    give(sink, Kind::NameAndText, letter(verb), letter(opening));
}

/// Parts of the name's words, for verbs that the lexicon lacks.
fn letters<'r>(reading: &'r Reading<'_, '_>, sink: Sink<'_, 'r>) {
    for word in reading.marked.split_inclusive('$') {
        for at in 0..word.len().saturating_sub(3) {
            give(sink, Kind::NameLetters, &word[at..at + 4], "");
        }
    }
}

/// The verb that the description begins with, as far as one can see: `This tool deletes …`.
fn opening(reading: &Reading<'_, '_>) -> Option<Verb> {
    reading.first_verbs.iter().take(7).find_map(|verb| *verb)
}

const WORDS_MAX: usize = 30;

fn first_sentence<'r>(reading: &'r Reading<'_, '_>, sink: Sink<'_, 'r>) {
    let stems: Vec<&str> = reading
        .first
        .iter()
        .zip(&reading.first_verbs)
        .map(|(word, verb)| stem(word, *verb))
        .take(WORDS_MAX)
        .collect();
    let word = |at: usize| stems.get(at).copied().unwrap_or_default();
    give(sink, Kind::TextBegins, word(0), "");
    give(sink, Kind::TextBegins, word(0), word(1));
    let opens = reading.first_verbs.iter().take(7).position(Option::is_some);
    if let Some(at) = opens {
        give(sink, Kind::TextVerb, word(at), "");
        give(
            sink,
            Kind::TextClass,
            letter(reading.first_verbs[at]),
            if at == 0 { "0" } else { "" },
        );
        let object = stems[at + 1..].iter().find(|word| !ARTICLES.contains(word));
        give(sink, Kind::TextObject, word(at), object.unwrap_or(&""));
    } else {
        give(sink, Kind::TextClass, ".", "");
    }
    for (at, stem) in stems.iter().enumerate() {
        give(sink, Kind::TextWord, stem, "");
        give(sink, Kind::TextPair, stem, word(at + 1));
    }
}

const ARTICLES: [&str; 10] =
    ["a", "all", "an", "any", "new", "one", "or", "specific", "the", "your"];

fn rest<'r>(reading: &'r Reading<'_, '_>, sink: Sink<'_, 'r>) {
    for word in reading.rest.iter() {
        give(sink, Kind::RestWord, plain(word), "");
    }
    for at in reading.rest.starts() {
        let verb = look(reading.rest.word(at));
        give(sink, Kind::RestBegins, stem(reading.rest.word(at), verb), "");
        give(sink, Kind::RestClass, letter(verb), "");
    }
}

fn arguments<'r>(reading: &'r Reading<'_, '_>, sink: Sink<'_, 'r>) {
    for (name, required) in &reading.params {
        give(sink, Kind::Param, name, "");
        if *required {
            give(sink, Kind::ParamRequired, name, "");
        }
    }
    for (_, verb) in &reading.actions {
        give(sink, Kind::ParamAction, letter(Some(*verb)), "");
        give(sink, Kind::ParamAction, verb.stem, "");
    }
    for (_, what) in &reading.uses {
        give(sink, Kind::ParamUse, use_name(*what), "");
    }
}

fn use_name(what: Use) -> &'static str {
    match what {
        Use::Code => "code",
        Use::Confirm => "confirm",
        Use::Credential => "credential",
        Use::DryRun => "dry-run",
        Use::Force => "force",
        Use::Html => "html",
        Use::Money => "money",
        Use::Path => "path",
        Use::Recipient => "recipient",
        Use::Url => "url",
    }
}

/// What the lexicon says, as one voice among others.
fn opinion(counted: &Votes, sink: Sink<'_, '_>) {
    let Some((top, share)) = counted.top() else {
        give(sink, Kind::Votes, "", "");
        return;
    };
    let by = &counted.by_category;
    let most = by[index(top)];
    let strong = step(most, [("5", 5.0), ("3", 3.0), ("1", 1.5)], "0");
    give(sink, Kind::Votes, top.name(), "");
    give(sink, Kind::VotesMost, top.name(), strong);
    let sure = step(share, [("all", 0.95), ("most", 0.75), ("half", 0.55)], "few");
    give(sink, Kind::VotesShare, top.name(), sure);
    for category in Category::ALL {
        if by[index(category)] == 0.0 {
            give(sink, Kind::VotesNone, category.name(), "");
        }
    }
}

/// The name of the first step that a value reaches.
fn step(value: f32, steps: [(&'static str, f32); 3], below: &'static str) -> &'static str {
    steps.iter().find(|(_, from)| value >= *from).map_or(below, |(name, _)| name)
}
