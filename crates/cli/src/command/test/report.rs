//! What programs read.

use toolgate_policy::cases::{Came, Covered, Expected, Trial};
use toolgate_policy::document::{Diagnostic, Examined};

use super::Tested;
use crate::json::{self, Object};

pub(super) fn json(all: &[Tested]) -> String {
    let passed: usize = all.iter().map(Tested::passed).sum();
    let failed: usize = all.iter().map(Tested::failed).sum();
    let files = json::array(all.iter().map(file));
    let report = Object::new().plain("version", 1).plain("passed", passed);
    report.plain("failed", failed).raw("files", files).finish() + "\n"
}

fn file(tested: &Tested) -> String {
    let remarks = json::array(tested.remarks.iter().map(Diagnostic::json));
    let file = Object::new()
        .text("file", &tested.name)
        .plain("valid", tested.examined.is_some())
        .raw("diagnostics", remarks);
    let Some(examined) = &tested.examined else { return file.finish() };
    file.plain("passed", tested.passed())
        .plain("failed", tested.failed())
        .raw("tests", json::array(examined.trials.iter().map(|one| trial(examined, one))))
        .raw("coverage", coverage(examined))
        .finish()
}

fn trial(examined: &Examined, trial: &Trial) -> String {
    let misses = json::array(trial.misses().iter().map(|miss| json::string(miss)));
    Object::new()
        .maybe_text("name", trial.name.as_deref())
        .plain("line", examined.line_at(trial.span.start))
        .text("call", &trial.call)
        .plain("passed", trial.passed())
        .raw("expected", expected(&trial.expected))
        .raw("came", came(examined, trial))
        .raw("misses", misses)
        .finish()
}

fn expected(expected: &Expected) -> String {
    let texts =
        |lines: &Vec<String>| json::array(lines.iter().map(|line| json::string(line.as_str())));
    Object::new()
        .text("effect", expected.effect.as_str())
        .maybe_text("code", expected.code.as_deref())
        .maybe_text("rule", expected.rule.as_ref().map(|rule| rule.named.as_str()))
        .maybe_raw("layer", expected.layer.map(|layer| layer.to_string()))
        .maybe_text("says", expected.says.as_deref())
        .maybe_raw("retry_after_s", expected.retry_after_s.map(|seconds| seconds.to_string()))
        .maybe_raw("owes", expected.owes.as_ref().map(texts))
        .finish()
}

fn came(examined: &Examined, trial: &Trial) -> String {
    let Came { effect, code, pointer, layer, says, owes, retry_after_ms, .. } = &trial.came;
    let own = !pointer.is_empty() && *layer == trial.layer;
    let line = own.then(|| examined.line(pointer)).flatten();
    Object::new()
        .text("effect", effect.as_str())
        .maybe_text("code", *code)
        .maybe_text("rule", Some(&**pointer).filter(|pointer| !pointer.is_empty()))
        .maybe_raw("line", line.map(|line| line.to_string()))
        .plain("layer", layer)
        .maybe_text("says", Some(says.as_str()).filter(|says| !says.is_empty()))
        .maybe_raw("retry_after_ms", retry_after_ms.map(|ms| ms.to_string()))
        .raw("owes", json::array(owes.iter().map(|line| json::string(line))))
        .finish()
}

fn coverage(examined: &Examined) -> String {
    let rule = |rule: &Covered| {
        let line = examined.line(&rule.pointer);
        Object::new()
            .text("rule", &rule.pointer)
            .maybe_raw("line", line.map(|line| line.to_string()))
            .plain("covered", rule.is_covered())
            .plain("decided", rule.decided)
            .plain("passed", rule.passed)
            .finish()
    };
    Object::new()
        .plain("percent", examined.coverage.percent())
        .raw("rules", json::array(examined.coverage.rules.iter().map(rule)))
        .finish()
}
