//! Verbs, and what a tool does that is named after them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
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

/// In the order of the alphabet, a word once.
const VERBS: &[(Category, Strength, &str)] = &[
    (
        Category::Destructive,
        Strength::Strong,
        "burn cancel clean cleanup clear decommission del delete delist deregister destroy \
         discard drop erase evict expire expunge forget invalidate kill nuke obliterate prune \
         purge remove reset revoke rm rmdir shred terminate trash truncate undeploy uninstall \
         unlink unpublish unregister wipe",
    ),
    (
        Category::Destructive,
        Strength::Weak,
        "abort archive ban block close deactivate detach disable disconnect dismiss drain flush \
         force hide ignore logout reject release retire revert rollback shutdown unassign \
         unfollow unlike unset unstar unsubscribe void",
    ),
    (
        Category::Execute,
        Strength::Strong,
        "apply automate click deploy eval evaluate exec execute finetune goto install invoke \
         launch navigate reboot reconnect reload replay rerun restart resume retry rollout run \
         scale spawn ssh start stop train trigger",
    ),
    (
        Category::Execute,
        Strength::Weak,
        "act activate attack build call chat command compile control crawl debug dialog \
         dispatch drive emulate exploit fire focus forward fuzz generate infer keyboard \
         maximize minimize mouse open orchestrate pause perform play power predict process \
         render resize scan script scroll shell simulate speak step suspend swipe switch sync \
         tap test transform wake",
    ),
    (
        Category::Financial,
        Strength::Strong,
        "airdrop borrow buy checkout deposit donate lend liquidate pay payout purchase redeem \
         refund reimburse remit repay sell stake swap topup trade transfer unstake withdraw",
    ),
    (
        Category::Financial,
        Strength::Weak,
        "bet bid bridge capture charge claim fund invoice mint settle subscribe tip wager wire",
    ),
    (
        Category::Read,
        Strength::Strong,
        "aggregate analyse analyze assess audit browse calculate check classify compare compute \
         count decode describe detect determine diagnose diff discover download enumerate \
         estimate explain explore export extract fetch find forecast gather geocode get \
         identify inspect interpret introspect investigate lint list lookup match measure \
         monitor observe obtain peek ping poll preview provide pull query rank read recognise \
         recognize recommend research retrieve review screenshot search show suggest summarise \
         summarize tokenize transcribe troubleshoot validate verify view visualise visualize \
         wait watch whoami",
    ),
    (
        Category::Read,
        Strength::Weak,
        "access answer area ask availability best buffer cat centroid chart collection convert \
         current data decompile demangle detail details dir directions disassemble display \
         distance docs dump echo encode examples exists filter give graph grep group guidance \
         guide has hash head help history hot info intersect is latest learn load locate ls \
         meta metadata ocr options outline output overview parse plan plot practice practices \
         present print profile question reason report resolve return returns reverse route \
         sample schema score scrape select simplify snap snapshot sort statistics stats status \
         tail take tell templates text think top trace translate tree trending visible weather",
    ),
    (
        Category::Write,
        Strength::Strong,
        "add adjust allow alter amend annotate append approve assign attach book broadcast \
         clone commit configure copy cordon create demote deny duplicate edit enable enroll \
         extend finalize follow fork import ingest insert invite lock merge message migrate \
         modify mount move mute notify overwrite patch persist pin promote provision publish \
         put register rename reorder replace reply reschedule reserve respond restore resubmit \
         save schedule send snooze store submit taint transition tweet unarchive uncordon \
         undelete unlock unmount unmute unpin untag update upload upsert write",
    ),
    (
        Category::Write,
        Strength::Weak,
        "accept allocate batch bulk cast change comment complete compose connect design dm \
         draft drag draw email feedback file fill grant handle hover increment index init \
         initialize isolate keypress label link log make manage mark memorize new note onboard \
         paste post press push quarantine record redo remember request rotate set setup share \
         sign sms star tag toggle track turn type undo upgrade vote",
    ),
];

static TABLE: LazyLock<HashMap<&'static str, Verb, BuildHasherDefault<Fnv>>> =
    LazyLock::new(|| {
        let mut table = HashMap::default();
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
    if word.len() > LETTERS_MAX || !word.is_ascii() {
        return None;
    }
    if let Some(verb) = TABLE.get(word) {
        return Some(*verb);
    }
    if !word.ends_with(['d', 'g', 's']) {
        return None;
    }
    let mut form = String::with_capacity(LETTERS_MAX + 1);
    for (ending, instead) in ENDINGS {
        let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 3) else { continue };
        // `fetches`, but `runes` are no runs.
        if ending == "es" && !stem.ends_with(['h', 'o', 's', 'x', 'z']) {
            continue;
        }
        form.clear();
        form.extend([stem, instead, "e"]);
        let doubled = stem.as_bytes().windows(2).last().is_some_and(|two| two[0] == two[1]);
        let found = TABLE.get(&form[..form.len() - 1]).or_else(|| TABLE.get(form.as_str()));
        let found = found.or_else(|| TABLE.get(&stem[..stem.len() - 1]).filter(|_| doubled));
        if let Some(verb) = found {
            return Some(Verb { exact: false, ..*verb });
        }
    }
    None
}

/// FNV-1a: the table is ours, so nobody can fill it with words that collide.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
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
        for word in ["", "s", "ing", "user", "é", "runes", "estações", "deletedeletedelete"] {
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
