//! The policy that a server's tools call for: nothing is open that nobody looked at.
//!
//! Names and descriptions come from the server; nothing of them is read as policy.

use crate::{Category, Finding, Neighbours, Risk, Survey, Tool, inspect};

mod node;
mod plan;
mod sharpen;
mod sql;
mod write;

use plan::{Plan, plans};

/// The notation of a recommended policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    /// With a comment for each tool that says why.
    Yaml,
}

/// The recommended policy for the tools of one server, as a document: `default: deny`, what only
/// reads is allowed, what changes or runs something is allowed so many times a minute, money
/// needs a person, and what destroys is closed.
///
/// A tool whose definition gives orders to agents is closed whatever it does. What there is of
/// that is in the survey of the same tools, should there be one; else each is looked at by itself.
pub fn recommend(
    server: &str,
    tools: &[(Tool<'_>, Risk)],
    survey: Option<&Survey>,
    form: Form,
) -> String {
    let poison: Vec<Vec<Finding>> = match survey {
        Some(survey) => {
            let surveyed = survey.tools.iter().zip(tools);
            surveyed.map(|(one, (_, risk))| beyond(&one.findings, risk)).collect()
        }
        None => tools.iter().map(|(tool, _)| inspect(tool, &Neighbours::default())).collect(),
    };
    let plans = plans(tools, &poison);
    let description = description(server, &plans);
    match form {
        Form::Json => write::json(&description, &plans),
        Form::Yaml => write::yaml(&description, &plans),
    }
}

/// What was found in a tool's words, not in what it does.
fn beyond(findings: &[Finding], risk: &Risk) -> Vec<Finding> {
    findings.iter().filter(|finding| !risk.findings.contains(finding)).cloned().collect()
}

/// `Recommended for shop: 3 tools; 1 Read, 1 Write, 1 Destructive`.
fn description(server: &str, plans: &[Plan]) -> String {
    const ORDER: [Category; 5] = [
        Category::Read,
        Category::Write,
        Category::Execute,
        Category::Destructive,
        Category::Financial,
    ];
    let count = |category| plans.iter().filter(|plan| plan.category == category).count();
    let counted = ORDER.into_iter().map(|category| (count(category), category));
    let counted: Vec<String> = counted
        .filter(|(count, _)| *count > 0)
        .map(|(count, category)| format!("{count} {category}"))
        .collect();
    let server = crate::visible(server);
    let noun = if plans.len() == 1 { "tool" } else { "tools" };
    match counted.join(", ") {
        all if all.is_empty() => format!("Recommended for {server}: no tools"),
        all => format!("Recommended for {server}: {} {noun}; {all}", plans.len()),
    }
}

#[cfg(test)]
mod tests;
