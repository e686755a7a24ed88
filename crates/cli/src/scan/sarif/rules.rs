//! What a result can be, once for all results of its kind.

use toolgate_catalog::{Category, Finding, Flow, Severity};

use crate::json::{self, Object};

/// Those that some result refers to, in the order of the first.
#[derive(Default)]
pub(super) struct Rules(Vec<Rule>);

struct Rule {
    id: String,
    /// One line.
    what: String,
    help: String,
    /// The gravest of its results.
    severity: Severity,
}

impl Rules {
    /// The id of the rule, and its place among all.
    pub(super) fn of_tool(&mut self, category: Category) -> (String, usize) {
        let id = format!("tool-{}", category.name().to_lowercase());
        let (what, severity) = match category {
            Category::Destructive => {
                ("A tool that removes or ends what does not come back", Severity::Critical)
            }
            Category::Execute => ("A tool that runs what its caller names", Severity::High),
            Category::Financial => ("A tool that moves money", Severity::Critical),
            Category::Read => ("A tool that reads, with reach", Severity::Medium),
            Category::Write => ("A tool that adds or changes something", Severity::Medium),
        };
        let help = "An agent can call it with any arguments that its schema takes. Put a policy \
                    in front of it: `toolgate scan --policy policy.yaml …` writes one that limits \
                    how often it is called, and asks a person where that is due; `toolgate run \
                    --policy policy.yaml -- COMMAND` enforces it.";
        self.place(Rule { id, what: what.to_owned(), help: help.to_owned(), severity })
    }

    pub(super) fn of_finding(&mut self, finding: &Finding) -> (String, usize) {
        let words = finding.id.replace('-', " ");
        let mut letters = words.chars();
        let what: String =
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let help = "Something is wrong with what the server says of itself: models read these \
                    words and take them for instructions or facts. Read the definition at the \
                    place that is named; do not connect the server to an agent before you know \
                    why it is there. A policy with `hide` keeps a tool from the agent.";
        let (id, severity) = (finding.id.to_owned(), finding.severity);
        self.place(Rule { id, what, help: help.to_owned(), severity })
    }

    pub(super) fn of_flow(&mut self, flow: &Flow) -> (String, usize) {
        let what = if flow.private.is_empty() {
            "Tools that together let strangers do harm"
        } else {
            "Tools that together carry private data to strangers"
        };
        let help = "Each tool is harmless alone. Take one part of the path away: deny or hide it \
                    by a policy, let a person approve it, or give it to another agent.";
        let (id, severity) = (flow.id.to_owned(), flow.severity);
        self.place(Rule { id, what: what.to_owned(), help: help.to_owned(), severity })
    }

    fn place(&mut self, rule: Rule) -> (String, usize) {
        let id = rule.id.clone();
        if let Some(at) = self.0.iter().position(|known| known.id == id) {
            self.0[at].severity = self.0[at].severity.max(rule.severity);
            return (id, at);
        }
        self.0.push(rule);
        (id, self.0.len() - 1)
    }

    pub(super) fn render(&self) -> String {
        json::array(self.0.iter().map(Rule::render))
    }
}

impl Rule {
    fn render(&self) -> String {
        let text = |text: &str| Object::new().text("text", text).finish();
        let level = Object::new().text("level", super::level(self.severity)).finish();
        let properties = Object::new()
            .raw("tags", json::array(["security", "mcp"].map(json::string)))
            .text("security-severity", score(self.severity))
            .finish();
        Object::new()
            .text("id", &self.id)
            .raw("shortDescription", text(&self.what))
            .raw("fullDescription", text(&format!("{}.", self.what)))
            .raw("help", text(&self.help))
            .raw("defaultConfiguration", level)
            .raw("properties", properties)
            .finish()
    }
}

/// On the scale of CVSS, for those who sort by it.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.0",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
