//! One look for programs.

use toolgate_store::Budget;

use super::Look;
use super::tally::Tally;
use crate::json::{Object, array};
use crate::{approvals, extent, time};

pub(crate) fn to_json(look: &Look) -> String {
    let denials = look.denials.iter().map(|it| {
        Object::new()
            .text("code", &it.code)
            .text("rule", &it.rule)
            .plain("count", it.count)
            .finish()
    });
    let per_s = format!("{}.{}", look.calls_per_10s / 10, look.calls_per_10s % 10);
    Object::new()
        .plain("version", 1)
        .text("at", &time::utc(look.at_ms))
        .plain("window_s", look.window_s)
        .plain("calls_per_s", per_s)
        .raw("decisions", tally(Object::new(), &look.all))
        .raw("denials", array(denials))
        .raw("servers", named("server", &look.servers))
        .raw("grants", named("grant", &look.grants))
        .raw("approvals", array(look.approvals.iter().map(approvals::to_json)))
        .raw("budgets", array(look.budgets.iter().map(budget)))
        .raw("freezes", array(look.freezes.iter().map(extent::to_json)))
        .finish()
        + "\n"
}

fn named(what: &str, list: &[(String, Tally)]) -> String {
    array(list.iter().map(|(name, all)| tally(Object::new().text(what, name), all)))
}

fn tally(object: Object, it: &Tally) -> String {
    object
        .plain("allow", it.allow)
        .plain("deny", it.deny)
        .plain("limit", it.limit)
        .plain("pending", it.pending)
        .finish()
}

/// Amounts are decimals of any length, so they are texts.
fn budget(it: &Budget) -> String {
    Object::new()
        .text("counter", &it.counter)
        .text("unit", it.unit)
        .text("scope", it.scope.as_str())
        .text("owner", &it.owner)
        .text("rule", &it.rule)
        .text("used", &it.used.to_string())
        .text("max", &it.max.to_string())
        .plain("percent", it.percent())
        .plain("window_s", it.window_s)
        .text("at", &time::utc(it.at_ms))
        .finish()
}
