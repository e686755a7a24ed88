//! `limits` and `rate_limit`: how much in which window.

use std::num::NonZeroU64;

use crate::amount::Amount;
use crate::document::conditions::read_path;
use crate::document::deviation::Deviation;
use crate::document::findings::{Findings, quoted};
use crate::document::line::{Line, Spelling};
use crate::document::node::{Node, Value};
use crate::document::place::Place;
use crate::document::quantity::{amount, length_s, window_s, window_word};
use crate::limit::{Align, Refund, Scope, Window};
use crate::rule::{Increment, Limit, Test};

/// One item of `limits`.
pub(crate) fn read(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Option<Line> {
    let window = node.get("window").and_then(|node| window_s(node, findings));
    let max = node.get("max").and_then(|node| amount(node, findings));
    let increment = increment(node, findings)?;
    let window = Window { length_s: window?, align: align(node) };
    let limit = Limit {
        counter: counter(node, place, &increment, window).into(),
        increment,
        window,
        max: max?,
        scope: scope(node, findings),
        refund: refund(node),
    };
    let explicit = ["align", "refund", "scope"].iter().all(|key| node.get(key).is_some());
    if !explicit {
        findings.deviation(node.span, Deviation::Limits);
    }
    Some(line(limit, node, place.pointer.clone(), findings))
}

/// `10/minute`, or `{max: 10, window: 60}`.
pub(crate) fn read_rate(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Option<Line> {
    let (max, length_s) = match &node.value {
        Value::Text(text) => rate(&text.text, node, findings)?,
        Value::Map(_) => {
            let window = node.get("window").and_then(|node| window_s(node, findings));
            (node.get("max").and_then(|node| amount(node, findings))?, window?)
        }
        _ => return None,
    };
    findings.deviation(node.span, Deviation::Limits);
    let window = Window { length_s, align: Align::Sliding };
    let limit = Limit {
        counter: place.rate_counter(length_s).into(),
        increment: Increment::Fixed(Amount::ONE),
        window,
        max,
        scope: Scope::default(),
        refund: Refund::default(),
    };
    Some(line(limit, node, place.pointer.clone(), findings))
}

/// A limit with its spelling, and a warning if it lets nothing through.
pub(crate) fn line(limit: Limit, node: &Node, pointer: String, findings: &mut Findings) -> Line {
    if let Increment::Fixed(amount) = limit.increment
        && amount > limit.max
    {
        findings
            .warning(
                node.span,
                format!("no call fits: one counts {amount}, and {} is all there is", limit.max),
            )
            .help("`action: deny` says so plainly");
    }
    let spelling = spell(&limit);
    Line::new(pointer, Test::Limit(limit), spelling)
}

/// What a limit or a `state` counts per call.
pub(crate) fn increment(node: &Node, findings: &mut Findings) -> Option<Increment> {
    if let Some(from) = node.get("increment_from") {
        if let Some(member) = node.member("increment") {
            findings
                .warning(member.key_span, "`increment` has no effect beside `increment_from`")
                .help("remove it");
        }
        return read_path(from, findings).map(Increment::Argument);
    }
    match node.get("increment") {
        Some(increment) => {
            let amount = amount(increment, findings)?;
            Some(Increment::Fixed(if amount == Amount::ZERO { Amount::ONE } else { amount }))
        }
        None => Some(Increment::Fixed(Amount::ONE)),
    }
}

fn rate(text: &str, node: &Node, findings: &mut Findings) -> Option<(Amount, NonZeroU64)> {
    let read = || {
        let (count, word) = text.split_once('/')?;
        let plain = count.bytes().all(|b| b.is_ascii_digit()) && !count.starts_with('0');
        let count: u64 = if plain { count.parse().ok()? } else { return None };
        Some((Amount::from_units(Amount::ONE.units().checked_mul(count.into())?), length_s(word)?))
    };
    let rate = read();
    if rate.is_none() {
        findings
            .error(node.span, format!("{} is no rate", quoted(text)))
            .help("write `10/minute`, `10/hour`, `10/day`, or `{max: 10, window: 30}` in seconds");
    }
    rate
}

fn counter(node: &Node, place: &Place<'_>, increment: &Increment, window: Window) -> String {
    match (node.get("counter").and_then(Node::text), increment) {
        (Some(name), _) => name.to_owned(),
        (None, Increment::Argument(path)) => place.counter(&path.to_string()),
        (None, Increment::Fixed(_)) => place.rate_counter(window.length_s),
    }
}

fn align(node: &Node) -> Align {
    match node.get("align").and_then(Node::text) {
        Some("calendar") => Align::Calendar,
        _ => Align::Sliding,
    }
}

fn refund(node: &Node) -> Refund {
    match node.get("refund").and_then(Node::text) {
        Some("on_error") => Refund::OnError,
        _ => Refund::NotSent,
    }
}

fn scope(node: &Node, findings: &mut Findings) -> Scope {
    let Some(scope) = node.get("scope") else { return Scope::default() };
    match scope.text() {
        Some("session") => {
            findings
                .warning(scope.span, "`session` is read as `grant`")
                .help("an agent opens as many sessions as it likes, so none of them can bound it");
            Scope::Grant
        }
        other => other.and_then(Scope::parse).unwrap_or_default(),
    }
}

fn spell(limit: &Limit) -> Spelling {
    let spelling = Spelling::default().text("counter", &limit.counter);
    let length_s = limit.window.length_s;
    let spelling = match window_word(length_s) {
        Some(word) => spelling.text("window", word),
        None => spelling.raw("window", &length_s.to_string()),
    };
    let spelling = spelling.raw("max", &limit.max.to_string()).text("scope", limit.scope.as_str());
    let spelling = match &limit.increment {
        Increment::Argument(path) => spelling.text("increment_from", &path.to_string()),
        Increment::Fixed(amount) => spelling.raw("increment", &amount.to_string()),
    };
    let align = match limit.window.align {
        Align::Calendar => "calendar",
        Align::Sliding => "sliding",
    };
    let refund = match limit.refund {
        Refund::NotSent => "not_sent",
        Refund::OnError => "on_error",
    };
    spelling.text("align", align).text("refund", refund)
}
