//! One look in lines: on paper, and for each part of the screen.

use toolgate_store::{Approval, Budget, Freeze};

use super::Look;
use super::tally::Tally;
use crate::output::visible;
use crate::{approvals, extent};

/// A title and rows under it.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) rows: Vec<String>,
}

/// Of arguments.
const BRIEF_CHARS: usize = 60;

pub(crate) fn to_text(look: &Look) -> String {
    let mut lines = vec![summary(look)];
    lines.extend(notices(look));
    for part in parts(look) {
        lines.extend([String::new(), part.title.to_owned()]);
        if part.rows.is_empty() {
            lines.push("  none".to_owned());
        }
        lines.extend(part.rows.iter().map(|row| format!("  {row}")));
    }
    lines.join("\n") + "\n"
}

/// `1.2 calls/s   allow 10  deny 2  limit 0  pending 1   in the last 60 s`
pub(super) fn summary(look: &Look) -> String {
    let per_s = format!("{}.{}", look.calls_per_10s / 10, look.calls_per_10s % 10);
    let (all, window_s) = (words(&look.all), look.window_s);
    format!("{per_s} calls/s   {all}   in the last {window_s} s")
}

/// What stands above all else.
pub(super) fn notices(look: &Look) -> Vec<String> {
    let line = |freeze: &Freeze| {
        let what = extent::words(&freeze.extent);
        format!("FROZEN {what}, {}", extent::history(freeze))
    };
    let remark = look.remark.as_deref().map(visible);
    remark.into_iter().chain(look.freezes.iter().map(line)).collect()
}

pub(super) fn parts(look: &Look) -> [Part; 5] {
    let denials = look.denials.iter().map(|it| {
        let at = if it.rule.is_empty() { String::new() } else { format!(" at {}", it.rule) };
        visible(&format!("{:>6}  {}{at}", it.count, it.code))
    });
    [
        Part { title: "servers", rows: named(&look.servers) },
        Part { title: "grants", rows: named(&look.grants) },
        Part { title: "denials by rule", rows: denials.collect() },
        Part {
            title: "budgets, as the last call left them",
            rows: look.budgets.iter().map(budget).collect(),
        },
        Part { title: "waiting for a person", rows: look.approvals.iter().map(approval).collect() },
    ]
}

fn named(list: &[(String, Tally)]) -> Vec<String> {
    list.iter().map(|(name, tally)| format!("{:<20}  {}", visible(name), words(tally))).collect()
}

fn words(tally: &Tally) -> String {
    let Tally { allow, deny, limit, pending } = tally;
    format!("allow {allow}  deny {deny}  limit {limit}  pending {pending}")
}

fn budget(it: &Budget) -> String {
    let owner = if it.owner.is_empty() { "everybody" } else { &it.owner };
    let (percent, used, max) = (it.percent(), it.used, it.max);
    let text =
        format!("{percent:>3}%  {used} of {max} in {} s  {}  {owner}", it.window_s, it.counter);
    visible(&text)
}

fn approval(it: &Approval) -> String {
    let (left, call) = (approvals::left(it.left_ms), approvals::call(it));
    let brief = approvals::brief(it, BRIEF_CHARS);
    format!("{}  {left:>6}  {call}  {}  {brief}", it.id, visible(&it.caller.grant))
}
