//! The same for the console, which shows it as a page.

use std::path::Path;

use toolgate_console::{Explained, ExplainedStep};
use toolgate_policy::explain::{Explanation, Step};

use super::{Told, recorded, text};
use crate::args::{ExplainArgs, PlaceArgs};
use crate::output::visible;

/// As `explain DECISION_ID` does.
pub(in crate::command) fn explain(state: &Path, id: &str) -> Result<Explained, String> {
    let place = PlaceArgs { state: None, config: None, json: false };
    let args = ExplainArgs {
        id: Some(id.to_owned()),
        policy: None,
        tool: None,
        args: None,
        server: None,
        grant: None,
        definition: None,
        place,
    };
    let told = recorded::tell(id, &args, state).map_err(|failure| failure.text)?;
    Ok(explained(&told))
}

fn explained(told: &Told) -> Explained {
    let policy = |source: &super::policies::Source| (source.name.clone(), source.revision.clone());
    let mut explained = Explained {
        policies: told.sources.iter().map(policy).collect(),
        untold: told.untold.clone(),
        ..Explained::default()
    };
    if let Some(explanation) = &told.explanation {
        explained.steps = steps(told, explanation);
        explained.verdict = text::decision(told, explanation);
        explained.to_pass = text::remedies(told, explanation);
    }
    explained
}

fn steps(told: &Told, explanation: &Explanation) -> Vec<ExplainedStep> {
    let denial = explanation.steps.iter().position(text::is_denial);
    let deciding = explanation.deciding();
    let one = |(at, step): (usize, &Step)| ExplainedStep {
        place: text::place(told, step),
        pointer: visible(&step.pointer),
        asks: step.asks.as_str().to_owned(),
        end: text::end(step, denial.is_some_and(|denial| at > denial)),
        what: text::what(told, step),
        more: step.facts.iter().skip(1).map(|fact| text::found(step.asks, fact)).collect(),
        decides: deciding.is_some_and(|deciding| std::ptr::eq(deciding, step)),
    };
    explanation.steps.iter().enumerate().map(one).collect()
}
