//! What would make it pass, in words that somebody can act on.

use crate::call::Call;
use crate::decision::{Approval, Code};
use crate::document::outline::nearest;
use crate::explain::facts::{Fact, Truth};
use crate::explain::step::{Asks, Ends};
use crate::rule::Section;
use crate::words::short;

pub(super) fn of(ends: &Ends, asks: Asks, facts: &[Fact]) -> Option<String> {
    let reason = match ends {
        Ends::Asks(approval) => return Some(ask(approval)),
        Ends::Denies(reason) => reason,
        Ends::Passes | Ends::Spends(_) => return None,
    };
    Some(match (asks, facts) {
        (Asks::Deny, _) => "nothing: every such call is denied here".to_owned(),
        (Asks::DenyIf | Asks::Require, [fact]) => condition(fact, reason.code),
        _ if reason.code == Code::DefinitionUnknown => {
            "the tool's definition must be known".to_owned()
        }
        _ => reason.message.clone(),
    })
}

/// Whoever may say yes, by name if the rule names somebody.
fn ask(approval: &Approval) -> String {
    let names = approval.terms.approvers.as_deref().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", short(name))).collect();
    let whom = if names.is_empty() { "an approver".to_owned() } else { names.join(" or ") };
    format!("ask {whom}: a person must say yes")
}

fn condition(fact: &Fact, code: Code) -> String {
    let (argument, must) = (short(&fact.argument), fact.must.as_deref().unwrap_or_default());
    if code == Code::AmbiguousArgument {
        return format!("write `{argument}` once, and no other key that looks like it");
    }
    match (fact.truth, &fact.why) {
        (Truth::Absent, _) => format!("add `{argument}`: it {must}"),
        (Truth::Unknown, Some(why)) => format!("`{argument}` {must}: {why}"),
        _ => format!("`{argument}` {must}"),
    }
}

pub(super) fn hidden() -> String {
    "take it out of `hide`; for the agent there is no such tool".to_owned()
}

/// A listed name that it may be meant for, or how to list it.
pub(super) fn listing(section: &Section, call: &Call) -> String {
    let name = short(&call.name);
    let known = section.index.exact.keys().map(String::as_str);
    let meant = nearest(&call.name, known).map(|known| format!("did you mean `{known}`? "));
    let list = format!("list it: `{}: {{\"{name}\": {{}}}}`", call.subject.section());
    meant.unwrap_or_default() + &list
}
