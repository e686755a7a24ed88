//! `policy diff --meaning` for programs.

use toolgate_policy::compare::{Change, Comparison, Doubt, Kind, Names, Part, Witness};

use crate::json::{self, Object};

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
