//! What became of a call.

use std::sync::Arc;

use crate::decision::{Approval, Obligation, Reason};
use crate::effect::Effect;
use crate::limit::{Align, Bound, Refund};
use crate::shadow::{Shadow, Stop};
use crate::terms::Terms;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    pub effect: Effect,
    /// Of a denial and of a limit.
    pub code: Option<&'static str>,
    /// The rule that decided, as a JSON pointer; empty if none did.
    pub pointer: Arc<str>,
    /// Other rules that ask a person too.
    pub more_pointers: Vec<Arc<str>>,
    /// Which policy that rule is in: 0 is the outermost.
    pub layer: usize,
    /// What the agent hears of the rule.
    pub says: String,
    /// What is owed before the call goes on; nothing if it is denied.
    pub owes: Vec<String>,
    pub retry_after_ms: Option<u64>,
    /// What rules in shadow would have made of it, line by line.
    pub shadow: Vec<String>,
}

impl Came {
    pub(super) fn allowed(owed: &[Obligation], layers: usize) -> Self {
        Self {
            effect: Effect::Allow,
            code: None,
            pointer: Arc::default(),
            more_pointers: Vec::new(),
            layer: 0,
            says: String::new(),
            owes: owed.iter().flat_map(|one| lines(one, layers)).collect(),
            retry_after_ms: None,
            shadow: Vec::new(),
        }
    }

    /// Of a call that is let through: what would have become of it.
    pub(super) fn with_shadow(self, shadow: Option<&Shadow>, layers: usize) -> Self {
        let Some(shadow) = shadow.filter(|_| self.effect == Effect::Allow) else { return self };
        let stop = match &shadow.stop {
            Some(Stop::Approve(approval)) => lines(&Obligation::Approve(approval.clone()), layers),
            Some(Stop::Deny { layer, reason }) => {
                let at = if reason.pointer.is_empty() { "-" } else { &*reason.pointer };
                let layer = if layers > 1 { format!(" (layer {layer})") } else { String::new() };
                vec![format!("deny {} {at}{layer}: {}", reason.code.as_str(), reason.message)]
            }
            None => Vec::new(),
        };
        let spends = lines(&Obligation::Spend(shadow.charges.clone()), layers);
        Self { shadow: [stop, spends].concat(), ..self }
    }

    pub(super) fn denied(effect: Effect, layer: usize, reason: &Reason) -> Self {
        Self {
            effect,
            code: Some(reason.code.as_str()),
            pointer: Arc::clone(&reason.pointer),
            layer,
            says: reason.message.clone(),
            ..Self::allowed(&[], 0)
        }
    }

    /// A person has not said yes yet.
    pub(super) fn asked(self, approvals: &[&Approval]) -> Self {
        let Some((first, more)) = approvals.split_first() else { return self };
        Self {
            effect: Effect::Approve,
            pointer: Arc::clone(&first.pointer),
            more_pointers: more.iter().map(|one| Arc::clone(&one.pointer)).collect(),
            layer: first.layer,
            says: words(first.on_deny.as_ref()),
            ..self
        }
    }

    pub(super) fn limited(self, bound: &Bound, retry_after_ms: Option<u64>) -> Self {
        Self {
            effect: Effect::Limit,
            code: Some("limit"),
            pointer: Arc::clone(&bound.pointer),
            layer: bound.layer,
            says: words(bound.on_deny.as_ref()),
            retry_after_ms,
            ..self
        }
    }

    /// All rules that stand behind the effect.
    pub(crate) fn pointers(&self) -> impl Iterator<Item = &str> {
        [&self.pointer].into_iter().chain(&self.more_pointers).map(|pointer| &**pointer)
    }
}

fn words(on_deny: Option<&Arc<str>>) -> String {
    on_deny.map(|words| words.as_ref().to_owned()).unwrap_or_default()
}

/// One line for an approval; of what is spent, one for each counter and one for each bound.
/// Layers are named where there are several.
fn lines(obligation: &Obligation, layers: usize) -> Vec<String> {
    let layer = |layer: usize| if layers > 1 { format!(" (layer {layer})") } else { String::new() };
    match obligation {
        Obligation::Approve(approval) => {
            let words = approval.on_deny.as_ref().map(|words| format!(": {words}"));
            let (pointer, layer) = (&approval.pointer, layer(approval.layer));
            let (terms, words) = (terms(&approval.terms), words.unwrap_or_default());
            vec![format!("approve {pointer}{layer}{terms}{words}")]
        }
        Obligation::Spend(charges) => charges
            .iter()
            .flat_map(|charge| {
                let spend = format!("spend {} of {}", charge.amount, charge.counter);
                let bounds = charge.bounds.iter().map(|one| bound(one, &layer(one.layer)));
                [spend].into_iter().chain(bounds)
            })
            .collect(),
    }
}

fn terms(terms: &Terms) -> String {
    let Terms { approvers, dedupe_s, hold_s, pending_max, timeout_s, webhook } = terms;
    let names = approvers.as_ref().map(|names| {
        let names: Vec<_> = names.iter().map(|name| &**name).collect();
        names.join(" or ")
    });
    let all = [
        timeout_s.map(|timeout_s| format!(", within {timeout_s} s")),
        hold_s.map(|hold_s| format!(", held for {hold_s} s")),
        names.map(|names| format!(", by {names}")),
        dedupe_s.map(|dedupe_s| format!(", told once in {dedupe_s} s")),
        pending_max.map(|max| format!(", at most {max} at a time")),
        webhook.as_ref().map(|webhook| format!(", told at {}", webhook.url)),
    ];
    all.into_iter().flatten().collect()
}

fn bound(bound: &Bound, layer: &str) -> String {
    let align = match bound.window.align {
        Align::Calendar => "calendar",
        Align::Sliding => "sliding",
    };
    let refund = match bound.refund {
        Refund::NotSent => "",
        Refund::OnError => ", refunded on error",
    };
    let words = bound.on_deny.as_ref().map_or_else(String::new, |words| format!(": {words}"));
    let scope = bound.scope.as_str();
    let (max, length_s, pointer) = (bound.max, bound.window.length_s, &bound.pointer);
    format!("at most {max} in {length_s} s per {scope}, {align}{refund}, {pointer}{layer}{words}")
}
