//! Whether what a client saw is what it had to see.

use serde_json::Value;

use super::answer::Answer;
use super::scenario::{Expected, Step};

/// The window of every limit in the suite's policies.
const WINDOW_MS: u64 = 60_000;

/// Everything that is wrong, a line each.
pub(crate) fn judge(steps: &[Step], version: Option<&str>, answers: &[Answer]) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(answer) = answers.iter().find(|answer| answer.step() == "session") {
        problems.push(format!("the session broke: {}", answer.shown()));
        if answers.len() == 1 {
            return problems;
        }
    }
    if let Some(version) = version {
        let answer = answers.iter().find(|answer| answer.step() == "connect");
        let agreed = answer.and_then(Answer::version);
        if agreed != Some(version) {
            problems.push(format!("agreed on version {agreed:?}, without a gate it is {version}"));
        }
    }
    for step in steps {
        let own: Vec<&Answer> =
            answers.iter().filter(|answer| answer.step() == step.name).collect();
        let problem = match (step.expected, own.as_slice()) {
            (Expected::Together { allowed, limited }, own) => count_problem(allowed, limited, own),
            (expected, [answer]) => step_problem(expected, answer)
                .map(|problem| format!("{problem}: {}", answer.shown())),
            (_, own) => Some(format!("{} answers", own.len())),
        };
        problems.extend(problem.map(|problem| format!("step `{}`: {problem}", step.name)));
    }
    problems
}

fn count_problem(allowed: usize, limited: usize, answers: &[&Answer]) -> Option<String> {
    let count =
        |expected| answers.iter().filter(|answer| step_problem(expected, answer).is_none()).count();
    let (ran, refused) = (count(Expected::Allowed("hello")), count(Expected::Limited));
    let all = answers.len();
    ((ran, refused, all) != (allowed, limited, allowed + limited)).then(|| {
        let odd = answers.last().map(|answer| answer.shown()).unwrap_or_default();
        format!("{ran} of {all} ran and {refused} were limited, not {allowed} and {limited}: {odd}")
    })
}

pub(crate) fn step_problem(expected: Expected, answer: &Answer) -> Option<String> {
    match expected {
        Expected::Allowed(text) => result_problem(text, answer),
        Expected::Denied => refusal_problem("deny", answer),
        Expected::Limited => refusal_problem("limit", answer).or_else(|| wait_problem(answer)),
        Expected::Listed { sum } => list_problem(sum, answer),
        Expected::Pending => {
            refusal_problem("pending", answer).or_else(|| approval_problem(answer))
        }
        Expected::Pong => (!answer.is_ok()).then(|| "expected an answer".to_owned()),
        Expected::Progress { steps, all } => {
            result_problem("steps", answer).or_else(|| progress_problem(steps, all, answer))
        }
        Expected::Together { .. } => Some("one answer is not many".to_owned()),
        Expected::Unknown => unknown_problem(answer),
    }
}

fn result_problem(text: &str, answer: &Answer) -> Option<String> {
    let said = answer.is_ok() && !answer.is_error() && answer.text().contains(text);
    (!said).then(|| format!("expected the tool to say `{text}`"))
}

#[expect(clippy::cast_precision_loss, reason = "a few steps")]
fn progress_problem(steps: usize, all: bool, answer: &Answer) -> Option<String> {
    let heard = answer.progress().count();
    let in_order = answer.progress().eq((1..=heard).map(|step| step as f64));
    let enough = if all { heard == steps } else { heard <= steps };
    (!in_order || !enough).then(|| format!("expected {steps} steps of progress"))
}

fn refusal_problem(effect: &str, answer: &Answer) -> Option<String> {
    let decision = answer.decision();
    let problem = if !answer.is_ok() || !answer.is_error() {
        "expected a normal result that is an error".to_owned()
    } else if !answer.text().starts_with("[POLICY DENIED] ") {
        "the text has not the prefix".to_owned()
    } else if decision["effect"] != effect {
        format!("expected the effect `{effect}` in _meta")
    } else if !decision["decision_id"].as_str().is_some_and(|id| id.starts_with("dec_")) {
        "expected a decision id in _meta".to_owned()
    } else if answer.has_structured_content() {
        "a refusal has no structured content".to_owned()
    } else {
        return None;
    };
    Some(problem)
}

fn approval_problem(answer: &Answer) -> Option<String> {
    let id = answer.decision()["approval_id"].as_str().unwrap_or_default();
    let named = id.starts_with("apr_") && answer.text().contains(id);
    (!named).then(|| "expected the approval's id in _meta and in the text".to_owned())
}

fn wait_problem(answer: &Answer) -> Option<String> {
    let wait_ms = answer.decision()["retry_after_ms"].as_u64();
    let sensible = wait_ms.is_some_and(|ms| (1..=WINDOW_MS).contains(&ms));
    (!sensible).then(|| "expected retry_after_ms between 1 and the window in _meta".to_owned())
}

fn list_problem(sum: bool, answer: &Answer) -> Option<String> {
    let tools = answer.tools();
    if !answer.is_ok() || !tools.contains(&"echo") {
        Some("expected a list with `echo`".to_owned())
    } else if tools.contains(&"get-sum") != sum {
        Some(format!("`get-sum` has {} be listed", if sum { "to" } else { "not to" }))
    } else {
        None
    }
}

/// The Inspector asks for the list first and finds no such tool there.
fn unknown_problem(answer: &Answer) -> Option<String> {
    let unknown = match answer.error_code() {
        Value::String(code) => code == "tool_not_found",
        code => *code == -32602 && answer.error_message().contains("Unknown tool"),
    };
    (answer.is_ok() || !unknown).then(|| "expected the error -32602, Unknown tool".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::client::CLIENTS;
    use super::super::scenario::Policy;
    use super::super::server::EVERYTHING;
    use super::*;

    fn problem(expected: Expected, line: Value) -> Option<String> {
        step_problem(expected, &Answer::of(line))
    }

    fn refusal() -> Value {
        json!({"step": "1", "ok": true, "is_error": true, "text": "[POLICY DENIED] No.",
            "meta": {"dev.toolgate/decision":
                {"effect": "limit", "decision_id": "dec_1", "retry_after_ms": 59_000}}})
    }

    #[test]
    fn a_refusal_has_all_its_parts() {
        assert_eq!(problem(Expected::Limited, refusal()), None);
        assert!(problem(Expected::Denied, refusal()).is_some());
        assert!(problem(Expected::Allowed("No."), refusal()).is_some());
        for (path, other) in [
            ("/ok", json!(false)),
            ("/is_error", json!(false)),
            ("/text", json!("No.")),
            ("/structured", json!({})),
            ("/meta/dev.toolgate~1decision/effect", json!("deny")),
            ("/meta/dev.toolgate~1decision/decision_id", json!(null)),
            ("/meta/dev.toolgate~1decision/retry_after_ms", json!(null)),
            ("/meta/dev.toolgate~1decision/retry_after_ms", json!(60_001)),
        ] {
            let mut line = refusal();
            line["structured"] = Value::Null;
            *line.pointer_mut(path).unwrap() = other;
            assert!(problem(Expected::Limited, line).is_some(), "{path}");
        }
    }

    #[test]
    fn a_hidden_tool_is_unknown_to_every_client() {
        let error = |code: Value, message: &str| {
            let error = json!({"code": code, "message": message});
            json!({"ok": false, "error": error})
        };
        let unknown = |line| problem(Expected::Unknown, line);
        assert_eq!(unknown(error(json!(-32602), "Unknown tool: get-sum")), None);
        assert_eq!(unknown(error(json!("tool_not_found"), "")), None);
        assert!(unknown(error(json!(-32601), "Unknown tool: get-sum")).is_some());
        assert!(unknown(error(json!(-32602), "Invalid params")).is_some());
        assert!(unknown(refusal()).is_some());
    }

    #[test]
    fn all_that_ran_together_are_counted() {
        let allowed = Answer::of(json!({"ok": true, "text": "hello"}));
        let limited = Answer::of(refusal());
        let answers = [&allowed, &limited, &allowed];
        assert_eq!(count_problem(2, 1, &answers), None);
        assert!(count_problem(1, 2, &answers).is_some());
        assert!(count_problem(2, 1, &answers[..2]).is_some());
        assert!(count_problem(1, 1, &answers).is_some());
    }

    #[test]
    fn progress_is_heard_in_order() {
        let heard = |steps: &[u8]| json!({"ok": true, "text": "took 3 steps", "progress": steps});
        let progress = |all| Expected::Progress { steps: 3, all };
        assert_eq!(problem(progress(true), heard(&[1, 2, 3])), None);
        assert_eq!(problem(progress(false), heard(&[1, 2])), None);
        assert!(problem(progress(true), heard(&[1, 2])).is_some());
        for all in [false, true] {
            assert!(problem(progress(all), heard(&[1, 3, 2])).is_some());
            assert!(problem(progress(all), heard(&[1, 2, 3, 4])).is_some());
        }
    }

    #[test]
    fn lists_are_told_apart_by_the_hidden_tool() {
        let list = |tools: &[&str]| json!({"ok": true, "tools": tools});
        assert_eq!(problem(Expected::Listed { sum: false }, list(&["echo"])), None);
        assert!(problem(Expected::Listed { sum: true }, list(&["echo"])).is_some());
        assert!(problem(Expected::Listed { sum: false }, list(&["echo", "get-sum"])).is_some());
        assert!(problem(Expected::Listed { sum: false }, list(&[])).is_some());
    }

    #[test]
    fn a_step_without_an_answer_and_a_broken_session_are_found() {
        let steps = Policy::None.steps(&CLIENTS[0], &EVERYTHING);
        assert_eq!(judge(&steps, Some("2025-11-25"), &[]).len(), steps.len() + 1);
        let broken = Answer::of(json!({"step": "session", "ok": false}));
        assert_eq!(judge(&[], None, &[broken]).len(), 1);
    }
}
