//! Orders to the model in what should only describe: poisoned definitions, shadowing, hidden text.
//!
//! Each text is judged by itself: classes of words in order and close together (`rules`), tags that
//! fake a role, characters that are not seen, what is encoded. Each piece of evidence has a weight;
//! pieces close together are added, and from a sum of [`ALARM`](evidence) on all are findings.
//! Below it there are none: `IMPORTANT:` alone is honest.

mod clean;
mod disguise;
mod encoded;
mod evidence;
mod fold;
mod hidden;
mod keys;
mod lexicon;
mod mask;
mod names;
mod params;
mod pattern;
mod places;
mod quoted;
mod rules;
mod tags;
mod text;
mod token;
mod tongues;

pub use names::Neighbours;

use toolgate_json::Value;

use crate::{Finding, Severity, Tool};

/// That much of one definition, or of another text, is looked at: of 15,900 honest schemas none is
/// as long.
const LOOKED_BYTES_MAX: usize = 512 * 1024;

/// What of a definition may still be looked at.
struct Rest(usize);

impl Rest {
    /// What is not looked at is told.
    fn of(findings: &mut Vec<Finding>, definition: Value<'_>) -> Self {
        let length = definition.raw().len();
        if length > LOOKED_BYTES_MAX {
            findings.push(Finding {
                id: "long-definition",
                severity: Severity::High,
                text: format!(
                    "{length} bytes: longer than a definition needs, and than is looked at \
                     ({LOOKED_BYTES_MAX})"
                ),
                place: "definition".to_owned(),
                quote: String::new(),
            });
        }
        Self(LOOKED_BYTES_MAX)
    }

    fn take<'a>(&mut self, text: &'a str) -> &'a str {
        let taken = &text[..text.floor_char_boundary(self.0)];
        self.0 -= taken.len();
        taken
    }
}

/// What is wrong with one definition; nothing for an honest one.
pub fn inspect(tool: &Tool<'_>, neighbours: &Neighbours) -> Vec<Finding> {
    let mut findings = names::findings(tool, neighbours);
    let is_tool = |name: &str| neighbours.is_foreign(name);
    let mut rest = Rest::of(&mut findings, tool.value);
    places::texts(tool.value, |text, place| {
        let text = rest.take(text);
        if let Some(judged) = text::judge(text, &is_tool) {
            findings.extend(judged.findings(text, &place.path()));
        }
    });
    params::findings(tool, &mut findings);
    keys::findings(tool.value, &mut findings);
    findings
}

/// What is wrong with the definition of a prompt or of a resource.
pub fn inspect_definition(definition: Value<'_>, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rest = Rest::of(&mut findings, definition);
    places::texts(definition, |text, inner| {
        let text = rest.take(text);
        if let Some(judged) = text::judge(text, &|_| false) {
            findings.extend(judged.findings(text, &format!("{place}.{}", inner.path())));
        }
    });
    findings
}

/// What is wrong with any other text that a model reads: instructions of a server, prompts, names
/// of resources, results.
pub fn inspect_text(text: &str, place: &str) -> Vec<Finding> {
    text::judge(text, &|_| false).map(|judged| judged.findings(text, place)).unwrap_or_default()
}

/// The text without what is hidden in it, and without the sentences that findings are about;
/// and those findings.
pub fn clean_text(text: &str, place: &str) -> (String, Vec<Finding>) {
    match text::judge(text, &|_| false) {
        Some(judged) => {
            let cleaned = clean::clean(text, &judged.evidence);
            let left = text::judge(&cleaned, &|_| false);
            let cleaned = left.map_or(cleaned, |left| clean::nothing(&left.evidence));
            (cleaned, judged.findings(text, place))
        }
        None => (text.to_string(), Vec::new()),
    }
}

#[cfg(test)]
mod tests;
