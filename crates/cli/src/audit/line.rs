//! One decision, one line.

use toolgate_store::{Entry, Kind, Outcome, Would};

use super::Decision;
use super::decision::What;
use super::outcomes::closed;
use crate::args::DecisionArg;
use crate::output::visible;
use crate::time;

/// `2026-11-21 10:45:03  allow    dec_1f0c9a3e_42   shop/refund   answered in 1.2 ms`
///
/// `closing` is the entry of the outcome, where there is one yet.
pub(super) fn line(decision: &Decision<'_>, closing: Option<&Entry>, colour: bool) -> String {
    let time = time::local(decision.entry.wall_ms);
    let word = painted(decision.word(), colour);
    let what = match decision.what {
        What::Opened(opened) => {
            let closed = closing.and_then(closed);
            let ended = closed.map(|closed| ended(closed.outcome, closed.duration_us));
            let shadow = opened.shadow.as_ref().and_then(foreseen);
            ended.into_iter().chain(shadow).collect::<Vec<_>>().join("; ")
        }
        What::Denied(denied) => {
            let pointer = match denied.pointer.as_str() {
                "" => String::new(),
                pointer => format!(" at {pointer}"),
            };
            let retry = denied.retry_after_ms.map(|ms| format!(", again in {}", seconds(ms)));
            format!("{}{pointer}{}", denied.code, retry.unwrap_or_default())
        }
    };
    let (place, what) = (place(decision), visible(&what));
    let id = decision.entry.decision_id().to_string();
    format!("{time}  {word}  {id:<18}  {place:<28}  {what}").trim_end().to_owned() + "\n"
}

/// For whoever follows: how a call ended whose own line is long gone. Nothing to say of one
/// that was simply answered.
pub(super) fn outcome_line(decision: &Decision<'_>, closing: &Entry) -> Option<String> {
    let closed = closed(closing).filter(|closed| closed.outcome != Outcome::Answered)?;
    let time = time::local(closing.wall_ms);
    let (place, id) = (place(decision), decision.entry.decision_id().to_string());
    let what = ended(closed.outcome, closed.duration_us);
    Some(format!("{time}  ended    {id:<18}  {place:<28}  {what}\n"))
}

/// What a person changed or answered.
pub(super) fn event_line(entry: &Entry, colour: bool) -> Option<String> {
    let (word, place, what, by) = match &entry.kind {
        Kind::Answered(it) => {
            let by = it.by.as_ref().map(|(by, way)| format!("{by} ({})", way.as_str()));
            let tool = it.tool.as_deref().unwrap_or(&it.method);
            let place = format!("{}/{tool}", it.caller.server);
            let reason = it.reason.as_ref().map(|reason| format!(": {reason}"));
            let what =
                format!("{} to {}{}", it.verdict.as_str(), it.approval, reason.unwrap_or_default());
            ("answer", place, what, by)
        }
        Kind::Changed(it) => {
            let text = if it.text.is_empty() { String::new() } else { format!(": {}", it.text) };
            ("change", it.subject.clone(), format!("{}{text}", it.code), Some(it.by.clone()))
        }
        Kind::Closed(_) | Kind::Denied(_) | Kind::Note(_) | Kind::Opened(_) => return None,
    };
    let time = time::local(entry.wall_ms);
    let word = paint(&format!("{word:<7}"), 35, colour);
    let (id, place) = (entry.decision_id().to_string(), visible(&place));
    let what = by.map_or_else(|| what.clone(), |by| format!("{what}, by {by}"));
    Some(format!("{time}  {word}  {id:<18}  {place:<28}  {}\n", visible(&what)))
}

fn place(decision: &Decision<'_>) -> String {
    let (server, method) = (&decision.facts.caller.server, &decision.facts.method);
    match &decision.facts.tool {
        Some(name) if method != "tools/call" => visible(&format!("{server}/{method} {name}")),
        _ => visible(&format!("{server}/{}", decision.tool())),
    }
}

/// Padded to the longest of the words: colours have no width.
fn painted(word: DecisionArg, colour: bool) -> String {
    let padded = format!("{:<7}", word.as_str());
    let code = match word {
        DecisionArg::Allow => 32,
        DecisionArg::Deny => 31,
        DecisionArg::Limit => 33,
        DecisionArg::Pending => 36,
    };
    paint(&padded, code, colour)
}

fn paint(text: &str, code: u8, colour: bool) -> String {
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// What rules in shadow would have made of the call, if they would not have let it through.
pub(super) fn foreseen(would: &Would) -> Option<String> {
    let word = would.effect?.as_str();
    let at =
        if would.pointer.is_empty() { String::new() } else { format!(" at {}", would.pointer) };
    Some(format!("in shadow: {word}, {}{at}", would.code))
}

pub(super) fn ended(outcome: Outcome, duration_us: u64) -> String {
    let after = time::span(duration_us);
    match outcome {
        Outcome::Answered => format!("answered in {after}"),
        Outcome::Cancelled => format!("cancelled after {after}"),
        Outcome::Disconnected => format!("server gone after {after}"),
        Outcome::Flagged => format!("answered in {after}, result flagged"),
        Outcome::NotSent => "not sent".to_owned(),
        Outcome::ProtocolError => format!("protocol error in {after}"),
        Outcome::Stripped => format!("answered in {after}, result stripped"),
        Outcome::TimedOut => format!("timed out after {after}"),
        Outcome::ToolError => format!("tool error in {after}"),
        Outcome::Withheld => format!("answered in {after}, result withheld"),
    }
}

pub(super) fn seconds(ms: u64) -> String {
    match ms.div_ceil(1000) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s.div_ceil(60)),
        s => format!("{} h", s.div_ceil(3_600)),
    }
}
