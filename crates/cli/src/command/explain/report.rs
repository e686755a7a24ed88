//! What programs read.

use toolgate_policy::explain::{Answer, Ends, Explanation, Fact, Level, Step};

use super::recorded::Record;
use super::{Told, text};
use crate::json::{self, Object};
use crate::time;

pub(super) fn json(told: &Told) -> String {
    let policies = json::array(told.sources.iter().map(|source| {
        let policy = Object::new().text("policy", &source.name);
        policy.text("revision", &source.revision).finish()
    }));
    let explanation = told.explanation.as_ref();
    let untold = json::array(told.untold.iter().map(|one| json::string(one)));
    Object::new()
        .plain("version", 1)
        .text("call", &told.call)
        .text("by", &told.whose)
        .raw("policies", policies)
        .maybe_raw("record", told.record.as_ref().map(record))
        .maybe_raw("decision", explanation.map(|explanation| decision(told, explanation)))
        .maybe_raw("steps", explanation.map(|explanation| steps(told, explanation)))
        .raw("cannot_tell", untold)
        .finish()
        + "\n"
}

fn record(record: &Record) -> String {
    Object::new()
        .text("decision_id", &record.id)
        .text("time", &time::utc(record.time_ms))
        .text("effect", record.effect)
        .maybe_text("code", record.code.as_deref())
        .maybe_text("rule", Some(record.pointer.as_str()).filter(|pointer| !pointer.is_empty()))
        .plain("layer", record.layer)
        .maybe_raw("retry_after_ms", record.retry_after_ms.map(|ms| ms.to_string()))
        .maybe_text("approval_id", record.approval.as_deref())
        .text("revision", &record.revision)
        .finish()
}

fn decision(told: &Told, explanation: &Explanation) -> String {
    let object = Object::new().text("effect", explanation.effect().as_str());
    let object = match &explanation.answer {
        Answer::Allow(_) => object,
        Answer::Deny { reason, .. } => {
            object.text("code", reason.code.as_str()).text("message", &reason.message)
        }
    };
    let Some(step) = explanation.deciding() else { return object.finish() };
    let object = object.text("rule", &step.pointer).plain("layer", step.layer);
    object.maybe_raw("line", line(told, step)).finish()
}

fn line(told: &Told, step: &Step) -> Option<String> {
    let source = told.sources.get(step.layer)?;
    source.examined.line(&step.pointer).map(|line| line.to_string())
}

fn steps(told: &Told, explanation: &Explanation) -> String {
    let denies = |step: &Step| !step.is_shadow && matches!(step.ends, Ends::Denies(_));
    let denial = explanation.steps.iter().position(denies);
    let steps = explanation.steps.iter().enumerate();
    json::array(steps.map(|(at, one)| step(told, one, denial.is_some_and(|denial| at > denial))))
}

fn step(told: &Told, step: &Step, moot: bool) -> String {
    let source = told.sources.get(step.layer);
    let name = source.and_then(|source| source.examined.rule_name(&step.pointer));
    Object::new()
        .text("asks", step.asks.as_str())
        .text("rule", &step.pointer)
        .plain("layer", step.layer)
        .maybe_raw("line", line(told, step))
        .maybe_text("name", name)
        .text("ends", step.ends.as_str())
        .plain("after_denial", moot)
        .plain("in_shadow", step.is_shadow)
        .raw("conditions", json::array(step.facts.iter().map(fact)))
        .maybe_raw("limit", step.level.as_ref().map(|one| level(told, one)))
        .maybe_text("to_pass", text::remedy(told, step).as_deref())
        .finish()
}

fn fact(fact: &Fact) -> String {
    Object::new()
        .text("path", &fact.path)
        .maybe_text("must", fact.must.as_deref())
        .maybe_text("actual", fact.actual.as_deref())
        .text("holds", fact.truth.as_str())
        .maybe_text("why", fact.why.as_deref())
        .finish()
}

fn level(told: &Told, level: &Level) -> String {
    let object = Object::new()
        .text("counter", &level.counter.name)
        .text("counts", level.counter.unit.as_str())
        .text("scope", level.scope.as_str())
        .plain("window_s", level.window.length_s)
        .text("max", &level.max.to_string())
        .text("amount", &level.amount.to_string())
        .plain("fits", !level.is_over());
    if told.conceals(level.scope) {
        return object.finish();
    }
    let wait = level.retry_in_ms.filter(|_| level.is_over());
    object
        .text("before", &level.before.to_string())
        .maybe_text("after", level.after.map(|after| after.to_string()).as_deref())
        .maybe_raw("retry_in_ms", wait.map(|ms| ms.to_string()))
        .finish()
}
