//! Patterns for tool names: `*` stands for any run of characters, `?` for one.

use std::fmt;

#[cfg(test)]
mod tests;

/// A pattern for whole names, compared code point by code point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    pattern: String,
}

impl Glob {
    /// Whether a key of `tools` is a pattern, not a name.
    pub(crate) fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?'])
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a pattern is empty: write `*` for every tool".to_owned());
        }
        // Other programs give them a meaning; a rule must not seem to say more than it does.
        if let Some(c) = text.chars().find(|c| matches!(c, '[' | ']' | '{' | '}' | '!' | '\\')) {
            return Err(format!(
                "`{c}` has no meaning in the pattern `{text}`: only `*` and `?` have"
            ));
        }
        Ok(Self { pattern: text.to_owned() })
    }

    /// Takes every character but `*` and `?` for itself.
    pub(crate) fn of(pattern: String) -> Self {
        Self { pattern }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.pattern
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut name) = (self.pattern.as_str(), name);
        // Behind the last `*`, and how much of the name it has not eaten yet.
        let mut star: Option<(&str, &str)> = None;
        loop {
            let step = pattern.chars().next();
            if step == Some('*') {
                pattern = &pattern[1..];
                star = Some((pattern, name));
                continue;
            }
            let Some(c) = name.chars().next() else {
                return step.is_none();
            };
            if step.is_some_and(|p| p == '?' || p == c) {
                pattern = behind_first(pattern);
                name = behind_first(name);
                continue;
            }
            let Some((again, uneaten)) = star else { return false };
            pattern = again;
            name = behind_first(uneaten);
            star = Some((again, name));
        }
    }

    /// Whether some name matches both patterns.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let one: Vec<char> = self.pattern.chars().collect();
        let other: Vec<char> = other.pattern.chars().collect();
        // Which beginnings of `other` meet the beginning of `one` that has been read.
        let mut met = vec![false; other.len() + 1];
        for read in 0..=one.len() {
            let last = read.checked_sub(1).and_then(|at| one.get(at)).copied();
            let mut before = false;
            for at in 0..=other.len() {
                let above = met[at];
                let next = at.checked_sub(1).and_then(|at| other.get(at)).copied();
                let left = at > 0 && met[at - 1];
                met[at] = match (last, next) {
                    (None, None) => true,
                    (Some('*'), _) | (_, Some('*')) => above || left,
                    (Some(a), Some(b)) => before && (a == b || a == '?' || b == '?'),
                    (_, _) => false,
                };
                before = above;
            }
        }
        met[other.len()]
    }
}

fn behind_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}
