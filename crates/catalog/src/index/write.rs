//! The table as text: what `xtask` writes and `read` reads. The same facts, the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Source, Verdict};

/// Everything there is to write.
#[derive(Debug, Default)]
pub struct Listing<'a> {
    pub as_of: &'a str,
    pub sources: Vec<Source<'a>>,
    /// By their names.
    pub servers: BTreeMap<String, Entry<'a>>,
}

/// One server. Names with tabs or line breaks cannot be written and are left out.
#[derive(Debug, Default)]
pub struct Entry<'a> {
    pub registries: BTreeSet<&'static str>,
    pub sources: BTreeSet<usize>,
    pub annotated: u32,
    pub described: u32,
    pub tokens: Option<u32>,
    pub tools: BTreeMap<&'a str, Verdict<'a>>,
}

pub(super) const FIRST_LINE: &str = "toolgate index 1";

/// Lines of fields between tabs: a head, each signal and verdict once, then the servers, each
/// with its tools behind it.
pub fn write(listing: &Listing<'_>) -> String {
    let mut out = format!("{FIRST_LINE}\nday\t{}\n", listing.as_of);
    for source in &listing.sources {
        line(&mut out, &["source", source.name, source.collected]);
    }
    let tools = || listing.servers.values().flat_map(|server| &server.tools);
    let signals: BTreeSet<_> = tools().flat_map(|(_, verdict)| &verdict.signals).copied().collect();
    for (id, text) in &signals {
        line(&mut out, &["signal", id, text]);
    }
    let signals: Vec<_> = signals.into_iter().collect();
    let verdicts = ranked(tools().map(|(_, verdict)| verdict));
    for verdict in &verdicts {
        write_verdict(&mut out, verdict, &signals);
    }
    let places: BTreeMap<_, _> = verdicts.iter().zip(0_usize..).collect();
    for (name, server) in &listing.servers {
        write_server(&mut out, name, server);
        for (tool, verdict) in server.tools.iter().filter(|(name, _)| is_plain(name)) {
            let _ = writeln!(out, "{}\t{tool}", places[&verdict]);
        }
    }
    out
}

/// The most frequent first: small numbers are short.
fn ranked<'v, 'a: 'v>(verdicts: impl Iterator<Item = &'v Verdict<'a>>) -> Vec<&'v Verdict<'a>> {
    let mut counts: BTreeMap<&Verdict<'_>, usize> = BTreeMap::new();
    for verdict in verdicts {
        *counts.entry(verdict).or_default() += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    ranked.into_iter().map(|(verdict, _)| verdict).collect()
}

fn write_verdict(out: &mut String, verdict: &Verdict<'_>, signals: &[(&str, &str)]) {
    let places = verdict.signals.iter().filter_map(|signal| signals.binary_search(signal).ok());
    let fields = [
        "verdict".to_owned(),
        verdict.category.name().to_owned(),
        verdict.strict.name().to_owned(),
        verdict.severity.name().to_owned(),
        verdict.score.to_string(),
        verdict.confidence.to_string(),
        numbers(places),
    ];
    line(out, &fields.each_ref().map(String::as_str));
}

fn write_server(out: &mut String, name: &str, server: &Entry<'_>) {
    let registries = server.registries.iter().copied().collect::<Vec<_>>().join(",");
    let fields = [
        "server".to_owned(),
        name.to_owned(),
        registries,
        numbers(server.sources.iter().copied()),
        server.annotated.to_string(),
        server.described.to_string(),
        server.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
    ];
    line(out, &fields.each_ref().map(String::as_str));
}

fn numbers(places: impl Iterator<Item = usize>) -> String {
    places.map(|place| place.to_string()).collect::<Vec<_>>().join(",")
}

fn line(out: &mut String, fields: &[&str]) {
    out.push_str(&fields.join("\t"));
    out.push('\n');
}

/// Can stand in a line.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(char::is_control)
}
