//! `policy diff --meaning`: which calls two policies decide otherwise, for people and programs.

use std::fmt::Write as _;

use toolgate_policy::compare::{Change, Comparison, Doubt, Fate, Kind, Names, Part, Witness};

use crate::json::{self, Object};
use crate::output::visible;

pub(super) fn text(labels: [&str; 2], found: &Comparison) -> String {
    let mut out = String::new();
    if found.changes.is_empty() {
        let _ = writeln!(out, "{} and {} decide alike", labels[0], labels[1]);
    }
    let mut last: Option<&Names> = None;
    for change in &found.changes {
        if last != Some(&change.names) {
            let _ = writeln!(out, "{}", names(&change.names));
        }
        last = Some(&change.names);
        let _ = writeln!(out, "  {}", kind(&change.kind));
        lines(&mut out, &change.kind, &change.region);
        let _ = writeln!(out, "      for one: {}", witness(&change.witness));
    }
    if !found.doubts.is_empty() {
        let _ = writeln!(out, "cannot be told ({})", found.doubts.len());
    }
    for doubt in &found.doubts {
        let what = doubt.kind.as_ref().map_or("what changed".to_owned(), |kind_| {
            format!("whether there are calls that are {}", kind(kind_))
        });
        let _ = writeln!(out, "  {}: {what}: {}", names(&doubt.names), doubt.why);
        for part in &doubt.region {
            let _ = writeln!(out, "      {}", part_text(part));
        }
    }
    out
}

fn lines(out: &mut String, kind: &Kind, region: &[Part]) {
    if let Kind::Limits(_, lines) = kind {
        for line in lines {
            let _ = writeln!(out, "      {}", visible(line));
        }
    }
    for part in region {
        let _ = writeln!(out, "      {}", part_text(part));
    }
}

fn names(names: &Names) -> String {
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

fn part_text(part: &Part) -> String {
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

fn witness(witness: &Witness) -> String {
    let call = format!("{} {}", visible(&witness.name), visible(&witness.arguments));
    match &witness.definition {
        None => call,
        Some(definition) => format!("{call}, of a tool defined as {}", visible(definition)),
    }
}

pub(super) fn json(labels: [&str; 2], found: &Comparison) -> String {
    let changes = json::array(found.changes.iter().map(change_json));
    let doubts = json::array(found.doubts.iter().map(doubt_json));
    let object = Object::new()
        .plain("version", 1)
        .text("old", labels[0])
        .text("new", labels[1])
        .plain("alike", found.changes.is_empty() && found.doubts.is_empty())
        .raw("changes", changes)
        .raw("cannot_be_told", doubts);
    object.finish() + "\n"
}

fn change_json(change: &Change) -> String {
    let Witness { name, arguments, definition } = &change.witness;
    let witness = Object::new()
        .text("name", name)
        .raw("arguments", arguments)
        .maybe_raw("definition", definition.clone());
    of_kind(of_names(&change.names), Some(&change.kind))
        .raw("region", region_json(&change.region))
        .raw("witness", witness.finish())
        .finish()
}

fn doubt_json(doubt: &Doubt) -> String {
    of_kind(of_names(&doubt.names), doubt.kind.as_ref())
        .raw("region", region_json(&doubt.region))
        .text("why", doubt.why)
        .finish()
}

fn of_names(names: &Names) -> Object {
    let words = json::array(names.words.iter().map(|words| json::string(words)));
    Object::new()
        .text("section", names.section)
        .plain("only_named", names.is_mention)
        .raw("names", words)
}

fn of_kind(object: Object, kind: Option<&Kind>) -> Object {
    match kind {
        None => object,
        Some(Kind::Fate { from, to }) => object.text("from", from.as_str()).text("to", to.as_str()),
        Some(Kind::Limits(course, lines)) => object
            .text("limits", course.as_str())
            .raw("differences", json::array(lines.iter().map(|line| json::string(line)))),
    }
}

fn region_json(region: &[Part]) -> String {
    json::array(region.iter().map(|part| {
        let values = json::array(part.values.iter().map(|value| json::string(value)));
        let object = Object::new();
        let object = if part.path.is_empty() {
            object.plain("definition", true)
        } else {
            object.text("path", &part.path)
        };
        object.raw(if part.is_other { "anything_but" } else { "one_of" }, values).finish()
    }))
}
