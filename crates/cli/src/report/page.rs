//! The report as a page that a person can act on.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::idle::{Idle, IdleRule};
use super::tally::{Case, Hits, Tally, Wanted, percent, sorted};
use crate::output::visible;
use crate::time;

const RULES_MAX: usize = 30;

pub(crate) fn page(tally: &Tally, wanted: &Wanted, idle: &[Idle], is_file: bool) -> String {
    let mut page = head(tally, wanted);
    if tally.all() == 0 {
        page.push_str("No call was decided in this time; `--since 30d` looks further back.\n");
        return page;
    }
    shadow(&mut page, tally);
    stopped(&mut page, tally);
    changed(&mut page, tally);
    idle_rules(&mut page, idle, is_file);
    page
}

fn head(tally: &Tally, wanted: &Wanted) -> String {
    let (from, to) = (time::local(wanted.since_ms), time::local(wanted.until_ms));
    let mut text = format!("{from} to {to}");
    for (what, name) in [("grant", &wanted.grant), ("server", &wanted.server)] {
        if let Some(name) = name {
            let _ = write!(text, ", {what} {}", visible(name));
        }
    }
    let Tally { allowed, denied, limited, held, .. } = tally;
    let all = calls(tally.all());
    let _ = writeln!(
        text,
        "\n{all}: {allowed} let through, {denied} denied, {limited} limited, {held} held\n"
    );
    text
}

fn shadow(page: &mut String, tally: &Tally) {
    page.push_str("IN SHADOW: what would have been, were it enforced\n");
    if tally.shadow.is_empty() {
        page.push_str("  Nothing that went through would have been stopped.\n\n");
        return;
    }
    let share = percent(tally.would_stop, tally.allowed);
    let (would, all) = (tally.would_stop, tally.allowed);
    let _ = writeln!(page, "  {would} of the {all} calls that went through ({share:.1} %)\n");
    page.push_str(&table("would be", tally, &tally.shadow));
    page.push_str(
        "\n  One of them in full: `toolgate audit show ID`. To put a rule in force, write \
         `mode: enforce` where it says `mode: shadow`.\n\n",
    );
}

fn stopped(page: &mut String, tally: &Tally) {
    page.push_str("STOPPED: what was really denied, limited or held\n");
    if tally.stopped.is_empty() {
        page.push_str("  Nothing.\n\n");
        return;
    }
    page.push_str(&table("was", tally, &tally.stopped));
    page.push('\n');
}

fn table(effect: &str, tally: &Tally, cases: &HashMap<Case, Hits>) -> String {
    let cases = sorted(cases);
    let named = cases.iter().any(|(case, _)| !case.policy.is_empty());
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let mut head = vec![effect, "calls", "of tool's", "tool", "rule"];
    head.extend(named.then_some("policy"));
    head.push("for example");
    table.set_header(head);
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (case, hits) in cases.iter().take(RULES_MAX) {
        let mut row = vec![
            case.effect.to_owned(),
            hits.calls.to_string(),
            format!("{:.1} %", tally.share(case, hits)),
            visible(&format!("{}/{}", case.server, case.tool)),
            rule(case),
        ];
        row.extend(named.then(|| visible(&case.policy)));
        row.push(hits.samples.first().cloned().unwrap_or_default());
        table.add_row(row);
    }
    let mut text = String::new();
    for line in table.to_string().lines() {
        let _ = writeln!(text, " {}", line.trim_end());
    }
    if let Some(more) = cases.len().checked_sub(RULES_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more; `--json` has them all");
    }
    text
}

/// A rule's place; what stands behind a denial that no rule made.
fn rule(case: &Case) -> String {
    match (case.pointer.as_str(), case.code.as_str()) {
        ("", "default_deny") => "default: deny".to_owned(),
        ("", code) => code.to_owned(),
        (pointer, _) => visible(pointer),
    }
}

/// Where texts have changed, a place may have been another rule's.
fn changed(page: &mut String, tally: &Tally) {
    let names: Vec<_> = tally.revisions.keys().filter_map(|one| one.rsplit_once('@')).collect();
    let files = tally.revisions.len() - names.len();
    let unique: BTreeSet<_> = names.iter().map(|(name, _)| name).collect();
    if files > 1 || unique.len() < names.len() {
        page.push_str(
            "A policy was changed in this time: each place above is where the rule stood when \
             it decided.\n\n",
        );
    }
}

fn idle_rules(page: &mut String, idle: &[Idle], is_file: bool) {
    page.push_str("NEVER MATCHED: rules that stopped nothing\n");
    if idle.is_empty() {
        page.push_str("  To see them, name the policy: `--policy FILE`.\n");
    }
    for one in idle {
        let (name, all) = (visible(&one.policy), calls(one.calls));
        let _ = writeln!(page, "  {name}, which decided {all} in this time");
        if one.calls == 0 {
            let why = if is_file { "; is it the text that was in force?" } else { "" };
            let _ = writeln!(page, "    so nothing can be said of its rules{why}");
            continue;
        }
        for rule in one.rules.iter().take(RULES_MAX) {
            page.push_str(&idle_rule(rule));
        }
        if let Some(more) = one.rules.len().checked_sub(RULES_MAX).filter(|more| *more > 0) {
            let _ = writeln!(page, "    and {more} more; `--json` has them all");
        }
        if one.rules.is_empty() {
            page.push_str("    every rule matched\n");
        }
        if !one.uncalled.is_empty() {
            let names = one.uncalled.iter().take(RULES_MAX).map(|name| visible(name));
            let names = names.collect::<Vec<_>>().join(", ");
            let more = if one.uncalled.len() > RULES_MAX { ", …" } else { "" };
            let _ = writeln!(page, "    never called: {names}{more}");
        }
    }
}

fn idle_rule(rule: &IdleRule) -> String {
    let (pointer, what) = (visible(&rule.pointer), rule.what);
    let mut notes = Vec::new();
    if let Some((used, max)) = rule.peak {
        notes.push(format!("at most {used} of {max} used"));
    }
    if rule.is_shadow {
        notes.push("in shadow: enforced, it would have changed nothing".to_owned());
    }
    format!("    {pointer:<44} {what:<17} {}", notes.join("; ")).trim_end().to_owned() + "\n"
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}
