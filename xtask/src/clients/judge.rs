//! Whether what a client saw is what it had to see.

use serde_json::Value;

use super::answer::Answer;
use super::scenario::{Expected, Step};

/// The window of every limit in the suite's policies.
const WINDOW_MS: u64 = 60_000;

/// Everything that is wrong, a line each.
pub(super) fn judge(steps: &[Step], version: Option<&str>, answers: &[Answer]) -> Vec<String> {
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
        let answer = answers.iter().find(|answer| answer.step() == step.name);
        let problem = match answer {
            None => Some("no answer".to_owned()),
            Some(answer) => step_problem(step.expected, answer)
                .map(|problem| format!("{problem}: {}", answer.shown())),
        };
        problems.extend(problem.map(|problem| format!("step `{}`: {problem}", step.name)));
    }
    problems
}

fn step_problem(expected: Expected, answer: &Answer) -> Option<String> {
    match expected {
        Expected::Allowed(text) => {
            (!answer.is_ok() || answer.is_error() || !answer.text().contains(text))
                .then(|| format!("expected the tool to say `{text}`"))
        }
        Expected::Denied => refusal_problem("deny", answer),
        Expected::Limited => refusal_problem("limit", answer).or_else(|| wait_problem(answer)),
        Expected::Listed { sum } => list_problem(sum, answer),
        Expected::Pong => (!answer.is_ok()).then(|| "expected an answer".to_owned()),
        Expected::Unknown => unknown_problem(answer),
    }
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
    fn lists_are_told_apart_by_the_hidden_tool() {
        let list = |tools: &[&str]| json!({"ok": true, "tools": tools});
        assert_eq!(problem(Expected::Listed { sum: false }, list(&["echo"])), None);
        assert!(problem(Expected::Listed { sum: true }, list(&["echo"])).is_some());
        assert!(problem(Expected::Listed { sum: false }, list(&["echo", "get-sum"])).is_some());
        assert!(problem(Expected::Listed { sum: false }, list(&[])).is_some());
    }

    #[test]
    fn a_step_without_an_answer_and_a_broken_session_are_found() {
        let steps = Policy::None.steps(&EVERYTHING);
        assert_eq!(judge(&steps, Some("2025-11-25"), &[]).len(), steps.len() + 1);
        let broken = Answer::of(json!({"step": "session", "ok": false}));
        assert_eq!(judge(&[], None, &[broken]).len(), 1);
    }
}
