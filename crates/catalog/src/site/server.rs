//! The page of one server: scanned, or from the index.

use askama::Template;

use crate::{Finding, Grade, Risk, Tally, Tool, tokens};

use super::found::{Found, told};
use super::frame::Frame;
use super::parts::{BarPart, Card, Faq, FindingView, Level, Line, Score};
use super::policy::{Policy, by_definition};
use super::slug::slug;
use super::{Scanned, Site, parts, quoted, tool};

#[derive(Template)]
#[template(path = "server.html")]
pub(super) struct Page {
    pub(super) frame: Frame,
    pub(super) server: View,
}

pub(super) struct View {
    pub(super) is_scanned: bool,
    pub(super) name: String,
    pub(super) lead: String,
    pub(super) grade: &'static str,
    pub(super) grade_class: String,
    pub(super) points: u8,
    pub(super) sum: Vec<crate::Deduction>,
    pub(super) verdict: &'static str,
    pub(super) bar: Vec<BarPart>,
    pub(super) bar_label: String,
    pub(super) findings: Vec<FindingView>,
    pub(super) tools: Vec<Row>,
    pub(super) policy_text: String,
    pub(super) policy: Policy,
    pub(super) attacks: Vec<Card>,
    pub(super) history: Vec<Past>,
    pub(super) faq: Vec<Faq>,
    pub(super) facts: Vec<(&'static str, String)>,
}

pub(super) struct Row {
    pub(super) href: String,
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) category: &'static str,
    pub(super) in_doubt: bool,
    pub(super) level: Level,
    pub(super) score: Score,
    pub(super) signals: String,
    pub(super) tokens: String,
    pub(super) findings: usize,
}

pub(super) struct Past {
    pub(super) when: String,
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
}

const ATTACKS_MAX: usize = 12;

/// From the start of the site.
pub(super) fn path(server: &str) -> String {
    format!("servers/{}.html", slug(server))
}

/// What is counted of a scanned server.
pub(super) fn tally(scanned: &Scanned<'_>) -> Tally {
    Tally::of_survey(scanned.survey, scanned.judged)
}

pub(super) fn page(site: &Site<'_>, found: &Found, at: usize) -> Page {
    let scanned = &site.servers[at];
    let frame = site.frame(1, "servers", quoted::start(&scanned.survey.server, 80));
    let server = view(scanned, found, &frame.root);
    Page { frame, server }
}

fn view(scanned: &Scanned<'_>, found: &Found, root: &str) -> View {
    let tally = tally(scanned);
    let grade = tally.grade();
    let name = quoted::line(&scanned.survey.server);
    let bar = parts::bar(tally.categories);
    let categories = scanned.judged.iter().flat_map(|(_, risk)| [risk.category, risk.strict]);
    let signals = found.rows.iter().filter(|row| row.path.starts_with(&folder(scanned)));
    View {
        is_scanned: true,
        lead: lead(&tally, &grade),
        grade: grade.letter.name(),
        grade_class: parts::grade_class(grade.letter),
        points: grade.points,
        verdict: verdict(&grade),
        bar_label: parts::bar_label(&bar),
        bar,
        findings: parts::findings(&all_findings(scanned)),
        tools: rows(scanned, root),
        policy_text: policy_text(&tally),
        policy: by_definition(&scanned.survey.server, scanned.judged),
        attacks: parts::attacks(
            &categories.collect::<Vec<_>>(),
            signals.flat_map(|row| row.signal_ids.iter().copied()),
            ATTACKS_MAX,
        ),
        history: scanned.history.iter().map(past).collect(),
        faq: faq(&name, &tally, &grade),
        facts: facts(scanned, &tally),
        sum: grade.sum,
        name,
    }
}

fn folder(scanned: &Scanned<'_>) -> String {
    format!("tools/{}/", slug(&scanned.survey.server))
}

/// Those of the server, then those of its tools.
fn all_findings(scanned: &Scanned<'_>) -> Vec<Finding> {
    let of_tools = scanned.survey.tools.iter().flat_map(|tool| {
        tool.findings.iter().map(|finding| Finding {
            text: format!("{}: {}", tool.name, finding.text),
            ..finding.clone()
        })
    });
    let mut all: Vec<Finding> = scanned.survey.findings.iter().cloned().chain(of_tools).collect();
    all.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    all
}

/// The gravest first.
fn rows(scanned: &Scanned<'_>, root: &str) -> Vec<Row> {
    let mut order: Vec<usize> = (0..scanned.judged.len()).collect();
    let rank = |at: &usize| {
        let (tool, risk) = &scanned.judged[*at];
        (std::cmp::Reverse((risk.severity, risk.score, risk.category.gravity())), &*tool.name)
    };
    order.sort_by(|a, b| rank(a).cmp(&rank(b)));
    order.into_iter().map(|at| row(scanned, at, root)).collect()
}

fn row(scanned: &Scanned<'_>, at: usize, root: &str) -> Row {
    let (tool, risk): &(Tool<'_>, Risk) = &scanned.judged[at];
    Row {
        href: format!("{root}{}", tool::path(&scanned.survey.server, scanned.judged, at)),
        anchor: String::new(),
        name: quoted::start(&tool.name, 80),
        category: risk.category.name(),
        in_doubt: risk.strict != risk.category,
        level: parts::level(risk.severity),
        score: parts::score(risk.score),
        signals: told(&risk.signals),
        tokens: parts::thousands(tokens(tool) as usize),
        findings: scanned.survey.tools.get(at).map_or(0, |tool| tool.findings.len()),
    }
}

fn past(state: &super::State) -> Past {
    Past {
        when: state.when.clone(),
        text: quoted::line(&state.text),
        lines: parts::lines(&state.lines),
    }
}

pub(super) fn lead(tally: &Tally, grade: &Grade) -> String {
    let tools = parts::count(tally.tools as usize, "tool");
    let high = tally.severities[2] + tally.severities[3];
    let advice = match grade.letter {
        crate::Letter::A => "Little can go wrong: connect it.",
        crate::Letter::B | crate::Letter::C => "Connect it behind a policy.",
        crate::Letter::D | crate::Letter::F => {
            "Look at it before you connect it, and then only behind a policy."
        }
    };
    if tally.tools == 0 {
        return "It offers no tools.".to_owned();
    }
    format!("{tools}, {high} of them high or critical. {advice}")
}

pub(super) fn verdict(grade: &Grade) -> &'static str {
    if grade.letter == crate::Letter::F && grade.points >= 40 {
        return "What is left; a critical finding makes it an F";
    }
    "What is left"
}

pub(super) fn policy_text(tally: &Tally) -> String {
    let [destructive, execute, financial, read, write] = tally.categories;
    let mut parts = Vec::new();
    for (count, text) in [
        (read, "allowed"),
        (write, "let through thirty times a minute"),
        (execute, "let through ten times a minute"),
        (financial, "held for a person"),
        (destructive, "hidden"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    }
    if parts.is_empty() {
        return "Everything is denied.".to_owned();
    }
    format!(
        "Of its {}: {}; what is uncertain is written for as the graver category. Everything else \
         is denied, tools that it offers tomorrow too.",
        parts::count(tally.tools as usize, "tool"),
        parts.join(", ")
    )
}

fn faq(name: &str, tally: &Tally, grade: &Grade) -> Vec<Faq> {
    vec![
        parts::faq(
            format!("Is {name} safe to connect?"),
            format!(
                "Its grade is {} ({} of 100): {} {}",
                grade.letter,
                grade.points,
                grade.arithmetic(),
                lead(tally, grade)
            ),
        ),
        parts::faq(
            format!("How do I put a policy in front of {name}?"),
            "Save the recommended policy and write `toolgate run --policy policy.yaml --` in front \
             of the server's command in your client's configuration; or register it once with \
             `toolgate server add` and give grants under a policy.",
        ),
        parts::faq(
            "What if its tools change?",
            "Tools are pinned at first sight: one whose definition changes is denied until \
             somebody accepts the change (`toolgate tools diff`). A new tool is denied until a \
             policy names it.",
        ),
    ]
}

fn facts(scanned: &Scanned<'_>, tally: &Tally) -> Vec<(&'static str, String)> {
    let heaviest = scanned.judged.iter().map(|(tool, _)| (tokens(tool), &*tool.name)).max();
    let heaviest = heaviest.map(|(cost, name)| {
        format!("{} (about {} tokens)", quoted::start(name, 60), parts::thousands(cost as usize))
    });
    let newest = scanned.history.first().map(|state| state.when.clone());
    let mut facts = vec![
        ("Server", quoted::line(&scanned.survey.server)),
        ("Reached as", quoted::start(&scanned.reached, 200)),
        ("Tools", parts::thousands(tally.tools as usize)),
        ("Definitions", definitions(tally.tokens)),
        ("Say of themselves what they do", format!("{} of {}", tally.annotated, tally.tools)),
    ];
    facts.extend(heaviest.map(|text| ("Heaviest tool", text)));
    facts.extend(newest.map(|text| ("Last looked at", text)));
    facts
}

pub(super) fn definitions(tokens: Option<u32>) -> String {
    let Some(tokens) = tokens else { return "not known in full".to_owned() };
    let permille = crate::share_permille(tokens);
    if permille == 0 {
        return format!(
            "about {} tokens, less than 0.1 % of a 200k context",
            parts::thousands(tokens as usize)
        );
    }
    format!(
        "about {} tokens, {}.{} % of a 200k context",
        parts::thousands(tokens as usize),
        permille / 10,
        permille % 10
    )
}
