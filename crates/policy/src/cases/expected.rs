//! What a test says will become of its calls.

use std::sync::Arc;

use crate::cases::came::Came;
use crate::effect::Effect;

/// Only what is said is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub effect: Effect,
    pub code: Option<String>,
    pub rule: Option<Rule>,
    /// Part of what the agent hears.
    pub says: Option<String>,
    /// All that is owed, line by line.
    pub owes: Option<Vec<String>>,
    /// All that rules in shadow would have done, line by line.
    pub shadow: Option<Vec<String>>,
    pub layer: Option<usize>,
    pub retry_after_s: Option<u64>,
}

/// A rule as the test names it, and where such rules stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub named: String,
    pub pointers: Vec<Arc<str>>,
}

impl Expected {
    /// What did not come as expected, each in a few words; the effect first.
    pub(crate) fn misses(&self, came: &Came) -> Vec<String> {
        let mut misses = Vec::new();
        let mut miss = |what: &str, expected: &str, came: &str| {
            misses.push(format!("{what} {expected} expected, {came} came"));
        };
        if self.effect != came.effect {
            miss("effect", &word(self.effect.as_str()), &word(came.effect.as_str()));
        }
        if let Some(code) = self.code.as_deref().filter(|code| Some(*code) != came.code) {
            miss("code", &word(code), &came.code.map_or("none".to_owned(), word));
        }
        if let Some(rule) = self.rule.as_ref().filter(|rule| !rule.decided(came)) {
            miss("rule", &word(&rule.named), &or_none(&came.pointer));
        }
        if let Some(layer) = self.layer.filter(|layer| *layer != came.layer) {
            miss("layer", &layer.to_string(), &came.layer.to_string());
        }
        if let Some(says) = self.says.as_ref().filter(|says| !came.says.contains(says.as_str())) {
            miss("words", &word(says), &or_none(&came.says));
        }
        let retry_s = came.retry_after_ms.map(|ms| ms.div_ceil(1000));
        if let Some(wait_s) = self.retry_after_s.filter(|wait_s| retry_s != Some(*wait_s)) {
            let came = retry_s.map_or("none".to_owned(), |seconds| format!("{seconds}s"));
            miss("retry_after", &format!("{wait_s}s"), &came);
        }
        if let Some(owes) = self.owes.as_ref().filter(|owes| **owes != came.owes) {
            miss("owed", &lines(owes), &lines(&came.owes));
        }
        if let Some(shadow) = self.shadow.as_ref().filter(|shadow| **shadow != came.shadow) {
            miss("in shadow", &lines(shadow), &lines(&came.shadow));
        }
        misses
    }
}

impl Rule {
    fn decided(&self, came: &Came) -> bool {
        let mut pointers = came.pointers();
        pointers.any(|came| self.pointers.iter().any(|pointer| is_within(came, pointer)))
    }
}

fn is_within(came: &str, pointer: &str) -> bool {
    came.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn word(text: &str) -> String {
    format!("`{text}`")
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { word(text) }
}

fn lines(lines: &[String]) -> String {
    if lines.is_empty() { "nothing".to_owned() } else { word(&lines.join("; ")) }
}
