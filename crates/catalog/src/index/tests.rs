//! The table: written, read, broken.

use std::collections::{BTreeMap, BTreeSet};

use miniz_oxide::deflate::compress_to_vec_zlib;
use proptest::prelude::*;

use super::write::is_plain;
use super::*;

fn verdict(score: u8, signals: &[(&'static str, &'static str)]) -> Verdict<'static> {
    Verdict {
        category: Category::Execute,
        strict: Category::Destructive,
        severity: Severity::High,
        score,
        confidence: 7,
        signals: signals.to_vec(),
    }
}

fn listing(servers: BTreeMap<String, Entry<'_>>) -> Listing<'_> {
    let sources = vec![Source { name: "somebody/list", collected: "2025" }];
    Listing { as_of: "2026-11-21", sources, servers }
}

#[test]
fn what_was_written_is_read_again() {
    let signals = [("path-input", "Accepts file system path"), ("bulk", "Bulk operation")];
    let tools = BTreeMap::from([("run", verdict(3, &signals)), ("stop", verdict(4, &[]))]);
    let entry = Entry {
        registries: BTreeSet::from(["Smithery"]),
        sources: BTreeSet::from([0]),
        annotated: 1,
        described: 2,
        tokens: Some(321),
        tools,
    };
    let listing = listing(BTreeMap::from([("@a/b".to_owned(), entry)]));
    let text = IndexText(write(&listing));
    let index = text.index().unwrap();
    assert_eq!((index.as_of, index.tools()), ("2026-11-21", 2));
    let server = index.server("@a/b").unwrap();
    assert_eq!(index.sources[server.sources[0]].name, "somebody/list");
    assert_eq!((server.registries.as_slice(), server.tokens), (&["Smithery"][..], Some(321)));
    let run = server.tool("run").unwrap();
    assert_eq!(run.verdict.score, 3);
    assert_eq!(BTreeSet::from_iter(&run.verdict.signals), BTreeSet::from_iter(&signals));
    assert_eq!(server.tally().severities, [0, 0, 2, 0]);
    assert!(server.tool("walk").is_none() && index.server("c").is_none());
}

#[test]
fn a_broken_table_is_told_by_its_line() {
    let first = "toolgate index 1\n";
    let line = |text: String| IndexText(text).index().unwrap_err().line;
    assert_eq!(line("toolgate index 9\n".to_owned()), 1);
    assert_eq!(line(format!("{first}0\trun\n")), 2);
    assert_eq!(line(format!("{first}day\t2026-11-21\nserver\tx\n")), 3);
    let unsorted = "server\tb\t\t\t0\t0\t\nserver\ta\t\t\t0\t0\t\n";
    assert_eq!(line(format!("{first}{unsorted}")), 3);
}

#[test]
fn a_table_that_unfolds_without_end_is_refused() {
    let flood = compress_to_vec_zlib(&vec![b'x'; TEXT_BYTES_MAX + 1], 1);
    assert_eq!(IndexText::unfold(&flood).err(), Some(IndexError { line: 0 }));
    assert_eq!(IndexText::unfold(b"no deflate").err(), Some(IndexError { line: 0 }));
}

#[test]
fn the_table_in_this_program_can_be_read_and_is_small() {
    let text = IndexText::embedded().unwrap();
    let index = text.index().unwrap();
    assert!(index.servers.len() > 1000 && index.tools() > 10_000, "{}", index.tools());
    assert!(EMBEDDED.len() <= 400 * 1024, "{} bytes", EMBEDDED.len());
}

proptest! {
    #[test]
    fn no_name_disturbs_another(names in prop::collection::btree_set(".{0,12}", 0..6)) {
        let tools = names.iter().map(|name| (name.as_str(), verdict(3, &[]))).collect();
        let entry = Entry { tools, ..Entry::default() };
        let text = IndexText(write(&listing(BTreeMap::from([("s".to_owned(), entry)]))));
        let index = text.index().unwrap();
        let read: BTreeSet<_> = index.servers[0].tools.iter().map(|tool| tool.name).collect();
        let kept = names.iter().map(String::as_str).filter(|name| is_plain(name)).collect();
        prop_assert_eq!(read, kept);
    }
}
