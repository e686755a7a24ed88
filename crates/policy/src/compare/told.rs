//! A comparison for people.

use std::fmt::Write as _;

use crate::compare::{Comparison, Fate, Kind, Names, Part, Witness};

/// Shows what somebody else wrote, as whoever prints it must.
pub type Visible = fn(&str) -> String;

/// What differs, in lines; `visible` is how words of the documents are shown.
pub fn text(labels: [&str; 2], found: &Comparison, visible: Visible) -> String {
    let mut out = String::new();
    if found.changes.is_empty() {
        let _ = writeln!(out, "{} and {} decide alike", labels[0], labels[1]);
    }
    let mut last: Option<&Names> = None;
    for change in &found.changes {
        if last != Some(&change.names) {
            let _ = writeln!(out, "{}", names(&change.names, visible));
        }
        last = Some(&change.names);
        let _ = writeln!(out, "  {}", kind(&change.kind));
        lines(&mut out, (&change.kind, &change.region), visible);
        let _ = writeln!(out, "      for one: {}", witness(&change.witness, visible));
    }
    if !found.doubts.is_empty() {
        let _ = writeln!(out, "cannot be told ({})", found.doubts.len());
    }
    for doubt in &found.doubts {
        let what = doubt.kind.as_ref().map_or("what changed".to_owned(), |kind_| {
            format!("whether there are calls that are {}", kind(kind_))
        });
        let _ = writeln!(out, "  {}: {what}: {}", names(&doubt.names, visible), doubt.why);
        for part in &doubt.region {
            let _ = writeln!(out, "      {}", part_text(part, visible));
        }
    }
    out
}

fn lines(out: &mut String, (kind, region): (&Kind, &[Part]), visible: Visible) {
    if let Kind::Limits(_, lines) = kind {
        for line in lines {
            let _ = writeln!(out, "      {}", visible(line));
        }
    }
    for part in region {
        let _ = writeln!(out, "      {}", part_text(part, visible));
    }
}

fn names(names: &Names, visible: Visible) -> String {
    let section = match names.section {
        "server_requests" => "requests of the server",
        section => section,
    };
    let mention = if names.is_mention { ", where they are only named" } else { "" };
    let words: Vec<String> = names.words.iter().map(|words| visible(words)).collect();
    format!("{section}{mention}: {}", few(&words, ", "))
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Fate { from, to } => {
            let now = match to {
                Fate::Held => "held for a person",
                fate => fate.as_str(),
            };
            format!("{now} now, {} before", from.as_str())
        }
        Kind::Limits(course, _) => format!("limits: {}", course.as_str()),
    }
}

fn part_text(part: &Part, visible: Visible) -> String {
    let values: Vec<String> = part.values.iter().map(|value| visible(value)).collect();
    let values = few(&values, if part.is_other { "; and " } else { "; or " });
    if part.path.is_empty() {
        return format!("where the tool's definition {values}");
    }
    let path = visible(&part.path);
    match (part.is_other, values.is_empty()) {
        (true, true) => format!("{path}: anything"),
        (true, false) => format!("{path}: anything but {values}"),
        (false, _) => format!("{path}: {values}"),
    }
}

/// The first of them, and how many more there are.
fn few(words: &[String], separator: &str) -> String {
    const SHOWN_MAX: usize = 8;
    let shown = words[..words.len().min(SHOWN_MAX)].join(separator);
    match words.len().checked_sub(SHOWN_MAX) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}{separator}{more} more"),
    }
}

fn witness(witness: &Witness, visible: Visible) -> String {
    let call = format!("{} {}", visible(&witness.name), visible(&witness.arguments));
    match &witness.definition {
        None => call,
        Some(definition) => format!("{call}, of a tool defined as {}", visible(definition)),
    }
}
