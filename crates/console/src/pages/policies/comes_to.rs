//! What a tool comes to under one or several policies, in a few words.

use std::num::NonZeroU64;

use toolgate_policy::{Charge, Outlook, Policy, Prospect, outlook};

/// The answer before any call is made, and what is counted.
pub(super) struct ComesTo {
    /// For the stylesheet: `allow`, `ask`, `deny`, `depends` or `hide`.
    pub(super) class: &'static str,
    pub(super) words: &'static str,
    pub(super) limits: Vec<String>,
}

/// All of them must let a call pass.
pub(super) fn comes_to(policies: &[&Policy], tool: &str) -> ComesTo {
    let all: Vec<_> = policies.iter().map(|policy| outlook(policy, tool)).collect();
    let answer = all.iter().map(|outlook| outlook.answer).max().unwrap_or(Prospect::Deny);
    let asked = all.iter().any(|outlook| outlook.is_approved);
    let is_open = |outlook: &Outlook| !outlook.conditions.is_empty();
    let (class, words) = match (answer, asked, all.iter().any(is_open)) {
        (Prospect::Allow, _, _) => ("allow", "allowed"),
        (Prospect::Deny, _, _) => ("deny", "denied"),
        (Prospect::Hide, _, _) => ("hide", "hidden"),
        (Prospect::Depends, true, false) => ("ask", "a person is asked"),
        (Prospect::Depends, true, true) => ("ask", "a person may be asked"),
        (Prospect::Depends, false, _) => ("depends", "depends on its arguments"),
    };
    let closed = matches!(answer, Prospect::Deny | Prospect::Hide);
    let charges = all.iter().flat_map(|outlook| &outlook.charges).filter(|_| !closed);
    ComesTo { class, words, limits: charges.flat_map(limits).collect() }
}

fn limits(charge: &Charge) -> impl Iterator<Item = String> + '_ {
    charge.bounds.iter().map(|bound| {
        let window = window(bound.window.length_s);
        format!("{} per {window} and {}", bound.max, bound.scope.as_str())
    })
}

fn window(length_s: NonZeroU64) -> String {
    match length_s.get() {
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{seconds} s"),
    }
}
