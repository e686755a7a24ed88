//! What a page about one tool answers, for pages that are not of this site: text, nothing escaped.

use crate::attacks::Attack;
use crate::{Form, Risk, Tool, recommend};

use super::words::{kind, of_severity};
use super::{parts, tool};

/// Everything that is said of a tool besides its own words.
#[derive(Debug)]
pub struct Sheet {
    /// What such a tool does, what may come of it, what to do about it.
    pub effect: &'static str,
    pub danger: &'static str,
    pub advice: &'static str,
    /// What its severity means.
    pub severity: &'static str,
    /// From the category to the score.
    pub arithmetic: String,
    /// The recommended policy, YAML.
    pub policy: String,
    /// How to limit, validate, hide, block or ask.
    pub controls: Vec<Advice>,
    /// Those that such a tool is of use for, the gravest first.
    pub attacks: Vec<&'static Attack>,
    /// The arguments: path and type.
    pub params: Vec<(String, String)>,
    /// `readOnlyHint: true`, as its server says.
    pub hints: Vec<String>,
}

/// One thing to do about a tool.
#[derive(Debug)]
pub struct Advice {
    /// `rate-limit`
    pub id: &'static str,
    pub title: &'static str,
    pub text: String,
    /// A policy document, YAML.
    pub snippet: String,
}

pub fn sheet(server: &str, judged: &(Tool<'_>, Risk)) -> Sheet {
    let (tool, risk) = judged;
    let kind = kind(risk.category);
    let advice = |control: tool::Control| {
        let tool::Control { id, title, text, snippet } = control;
        Advice { id, title, text, snippet }
    };
    Sheet {
        effect: kind.effect,
        danger: kind.danger,
        advice: kind.advice,
        severity: of_severity(risk.severity),
        arithmetic: tool::arithmetic(risk),
        policy: recommend(server, std::slice::from_ref(judged), None, Form::Yaml),
        controls: tool::controls(tool, risk).into_iter().map(advice).collect(),
        attacks: attacks_on(risk),
        params: tool
            .params
            .iter()
            .map(|param| (param.path.clone(), tool::kind_of(param.schema)))
            .collect(),
        hints: tool::hints(tool.annotations),
    }
}

/// The attacks that a tool with this risk is of use for, the gravest first.
pub fn attacks_on(risk: &Risk) -> Vec<&'static Attack> {
    let signals = risk.signals.iter().map(|signal| signal.id);
    parts::suiting(&[risk.category, risk.strict], signals, tool::ATTACKS_MAX)
}
