//! The report for programs.

use std::collections::HashMap;

use super::idle::{Idle, IdleRule};
use super::tally::{Case, Hits, Tally, Wanted, sorted};
use crate::json::{self, Object};
use crate::time;

pub(crate) fn form(tally: &Tally, wanted: &Wanted, idle: &[Idle]) -> String {
    let calls = Object::new()
        .plain("all", tally.all())
        .plain("allowed", tally.allowed)
        .plain("would_be_stopped", tally.would_stop)
        .plain("denied", tally.denied)
        .plain("limited", tally.limited)
        .plain("held", tally.held);
    let object = Object::new()
        .plain("version", 1)
        .text("since", &time::utc(wanted.since_ms))
        .text("until", &time::utc(wanted.until_ms))
        .maybe_text("grant", wanted.grant.as_deref())
        .maybe_text("server", wanted.server.as_deref())
        .raw("calls", calls.finish())
        .raw("shadow", cases(tally, &tally.shadow))
        .raw("stopped", cases(tally, &tally.stopped))
        .raw("never_matched", json::array(idle.iter().map(policy)));
    object.finish() + "\n"
}

fn cases(tally: &Tally, cases: &HashMap<Case, Hits>) -> String {
    json::array(sorted(cases).into_iter().map(|(case, hits)| {
        let policy = Some(case.policy.as_str()).filter(|name| !name.is_empty());
        let samples = hits.samples.iter().map(|id| json::string(id));
        Object::new()
            .text("effect", case.effect)
            .text("code", &case.code)
            .maybe_text("policy", policy)
            .text("pointer", &case.pointer)
            .text("server", &case.server)
            .text("tool", &case.tool)
            .plain("calls", hits.calls)
            .plain("percent_of_tool", format!("{:.2}", tally.share(case, hits)))
            .raw("samples", json::array(samples))
            .finish()
    }))
}

fn policy(one: &Idle) -> String {
    Object::new()
        .text("policy", &one.policy)
        .text("revision", &one.revision)
        .plain("calls", one.calls)
        .raw("rules", json::array(one.rules.iter().map(rule)))
        .raw("uncalled_tools", json::array(one.uncalled.iter().map(|name| json::string(name))))
        .finish()
}

fn rule(rule: &IdleRule) -> String {
    let mode = if rule.is_shadow { "shadow" } else { "enforce" };
    let object =
        Object::new().text("pointer", &rule.pointer).text("what", rule.what).text("mode", mode);
    match rule.peak {
        Some((used, max)) => object.plain("used_at_most", used).plain("max", max).finish(),
        None => object.finish(),
    }
}
