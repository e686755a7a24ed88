//! Verbs, and what a tool does that is named after them.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Category;

/// How far a verb decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    Strong,
    Weak,
}

/// A verb that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) category: Category,
    pub(crate) strength: Strength,
    /// As the lexicon has it, not as `deleting`.
    pub(crate) exact: bool,
    pub(crate) stem: &'static str,
}

/// Sorted by category; within it, by what came to mind.
const VERBS: &[(Category, Strength, &str)] = &[
    (
        Category::Destructive,
        Strength::Strong,
        "delete remove destroy drop purge wipe erase truncate uninstall revoke terminate kill \
         expunge prune rm del shred trash discard unlink evict cancel deregister unregister clear \
         reset nuke obliterate rmdir",
    ),
    (
        Category::Destructive,
        Strength::Weak,
        "disable deactivate archive close block ban detach flush force overwrite rollback revert \
         unassign logout unsubscribe abort reject dismiss disconnect release",
    ),
    (
        Category::Execute,
        Strength::Strong,
        "run execute exec eval evaluate invoke trigger start stop restart reboot deploy launch \
         click press navigate install scale rerun apply retry resume",
    ),
    (
        Category::Execute,
        Strength::Weak,
        "call type drag fill tap swipe open play pause simulate test build command shell script \
         perform process sync render generate transform compile dispatch activate scan crawl \
         scroll dialog act emulate back forward",
    ),
    (
        Category::Financial,
        Strength::Strong,
        "pay refund withdraw deposit buy sell swap purchase checkout payout stake unstake donate \
         transfer trade redeem",
    ),
    (
        Category::Financial,
        Strength::Weak,
        "charge mint bridge tip bet wager subscribe settle capture invoice",
    ),
    (
        Category::Read,
        Strength::Strong,
        "get list search find fetch read query describe show view lookup retrieve count check \
         validate verify analyze analyse inspect compare explain summarize summarise preview \
         browse discover suggest recommend calculate compute estimate forecast diff whoami ping \
         explore detect extract review identify determine geocode screenshot monitor watch wait \
         resolve download export",
    ),
    (
        Category::Read,
        Strength::Weak,
        "help status info detail details is has history head exists stats statistics tail tree \
         grep snapshot take locate select return returns display ask answer scrape parse \
         translate convert reverse guidance guide docs collection overview report availability \
         options outline ls dir cat hot top latest trending hover current",
    ),
    (
        Category::Write,
        Strength::Strong,
        "create add update edit write put upload insert save rename move copy assign merge modify \
         append replace import send reply publish upsert store register enable configure attach \
         approve invite schedule follow commit fork clone duplicate restore patch submit",
    ),
    (
        Category::Write,
        Strength::Weak,
        "set post new make log track record share label tag comment link star change mark \
         complete sign accept grant toggle manage rotate increment push batch bulk onboard setup \
         connect init initialize request allocate handle upgrade remember memorize note draft \
         compose feedback",
    ),
];

static TABLE: LazyLock<HashMap<&'static str, Verb>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for &(category, strength, verbs) in VERBS {
        for verb in verbs.split_ascii_whitespace() {
            table.entry(verb).or_insert(Verb { category, strength, exact: true, stem: verb });
        }
    }
    table
});

/// The longest verb has eleven letters, and an ending.
const LETTERS_MAX: usize = 14;

/// What comes behind a verb, and what stood there instead.
const ENDINGS: [(&str, &str); 5] = [("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ed", "")];

/// The verb that a word is, or is a form of.
pub(crate) fn look(word: &str) -> Option<Verb> {
    if word.len() > LETTERS_MAX {
        return None;
    }
    if let Some(verb) = TABLE.get(word) {
        return Some(*verb);
    }
    for (ending, instead) in ENDINGS {
        let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 3) else { continue };
        let doubled =
            stem.len() > 3 && stem.as_bytes().windows(2).last().is_some_and(|w| w[0] == w[1]);
        let forms = [
            TABLE.get(format!("{stem}{instead}").as_str()),
            TABLE.get(format!("{stem}{instead}e").as_str()),
            if doubled { TABLE.get(&stem[..stem.len() - 1]) } else { None },
        ];
        if let Some(verb) = forms.into_iter().flatten().next() {
            return Some(Verb { exact: false, ..*verb });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Category, Strength, look};

    #[test]
    fn a_form_of_a_verb_is_the_verb() {
        for (word, verb) in [
            ("delete", "delete"),
            ("deletes", "delete"),
            ("deleting", "delete"),
            ("dropped", "drop"),
            ("applies", "apply"),
            ("running", "run"),
            ("fetches", "fetch"),
        ] {
            assert_eq!(look(word).map(|found| found.stem), Some(verb), "{word}");
        }
        for word in ["", "s", "ing", "user", "é", "deletedeletedelete"] {
            assert_eq!(look(word), None, "{word}");
        }
    }

    #[test]
    fn a_verb_has_one_category() {
        let found = look("delete").expect("a verb");
        assert_eq!((found.category, found.strength), (Category::Destructive, Strength::Strong));
        let form = look("pays").expect("a verb");
        assert_eq!((form.category, form.exact), (Category::Financial, false));
    }
}
