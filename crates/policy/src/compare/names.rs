//! Names that no rule of two policies tells apart.

use crate::call::Subject;
use crate::condition::cells::{self, Probe, What};
use crate::condition::{Match, Operator};
use crate::glob::Glob;
use crate::rule::Policy;

/// Some names.
#[derive(Debug)]
pub(crate) struct NameCell {
    /// One of them; nothing if it is not certain that there is any.
    pub(crate) name: Option<String>,
    pub(crate) words: String,
}

#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) cells: Vec<NameCell>,
    /// Set where there may be more.
    pub(crate) open: Option<&'static str>,
}

pub(crate) fn names(policies: [&Policy; 2], subject: Subject) -> Names {
    let (exact, globs) = keys(policies, subject);
    let mut found = Names { cells: Vec::new(), open: None };
    let single = |name: &String| NameCell { name: Some(name.clone()), words: format!("`{name}`") };
    found.cells.extend(exact.iter().map(single));
    let operators: Vec<Operator> = globs.iter().filter_map(operator).collect();
    if operators.len() < globs.len() {
        found.open = Some("the patterns of names are too many to be compared");
        return found;
    }
    let probes: Vec<Probe<'_>> = operators.iter().map(Probe::Is).collect();
    let cells = cells::of_texts(&probes, &exact, &samples(&globs, policies, subject));
    found.open = cells.open;
    let ways = cells.sure.iter().map(|cell| (&cell.what, &cell.answers, Some(&cell.value)));
    let doubts = cells.doubts.iter().map(|doubt| (&doubt.what, &doubt.answers, None));
    for (_, answers, value) in ways.chain(doubts).filter(|way| matches!(way.0, What::Text(_))) {
        let matches: Vec<bool> = answers.iter().map(|answer| *answer == Match::Yes).collect();
        let words = words(&globs, &matches, !exact.is_empty());
        let name = value.and_then(|value| cells::text(value));
        found.cells.push(NameCell { name, words });
    }
    found
}

/// Single names and patterns, each once.
fn keys(policies: [&Policy; 2], subject: Subject) -> (Vec<String>, Vec<Glob>) {
    let (mut exact, mut globs): (Vec<String>, Vec<Glob>) = (Vec::new(), Vec::new());
    for policy in policies {
        if let Some(section) = policy.section(subject) {
            exact.extend(section.index.exact.keys().cloned());
            globs.extend(section.index.globs.iter().map(|(glob, _)| glob.clone()));
        }
        if subject == Subject::Tool {
            exact.extend(policy.hidden.exact.iter().cloned());
            globs.extend(policy.hidden.globs.iter().cloned());
        }
    }
    exact.sort();
    exact.dedup();
    globs.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    globs.dedup();
    (exact, globs)
}

fn operator(glob: &Glob) -> Option<Operator> {
    let mut pattern = String::from("(?s:");
    for c in glob.as_str().chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            c => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push(')');
    Operator::matching(&pattern)
}

/// Names that look like names.
fn samples(globs: &[Glob], policies: [&Policy; 2], subject: Subject) -> Vec<String> {
    let other = if subject.is_resource() { "other:///thing" } else { "another_name" };
    let mut samples = vec![other.to_owned()];
    for glob in globs {
        for run in ["x", "", "some/thing"] {
            samples.push(glob.as_str().replace('*', run).replace('?', "x"));
        }
    }
    let in_doubt = |name: &String| {
        let sections = policies.iter().filter_map(|policy| policy.section(subject));
        subject.is_resource() && sections.into_iter().any(|section| section.is_in_doubt(name))
    };
    samples.retain(|name| !name.is_empty() && !in_doubt(name));
    samples
}

fn words(globs: &[Glob], matches: &[bool], has_exact: bool) -> String {
    let those = |yes: bool| {
        let own = globs.iter().zip(matches).filter(move |(_, matched)| **matched == yes);
        own.map(|(glob, _)| format!("`{glob}`")).collect::<Vec<_>>()
    };
    let (yes, no) = (those(true), those(false));
    let other = if has_exact { "any other name" } else { "any name" };
    match (yes.is_empty(), no.is_empty()) {
        (true, true) => other.to_owned(),
        (true, false) => format!("{other} that is not {}", no.join(" or ")),
        (false, true) => format!("{other} that is {}", yes.join(" and ")),
        (false, false) => {
            format!("{other} that is {} and not {}", yes.join(" and "), no.join(" or "))
        }
    }
}
