//! Texts: those that tests name, and all others by what is asked of them.

use super::parts::{self, Asked};
use super::{Cells, Probe, What, automaton, folders, hosts, judged, phrases, quoted};
use crate::condition::Match;
use crate::condition::literal::Literal;
use crate::condition::operator::{Operator, Test};

pub(super) fn add(probes: &[Probe<'_>], all: &mut Cells) {
    let named = named(probes);
    for text in &named {
        all.add(probes, quoted(text), What::Quoted(quoted(text)));
    }
    let plain = ["text", "x", "another text", ""].map(str::to_owned);
    add_others(probes, &named, &plain, all);
}

/// Texts that are not named.
pub(super) fn add_others(
    probes: &[Probe<'_>],
    named: &[String],
    plain: &[String],
    all: &mut Cells,
) {
    let asked = Asked::of(probes);
    let explored = automaton::explore(named, &asked.patterns, &asked.lengths);
    let (inside, all_inside) = folders::samples(&asked.folders);
    let (at_hosts, _) = hosts::samples(&asked.hosts);
    let known = SAMPLES.iter().filter(|_| asked.is_public || asked.is_sensitive);
    let known = known.map(|text| (*text).to_owned());
    let samples =
        plain.iter().cloned().chain(known).chain(inside).chain(at_hosts).chain(explored.texts);
    let what = |answers: &[Match]| What::Text(phrases::of_text(probes, answers, !named.is_empty()));
    let mut regular: Vec<Vec<Match>> = Vec::new();
    for sample in samples.filter(|sample| !named.contains(sample)) {
        if let Some(answers) = judged(probes, &quoted(&sample)) {
            regular.push(answers);
        }
        all.add_new(probes, quoted(&sample), what);
    }
    let special =
        [!asked.folders.is_empty(), !asked.hosts.is_empty(), asked.is_public, asked.is_sensitive];
    let special = special.into_iter().filter(|is_asked| *is_asked).count();
    let is_mixed =
        special > 1 || special == 1 && !(asked.patterns.is_empty() && asked.lengths.is_empty());
    let why = match explored.gap {
        Some(why) => why,
        None if is_mixed => "addresses and paths are not compared with patterns",
        None if !all_inside => "folders with letters beyond ASCII are not compared",
        None => return,
    };
    all.doubt(&options(probes, &regular), what, why);
}

/// Each answer of `host_public` and of `path_sensitive`, more than once: a sample may be named.
const SAMPLES: [&str; 10] = [
    "https://example.com/",
    "https://www.example.com/",
    "http://127.0.0.1/",
    "http://localhost/",
    "/etc/passwd",
    "/home/ann/.ssh/id_rsa",
    "../notes",
    "a/../b",
    "/home/ann/notes.txt",
    "docs/notes.txt",
];

/// The texts that tests compare with as a whole.
fn named(probes: &[Probe<'_>]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for literal in parts::literals(probes) {
        if let Literal::Text(text) = literal
            && !named.contains(text)
        {
            named.push(text.clone());
        }
    }
    named
}

/// What each test may say of a text that no test names.
fn options(probes: &[Probe<'_>], seen: &[Vec<Match>]) -> Vec<Vec<Match>> {
    let one = |(i, probe): (usize, &Probe<'_>)| match probe {
        Probe::Is(Operator(
            Test::Host(_) | Test::Public(_) | Test::Sensitive(_) | Test::Within(_),
        )) => {
            vec![Match::No, Match::Unknown, Match::Yes]
        }
        Probe::Is(Operator(Test::Contains(part))) if matches!(part.literal, Literal::Text(_)) => {
            vec![Match::No, Match::Yes]
        }
        Probe::Is(Operator(Test::Length { .. } | Test::Pattern(..) | Test::Search(_))) => {
            vec![Match::No, Match::Yes]
        }
        _ => seen.first().and_then(|answers| answers.get(i)).copied().into_iter().collect(),
    };
    probes.iter().enumerate().map(one).collect()
}
