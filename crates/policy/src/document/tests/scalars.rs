//! YAML 1.2, whatever older readers make of a word.

use crate::document::node::Value;
use crate::document::scalar::{Lookalike, lookalike, resolve};

#[test]
fn truth_is_true_or_false() {
    for word in ["true", "True", "TRUE"] {
        assert!(matches!(resolve(word), Value::Bool(true)), "{word}");
    }
    for word in ["y", "Y", "yes", "YES", "on", "On", "n", "no", "No", "off", "OFF", "tRUE"] {
        assert!(matches!(resolve(word), Value::Text(_)), "{word}");
    }
    for (word, truth) in [("yes", true), ("On", true), ("y", true), ("NO", false), ("off", false)] {
        assert_eq!(lookalike(word), Some(Lookalike::Truth(truth)), "{word}");
    }
}

#[test]
fn null_is_null_or_tilde() {
    for word in ["null", "Null", "NULL", "~"] {
        assert!(matches!(resolve(word), Value::Null), "{word}");
    }
    assert!(matches!(resolve("nil"), Value::Text(_)));
}

#[test]
fn numbers_are_those_of_json() {
    for word in ["0", "-1", "10", "1.5", "1e6", "-0.25E-3"] {
        assert!(matches!(resolve(word), Value::Number(literal) if literal == word), "{word}");
        assert_eq!(lookalike("text"), None);
    }
    let odd = [
        "0777",
        "+5",
        ".5",
        "5.",
        "1_000",
        "1:30",
        "0x1F",
        "0o17",
        "0b101",
        ".inf",
        "-.Inf",
        ".NaN",
        "01",
        "1.e5",
        "190:20:30.15",
    ];
    for word in odd {
        assert!(matches!(resolve(word), Value::Text(_)), "{word}");
        assert_eq!(lookalike(word), Some(Lookalike::Number), "{word}");
    }
    for word in
        ["1.2.3", "10.0.0.1", "2024-01-31", "1-2", "10/minute", "v1", "0xyz", "-", "+", ".", "e5"]
    {
        assert!(matches!(resolve(word), Value::Text(_)), "{word}");
        assert_eq!(lookalike(word), None, "{word}");
    }
}
