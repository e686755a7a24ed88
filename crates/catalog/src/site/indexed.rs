//! The page of a server that nobody has scanned here: only what the index has.

use crate::{Category, IndexedServer, IndexedTool, Tally};

use super::parts::Faq;
use super::policy::by_category;
use super::server::{Page, Row, View, definitions, lead, policy_text, verdict};
use super::slug::slug;
use super::{Site, parts, quoted};

const ATTACKS_MAX: usize = 12;

pub(super) fn page(site: &Site<'_>, server: &IndexedServer<'_>) -> Page {
    let frame = site.frame(1, "servers", quoted::start(server.name, 80));
    let tally = server.tally();
    let grade = tally.grade();
    let name = quoted::line(server.name);
    let bar = parts::bar(tally.categories);
    let named: Vec<(&str, Category)> =
        server.tools.iter().map(|tool| (tool.name, tool.verdict.strict)).collect();
    let view = View {
        is_scanned: false,
        lead: format!(
            "{} Known from the offline index only: scan it, and what it lists itself takes the \
             place of this page.",
            lead(&tally, &grade)
        ),
        grade: grade.letter.name(),
        grade_class: parts::grade_class(grade.letter),
        points: grade.points,
        verdict: verdict(&grade),
        bar_label: parts::bar_label(&bar),
        bar,
        findings: Vec::new(),
        tools: rows(server),
        policy_text: policy_text(&tally),
        policy: by_category(&named),
        attacks: parts::attacks(
            &server
                .tools
                .iter()
                .flat_map(|tool| [tool.verdict.category, tool.verdict.strict])
                .collect::<Vec<_>>(),
            server.tools.iter().flat_map(|tool| tool.verdict.signals.iter().map(|(id, _)| *id)),
            ATTACKS_MAX,
        ),
        history: Vec::new(),
        faq: faq(&name),
        facts: facts(site, server, &tally),
        sum: grade.sum,
        name,
    };
    Page { frame, server: view }
}

/// The gravest first.
fn rows(server: &IndexedServer<'_>) -> Vec<Row> {
    let mut tools: Vec<&IndexedTool<'_>> = server.tools.iter().collect();
    tools.sort_by_key(|tool| {
        (std::cmp::Reverse((tool.verdict.severity, tool.verdict.score)), tool.name)
    });
    tools.into_iter().map(row).collect()
}

fn row(tool: &IndexedTool<'_>) -> Row {
    let verdict = &tool.verdict;
    let signals: Vec<&str> = verdict.signals.iter().map(|(_, text)| *text).collect();
    Row {
        href: String::new(),
        anchor: format!("t-{}", slug(tool.name)),
        name: quoted::line(tool.name),
        category: verdict.category.name(),
        in_doubt: verdict.strict != verdict.category,
        level: parts::level(verdict.severity),
        score: parts::score(verdict.score),
        signals: signals.join(" · "),
        tokens: String::new(),
        findings: 0,
    }
}

fn facts(
    site: &Site<'_>,
    server: &IndexedServer<'_>,
    tally: &Tally,
) -> Vec<(&'static str, String)> {
    let index = site.index;
    let sources = server.sources.iter().filter_map(|at| index?.sources.get(*at)).map(|source| {
        if source.collected.is_empty() {
            return source.name.to_owned();
        }
        format!("{} ({})", source.name, source.collected)
    });
    let mut facts = vec![
        ("Server", quoted::line(server.name)),
        ("Tools", parts::thousands(tally.tools as usize)),
        ("Definitions", definitions(tally.tokens)),
        ("Known from", sources.collect::<Vec<_>>().join(", ")),
    ];
    if !server.registries.is_empty() {
        facts.insert(1, ("Offered at", server.registries.join(", ")));
    }
    facts.extend(index.map(|index| ("As of", index.as_of.to_owned())));
    facts
}

fn faq(name: &str) -> Vec<Faq> {
    vec![
        parts::faq(
            "How sure is this?",
            "The index holds names and verdicts of one day, drawn up from public collections. \
             Servers change: what one lists today counts, not what stands here.",
        ),
        parts::faq(
            format!("How do I look at {name} itself?"),
            "Run `toolgate scan` with its command or address. The scan reads its own tools/list, \
             descriptions and schemas included, looks for planted orders, and writes a sharper \
             policy.",
        ),
        parts::faq(
            "How do I rate-limit, validate, hide or block one of its tools?",
            "In a policy, under the tool's name: `limits` bound calls in a window, `validate` and \
             `require` check arguments, `hide` takes it out of every list, `action: deny` denies \
             each call and says why.",
        ),
    ]
}
