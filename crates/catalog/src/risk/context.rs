//! Verbs that mean something else beside certain words.

use super::Category;
use super::lexicon::{Strength, Verb};
use super::words::Words;

/// Whose `checkout` is a branch, not a till.
const GIT: [&str; 11] = [
    "branch",
    "branches",
    "commit",
    "files",
    "git",
    "ref",
    "repo",
    "repository",
    "revision",
    "svn",
    "worktree",
];
/// What is taken out of a picture, a sound or a text, and not out of a store.
const TAKEN_OUT: [&str; 12] = [
    "background",
    "backgrounds",
    "bg",
    "blur",
    "duplicates",
    "noise",
    "punctuation",
    "silence",
    "stopwords",
    "vocals",
    "watermark",
    "whitespace",
];
const ARTICLES: [&str; 6] = ["a", "all", "an", "any", "image", "the"];

/// Mends the verbs of `words`; `near` are other words of the same tool.
pub(super) fn heed(words: &Words, near: &Words, verbs: &mut [Option<Verb>]) {
    for (at, slot) in verbs.iter_mut().enumerate() {
        let Some(verb) = slot else { continue };
        match verb.stem {
            "checkout" if words.iter().chain(near.iter()).any(|word| GIT.contains(&word)) => {
                *verb = Verb { category: Category::Write, stem: "switch", ..*verb };
            }
            "clean" | "erase" | "remove" => {
                let next = (at + 1..words.len()).map(|at| words.word(at));
                let object = next.into_iter().find(|word| !ARTICLES.contains(word));
                if object.is_some_and(|word| TAKEN_OUT.contains(&word)) {
                    *verb = Verb { category: Category::Execute, strength: Strength::Weak, ..*verb };
                }
            }
            _ => {}
        }
    }
}
