//! Whether two conversations say the same, but for what the policy hides.

use serde_json::Value;

use super::real::HIDDEN;
use crate::clients::answer::Answer;

/// A line for each step of the direct conversation that went differently through the gateway.
pub(super) fn differences(direct: &[Answer], gated: &[Answer]) -> Vec<String> {
    let mut problems = Vec::new();
    if direct.len() < 2 {
        problems.push(format!("directly there were only {} answers", direct.len()));
    }
    for answer in direct {
        if !answer.is_ok() {
            problems.push(format!("directly: {}", answer.shown()));
        }
        let own: Vec<&Answer> =
            gated.iter().filter(|other| other.step() == answer.step()).collect();
        let [other] = own.as_slice() else {
            problems.push(format!("step `{}`: {} answers", answer.step(), own.len()));
            continue;
        };
        if without_hidden(answer.line()) != *other.line() {
            problems.push(format!("step `{}`, directly: {}", answer.step(), answer.shown()));
            problems.push(format!("through the gateway: {}", other.shown()));
        }
    }
    problems
}

/// The list as it is without the tools that are hidden.
pub(super) fn without_hidden(line: &Value) -> Value {
    let mut line = line.clone();
    for (list, name) in [("tools", ""), ("definitions", "/name")] {
        if let Some(items) = line.get_mut(list).and_then(Value::as_array_mut) {
            items.retain(|item| item.pointer(name).and_then(Value::as_str) != Some(HIDDEN));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conversation(lines: &[Value]) -> Vec<Answer> {
        lines.iter().cloned().map(Answer::of).collect()
    }

    fn list(names: &[&str]) -> Value {
        let definitions: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        json!({"step": "list", "ok": true, "tools": names, "definitions": definitions})
    }

    #[test]
    fn only_a_hidden_tool_may_be_missing() {
        let connect = json!({"step": "connect", "ok": true, "version": "2025-11-25"});
        let direct = conversation(&[connect.clone(), list(&["a", HIDDEN, "b"])]);
        let found = |gated: &[Value]| differences(&direct, &conversation(gated)).len();
        assert_eq!(found(&[connect.clone(), list(&["a", "b"])]), 0);
        for names in [&["a"] as &[_], &["b", "a"], &["a", HIDDEN, "b"], &["a", "b", "c"]] {
            assert_eq!(found(&[connect.clone(), list(names)]), 2, "{names:?}");
        }
        assert_eq!(found(&[connect]), 1);
    }

    #[test]
    fn what_fails_directly_proves_nothing() {
        let broken = json!({"step": "session", "ok": false});
        let same = conversation(std::slice::from_ref(&broken));
        assert_eq!(differences(&same, &conversation(&[broken])).len(), 2);
        assert_eq!(differences(&[], &[]).len(), 1);
    }
}
