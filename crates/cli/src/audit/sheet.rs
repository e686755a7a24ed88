//! Everything that is known about one decision.

use std::fmt::Write;

use toolgate_policy::Align;
use toolgate_store::{Call, Effect, Entry, Facts, Kind, Spent, Would};

use super::Decision;
use super::decision::What;
use super::line::{ended, seconds};
use super::outcomes::closed;
use crate::output::visible;
use crate::time;

/// One fact per line, its name in front.
/// `answer` is what people said to the question about it.
pub(crate) fn sheet(call: &Call, answer: Option<&Entry>) -> Option<String> {
    let decision = Decision::of(&call.entry)?;
    let mut sheet = Sheet(String::new());
    let entry = decision.entry;
    sheet.row("decision", &entry.decision_id().to_string());
    sheet.row("time", &format!("{}  ({})", time::local(entry.wall_ms), time::utc(entry.wall_ms)));
    let spent = match decision.what {
        What::Opened(opened) => {
            sheet.row("effect", "allowed");
            sheet.shadow(opened.shadow.as_ref());
            &opened.spent
        }
        What::Denied(denied) => {
            sheet.row("effect", decision.word().as_str());
            sheet.row("code", &denied.code);
            sheet.row_if("rule", &placed(&denied.pointer, denied.layer));
            let retry = denied.retry_after_ms.map(|ms| match denied.effect {
                Effect::Pending => "passes once somebody has said yes".to_owned(),
                Effect::Deny | Effect::Limit => format!("would pass in {}", seconds(ms)),
            });
            sheet.row_if("retry", retry.as_deref().unwrap_or_default());
            &denied.wanted
        }
    };
    sheet.facts(decision.facts, answer);
    for charge in spent.iter().filter(|charge| !charge.bounds.is_empty()) {
        sheet.charge("limit", charge);
    }
    if let What::Opened(_) = decision.what {
        sheet.outcome(call.closing.as_ref());
    }
    sheet.row("entry", &entry.seq.to_string());
    Some(sheet.0)
}

/// Who said what to a question, and when; nothing if nobody has.
fn answered(answer: Option<&Entry>) -> String {
    let Some(entry) = answer else { return String::new() };
    let Kind::Answered(answered) = &entry.kind else { return String::new() };
    let at = time::local(entry.wall_ms);
    let reason = answered.reason.as_deref().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    match &answered.by {
        Some((who, way)) => {
            format!(": {} by {who} ({}) at {at}{reason}", answered.verdict.as_str(), way.as_str())
        }
        None => format!(": {} at {at}", answered.verdict.as_str()),
    }
}

struct Sheet(String);

/// A rule's place; which of several policies it is in, if that is not the outermost.
fn placed(pointer: &str, layer: usize) -> String {
    if layer > 0 {
        format!("{pointer} (policy {layer} below the first)")
    } else {
        pointer.to_owned()
    }
}

impl Sheet {
    fn row(&mut self, name: &str, text: &str) {
        // A string takes everything.
        let _ = writeln!(self.0, "{name:<11}{}", visible(text));
    }

    fn row_if(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.row(name, text);
        }
    }

    /// What would have been, and whose doing.
    fn shadow(&mut self, would: Option<&Would>) {
        let Some(would) = would else { return };
        match would.effect {
            Some(effect) => {
                let rule = placed(&would.pointer, would.layer);
                let at = if rule.is_empty() { String::new() } else { format!(", at {rule}") };
                let code = &would.code;
                let effect = match effect {
                    Effect::Deny => "denied",
                    Effect::Limit => "limited",
                    Effect::Pending => "held for a person",
                };
                self.row("in shadow", &format!("would have been {effect}: {code}{at}"));
            }
            None => self.row("in shadow", "would have been allowed as well"),
        }
        for charge in would.spent.iter().filter(|charge| !charge.bounds.is_empty()) {
            self.charge("in shadow", charge);
        }
    }

    fn facts(&mut self, facts: &Facts, answer: Option<&Entry>) {
        let what = if facts.method == "tools/call" { "tool" } else { "name" };
        self.row_if(what, facts.tool.as_deref().unwrap_or_default());
        self.row("method", &facts.method);
        self.row("server", &facts.caller.server);
        self.row("grant", &facts.caller.grant);
        let principal = &facts.caller.principal;
        self.row("principal", &format!("{} of {}", principal.subject, principal.issuer));
        let client = facts.client.as_ref().map(|name| format!("{name} (as it calls itself)"));
        self.row_if("client", client.as_deref().unwrap_or_default());
        self.row_if("trace", facts.trace.as_deref().unwrap_or_default());
        self.row("policy", &format!("revision {}", facts.revision));
        let approval = facts.approval.as_ref().map(|id| format!("{id}{}", answered(answer)));
        self.row_if("approval", approval.as_deref().unwrap_or_default());
        let Some(arguments) = &facts.arguments else { return };
        self.row("arguments", &arguments.keys.join(", "));
        self.row("digest", &arguments.digest);
        if let Some(raw) = &arguments.raw {
            self.row("values", &String::from_utf8_lossy(raw));
        }
    }

    fn charge(&mut self, name: &str, charge: &Spent) {
        for level in &charge.bounds {
            let aligned = match level.window.align {
                Align::Calendar => " of the calendar",
                Align::Sliding => "",
            };
            let (before, amount, max) = (level.before, charge.amount, level.max);
            let stands = match level.after {
                Some(after) => format!("{before} + {amount} = {after} of {max}"),
                None => format!("{before} + {amount} is more than {max}"),
            };
            let window = seconds(level.window.length_s.get().saturating_mul(1000));
            let text = format!(
                "{stands} in {window}{aligned}, at {}",
                placed(&level.pointer, level.layer)
            );
            self.row(name, &text);
        }
    }

    fn outcome(&mut self, closing: Option<&Entry>) {
        match closing.and_then(closed) {
            Some(closed) => {
                self.row("outcome", &ended(closed.outcome, closed.duration_us));
                for (counter, amount) in &closed.refund {
                    self.row("refund", &format!("{amount} to {counter}"));
                }
            }
            None => self.row(
                "outcome",
                "unknown: it may have reached the server. It is under way, or the gate was \
                 stopped before its end was recorded",
            ),
        }
    }
}
