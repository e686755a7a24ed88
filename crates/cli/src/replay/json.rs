//! A replay for programs.

use crate::json::{self, Object};
use crate::time;
use toolgate_store::replay::{Class, Group, Key, Tally};

pub(crate) fn json(label: &str, tally: &Tally) -> String {
    let object = Object::new().plain("version", 1).text("policy", label);
    let object = object
        .plain("calls", tally.calls())
        .maybe_text("first", tally.first_ms.map(time::utc).as_deref())
        .maybe_text("last", tally.last_ms.map(time::utc).as_deref());
    let object = Class::ALL
        .into_iter()
        .fold(object, |object, class| object.plain(class.as_str(), tally.total(class)));
    let groups = json::array(tally.groups.iter().map(|(key, group)| one(key, group)));
    let object = object
        .plain("unchanged_by_another_rule", tally.moved)
        .plain("unchanged_not_by_a_policy", tally.elsewhere)
        .raw("groups", groups);
    object.finish() + "\n"
}

fn one(key: &Key, group: &Group) -> String {
    let why = Some(key.why).filter(|why| !why.is_empty());
    let samples = json::array(group.samples.iter().map(|id| json::string(id)));
    Object::new()
        .text("change", key.class.as_str())
        .text("tool", &key.tool)
        .text("rule", &key.rule)
        .maybe_text("why", why)
        .plain("count", group.count)
        .raw("samples", samples)
        .finish()
}
