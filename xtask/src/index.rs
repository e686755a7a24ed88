//! `cargo xtask index`: draws up the table of well-known servers that is in the binary.
//!
//! Only names and our own verdicts go in: descriptions are other people's words. The same data
//! give the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use miniz_oxide::deflate::compress_to_vec_zlib;
use toolgate_catalog::{IndexText, Kin, Listing, Source, write_index};

use crate::Result;
use crate::command::root;

mod entry;
mod row;

use row::Row;

#[derive(Args)]
pub struct Options {
    /// Where `train-corpus.jsonl` is
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Writes nothing, and fails if the table is another one than that of these data
    #[arg(long)]
    check: bool,
}

/// The day that the data were put together. By hand: a clock would make every table another one.
const AS_OF: &str = "2026-11-21";
/// So that the binary stays small.
const BYTES_MAX: usize = 400 * 1024;
const LEVEL: u8 = 10;
/// Collections that say when they were made. The others are repositories as of `AS_OF`, or before.
const COLLECTED: [(&str, &str); 1] = [("TheAgentArk/Toucan", "mid-2025")];

pub fn run(options: &Options) -> Result {
    let path = options.data.join("train-corpus.jsonl");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let documents = row::documents(&text)?;
    let rows: Vec<Row<'_>> = documents.iter().filter_map(Row::read).collect();
    let (kept, left_out): (Vec<_>, Vec<_>) = rows.into_iter().partition(Row::is_free);
    let text = write_index(&listing(&kept));
    let table = compress_to_vec_zlib(text.as_bytes(), LEVEL);
    report(&text, &table, left_out.len())?;
    store(&table, options.check)
}

fn listing<'a>(rows: &'a [Row<'a>]) -> Listing<'a> {
    let mut sources: Vec<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut servers: BTreeMap<String, Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        servers.entry(row.package.clone()).or_default().push(row);
    }
    let entries = servers.into_iter().map(|(name, rows)| {
        let kin = Kin::of(rows.iter().map(|row| &*row.tool.name));
        let place = |source: &str| sources.binary_search(&source).ok();
        let entry = entry::entry(&rows, &kin, &place);
        (name, entry)
    });
    let servers = entries.filter(|(_, entry)| !entry.tools.is_empty()).collect();
    let collected =
        |name| COLLECTED.iter().find(|(of, _)| *of == name).map_or("", |(_, when)| *when);
    let sources = sources.iter().map(|name| Source { name, collected: collected(*name) }).collect();
    Listing { as_of: AS_OF, sources, servers }
}

/// Reads the table back as the binary will.
fn report(text: &str, table: &[u8], left_out: usize) -> Result {
    let unfolded = IndexText::unfold(table)?;
    let index = unfolded.index()?;
    let words = index.servers.iter().flat_map(|server| &server.tools);
    let verdicts: std::collections::BTreeSet<_> = words.map(|tool| &*tool.verdict).collect();
    println!(
        "index: {} servers, {} tools from {} sources, {} verdicts; {} KiB as text, {} KiB folded; \
         {left_out} rows left out for their licence",
        index.servers.len(),
        index.tools(),
        index.sources.len(),
        verdicts.len(),
        text.len() / 1024,
        table.len() / 1024,
    );
    if table.len() > BYTES_MAX {
        return Err(format!("the table has more than {} KiB", BYTES_MAX / 1024).into());
    }
    Ok(())
}

fn store(table: &[u8], check: bool) -> Result {
    let path = root().join("crates/catalog/index/servers.z");
    let told = |error: std::io::Error, path: &Path| format!("{}: {error}", path.display());
    if !check {
        return Ok(fs::write(&path, table).map_err(|error| told(error, &path))?);
    }
    if fs::read(&path).map_err(|error| told(error, &path))? == table {
        println!("the table in the binary is that of these data");
        return Ok(());
    }
    Err("the table in the binary is another one: run `cargo xtask index` without --check".into())
}
