//! One server of the table: its tools as we judge them.

use std::collections::{BTreeMap, BTreeSet};

use toolgate_catalog::{IndexEntry, Kin, Risk, Signal, TOLD_SIGNALS, Verdict, assess, tokens};

use super::row::Row;

pub(super) fn entry<'a>(
    rows: &[&'a Row<'a>],
    kin: &Kin,
    place: &dyn Fn(&str) -> Option<usize>,
) -> IndexEntry<'a> {
    let best = best(rows);
    let tools = best.iter().map(|(name, row)| (*name, verdict(&assess(&row.tool, kin))));
    let count = |has: fn(&Row<'_>) -> bool| {
        u32::try_from(best.values().filter(|row| has(row)).count()).unwrap_or(u32::MAX)
    };
    let complete = best.values().all(|row| row.has_schema);
    IndexEntry {
        registries: rows.iter().filter_map(|row| row.registry).collect(),
        sources: rows.iter().filter_map(|row| place(&row.source)).collect(),
        annotated: count(|row| row.has_annotations),
        described: count(|row| !row.tool.description.trim().is_empty()),
        tokens: complete.then(|| best.values().map(|row| tokens(&row.tool)).sum()),
        tools: tools.collect(),
    }
}

/// Each tool once, as whoever knows most of it has it.
fn best<'a>(rows: &[&'a Row<'a>]) -> BTreeMap<&'a str, &'a Row<'a>> {
    let known = |row: &Row<'_>| (row.has_schema, row.tool.description.len());
    let mut best: BTreeMap<&str, &Row<'_>> = BTreeMap::new();
    for row in rows {
        let name = &*row.tool.name;
        // Some collections have sentences, or code, where a name should be.
        if name.len() > 64 || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            continue;
        }
        let there = best.entry(name).or_insert(row);
        if known(row) > known(there) {
            *there = row;
        }
    }
    best
}

fn verdict(risk: &Risk) -> Verdict<'static> {
    let signals: BTreeSet<_> = risk.signals.iter().filter_map(told).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10")]
    let confidence = (risk.confidence.clamp(0.0, 1.0) * 10.0).round() as u8;
    Verdict {
        category: risk.category,
        strict: risk.strict,
        severity: risk.severity,
        score: risk.score,
        confidence,
        signals: signals.into_iter().collect(),
    }
}

fn told(signal: &Signal) -> Option<(&'static str, &'static str)> {
    TOLD_SIGNALS.into_iter().find(|(id, _)| *id == signal.id)
}
