//! What the other tools of a server tell of one: the words that all their names share say nothing.

use std::collections::BTreeMap;

use super::lexicon::{self, Strength};
use super::words::Words;

/// The words in front of and behind the names of one server's tools: `github_list_issues`,
/// `web_search_exa`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kin {
    front: Vec<String>,
    back: Vec<String>,
}

/// Of fewer tools nothing can be said.
const TOOLS_MIN: usize = 4;
/// The share of the tools that have a word, in percent.
const SHARE_MIN: usize = 60;
/// `google_drive_files_…`: more shared words are none.
const WORDS_MAX: usize = 3;
pub(super) const NAME_BYTES_MAX: usize = 200;

impl Kin {
    /// Of the names of all tools of one server.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<Words> = names.map(|name| Words::of(name, NAME_BYTES_MAX)).collect();
        let mut kin = Self::default();
        if names.len() < TOOLS_MIN {
            return kin;
        }
        while kin.front.len() < WORDS_MAX {
            let at = kin.front.len();
            let own = |words: &&Words| words.len() > at + 1 && kin.front_of(words) == at;
            let Some(word) = shared(names.iter().filter(own).map(|words| words.word(at)), &names)
            else {
                break;
            };
            kin.front.push(word);
        }
        let last = names.iter().filter(|words| words.len() > 1);
        kin.back.extend(shared(last.map(|words| words.word(words.len() - 1)), &names));
        kin
    }

    /// What is left of a name when the shared words are gone: from where, to where.
    pub(super) fn own(&self, name: &Words) -> std::ops::Range<usize> {
        let start = self.front_of(name).min(name.len().saturating_sub(1));
        let shared_end = name.len() > start + 1
            && self.back.first().is_some_and(|word| word == name.word(name.len() - 1));
        start..name.len() - usize::from(shared_end)
    }

    fn front_of(&self, name: &Words) -> usize {
        self.front.iter().zip(name.iter()).take_while(|(shared, own)| shared == own).count()
    }
}

/// The word that most names have in this place, if it is none that says what a tool does.
fn shared<'a>(words: impl Iterator<Item = &'a str>, all: &[Words]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let (word, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let is_verb = lexicon::look(word).is_some_and(|found| found.strength == Strength::Strong);
    (count * 100 >= all.len() * SHARE_MIN && !is_verb).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Kin, Words};

    fn own(names: &[&str], name: &str) -> String {
        let words = Words::of(name, 200);
        let range = Kin::of(names.iter().copied()).own(&words);
        range.map(|at| words.word(at)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shared_words_are_taken_off_both_ends() {
        let drive = ["google_drive_list", "google_drive_copy_file", "google_drive_x", "google_y_z"];
        assert_eq!(own(&drive, "google_drive_copy_file"), "copy file");
        assert_eq!(own(&drive, "google_drive"), "drive");
        let search = ["web_search_acme", "paper_search_acme", "crawl_acme", "news_acme"];
        assert_eq!(own(&search, "web_search_acme"), "web search");
    }

    #[test]
    fn a_verb_stays_though_all_share_it() {
        let names = ["get_a", "get_b", "get_c", "get_d"];
        assert_eq!(own(&names, "get_a"), "get a");
    }

    #[test]
    fn few_tools_share_nothing() {
        assert_eq!(own(&["x_a", "x_b", "x_c"], "x_a"), "x a");
        assert_eq!(own(&[], ""), "");
    }
}
