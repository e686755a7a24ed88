//! One server looked at as a whole: each of its tools judged, and what is wrong with any of it.

use toolgate_json::Value;

use crate::{
    Annotations, Counted, Finding, Fingerprint, Grade, Kin, Neighbours, Risk, Severity, Tally,
    Tool, assess, fingerprint, inspect, inspect_definition, inspect_text, tokens,
};

/// What is known of one server from what it lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    pub server: String,
    /// In the server's order.
    pub tools: Vec<SurveyedTool>,
    /// On what is not of one tool: instructions, prompts, resources, the list itself.
    pub findings: Vec<Finding>,
    pub grade: Grade,
}

/// What is known of one tool.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyedTool {
    pub name: String,
    pub description: String,
    pub risk: Risk,
    /// All that is wrong with the definition, those of `risk` included, the gravest first.
    pub findings: Vec<Finding>,
    pub fingerprint: Fingerprint,
    /// What its definition takes of every conversation, about.
    pub tokens: u32,
}

/// What a server says besides its tools.
#[derive(Debug, Clone, Default)]
pub struct Besides<'a> {
    pub instructions: Option<&'a str>,
    pub prompts: Vec<Value<'a>>,
    /// Templates included.
    pub resources: Vec<Value<'a>>,
    /// The tools that an agent sees together with these.
    pub neighbours: Neighbours,
}

/// The tools of one server, each with its risk. What has no name is left out: nobody can call it.
pub fn judge<'a>(tools: impl IntoIterator<Item = Value<'a>>) -> Vec<(Tool<'a>, Risk)> {
    let tools: Vec<Tool<'a>> = tools.into_iter().filter_map(Tool::read).collect();
    let kin = Kin::of(tools.iter().map(|tool| &*tool.name));
    let judged = tools.into_iter().map(|tool| {
        let risk = assess(&tool, &kin);
        (tool, risk)
    });
    judged.collect()
}

/// Looks at all that a server says of itself, its tools as [`judge`] gave them.
pub fn survey(server: &str, judged: &[(Tool<'_>, Risk)], besides: &Besides<'_>) -> Survey {
    let tools = judged.iter().map(|(tool, risk)| {
        let mut findings = risk.findings.clone();
        findings.extend(inspect(tool, &besides.neighbours));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        SurveyedTool {
            name: tool.name.to_string(),
            description: tool.description.to_string(),
            risk: risk.clone(),
            findings,
            fingerprint: fingerprint(tool.value),
            tokens: tokens(tool),
        }
    });
    let tools: Vec<SurveyedTool> = tools.collect();
    let findings = findings_besides(judged, besides);
    let grade = grade(judged, &tools, &findings);
    Survey { server: server.to_owned(), tools, findings, grade }
}

fn grade(judged: &[(Tool<'_>, Risk)], tools: &[SurveyedTool], besides: &[Finding]) -> Grade {
    let counted = judged.iter().map(|(tool, risk)| Counted {
        category: risk.category,
        severity: risk.severity,
        is_annotated: tool.annotations != Annotations::default(),
        is_described: !tool.description.trim().is_empty(),
    });
    let findings = tools.iter().flat_map(|tool| &tool.findings).chain(besides);
    let tokens = tools.iter().map(|tool| tool.tokens).sum();
    Tally::of(counted).with_findings(findings).with_tokens(Some(tokens)).grade()
}

fn findings_besides(judged: &[(Tool<'_>, Risk)], besides: &Besides<'_>) -> Vec<Finding> {
    let mut findings = twins(judged);
    let instructions = besides.instructions.unwrap_or_default();
    findings.extend(inspect_text(instructions, "instructions"));
    for (list, kind) in [(&besides.prompts, "prompts"), (&besides.resources, "resources")] {
        for (number, item) in list.iter().enumerate() {
            findings.extend(inspect_definition(*item, &format!("{kind}[{number}]")));
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// A name that is listed twice: which of the two is called is for the client to guess, and which
/// one was looked at, too.
fn twins(judged: &[(Tool<'_>, Risk)]) -> Vec<Finding> {
    let mut names: Vec<&str> = judged.iter().map(|(tool, _)| &*tool.name).collect();
    names.sort_unstable();
    let mut twice: Vec<&str> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    let finding = |name: &str| Finding {
        id: "duplicate-name",
        severity: Severity::Medium,
        text: format!("Lists `{}` more than once", crate::visible(name)),
        place: "tools".to_owned(),
        quote: crate::visible(name),
    };
    twice.into_iter().map(finding).collect()
}

impl Survey {
    /// What all definitions together take of every conversation, about.
    pub fn tokens(&self) -> u32 {
        self.tools.iter().map(|tool| tool.tokens).sum()
    }

    /// The gravest of all that was seen; nothing of a server without tools and findings.
    pub fn gravest(&self) -> Option<Severity> {
        let tools = self.tools.iter().map(SurveyedTool::gravest);
        tools.chain(self.findings.iter().map(|finding| finding.severity)).max()
    }

    /// The tools, the gravest first: what is wrong, what it could do, its name.
    pub fn by_gravity(&self) -> Vec<&SurveyedTool> {
        let mut tools: Vec<&SurveyedTool> = self.tools.iter().collect();
        tools.sort_by(|one, other| {
            let rank = |tool: &SurveyedTool| {
                (tool.gravest(), tool.risk.severity, tool.risk.score, tool.risk.category.gravity())
            };
            rank(other).cmp(&rank(one)).then_with(|| one.name.cmp(&other.name))
        });
        tools
    }
}

impl SurveyedTool {
    /// The severity of the tool or of what is wrong with it.
    pub fn gravest(&self) -> Severity {
        let findings = self.findings.iter().map(|finding| finding.severity);
        findings.fold(self.risk.severity, Severity::max)
    }
}

#[cfg(test)]
mod tests;
