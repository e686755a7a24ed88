//! From the document of an attack to the attack.

use toolgate_policy::document::Diagnostic;
use toolgate_policy::document::outline::{self, Findings, Node};

use super::notation::NOTATION;
use super::{Act, Attack, Case, Family, Maps, Needs, Play, Side, Step};
use crate::{Category, Severity};

/// Reads one document; or tells all that is wrong with it.
pub fn read(text: &str) -> Result<Attack, Vec<Diagnostic>> {
    let mut findings = Findings::of(&NOTATION);
    let attack = outline::tree(text, &mut findings).and_then(|node| {
        outline::check(&node, &mut findings);
        if findings.failed() { None } else { attack(&node, &mut findings) }
    });
    outline::end(attack, findings, "attack", text).map(|(attack, _)| attack)
}

fn attack(node: &Node, findings: &mut Findings) -> Option<Attack> {
    let list = |key| node.get(key).map(Node::items).unwrap_or_default();
    Some(Attack {
        id: text(node, "id"),
        name: text(node, "name"),
        family: Family::ALL.into_iter().find(|family| is(node, "family", family.id()))?,
        severity: Severity::ALL.into_iter().find(|one| is(node, "severity", one.name()))?,
        summary: text(node, "summary"),
        how: text(node, "how"),
        cases: list("cases").iter().map(case).collect(),
        signs: list("signs").iter().filter_map(Node::text).map(folded).collect(),
        needs: node.get("needs").map(needs).unwrap_or_default(),
        maps: node.get("maps").map(maps).unwrap_or_default(),
        beyond: text(node, "beyond"),
        policy: node.get("policy").and_then(Node::text).unwrap_or_default().to_owned(),
        steps: list("steps").iter().filter_map(|node| step(node, findings)).collect(),
        play: node.get("play").map(play),
    })
}

fn case(node: &Node) -> Case {
    Case { what: text(node, "what"), cve: maybe_text(node, "cve"), source: text(node, "source") }
}

fn needs(node: &Node) -> Needs {
    let names = names(node, "categories");
    let categories = Category::ALL.into_iter();
    let categories = categories.filter(|one| names.iter().any(|name| name == one.name()));
    Needs { categories: categories.collect(), signals: self::names(node, "signals") }
}

fn maps(node: &Node) -> Maps {
    Maps {
        owasp_mcp: names(node, "owasp_mcp"),
        owasp_agentic: names(node, "owasp_agentic"),
        atlas: names(node, "atlas"),
        safe_mcp: names(node, "safe_mcp"),
    }
}

fn play(node: &Node) -> Play {
    let gate_alone = truth(node, "gate_alone");
    Play { tools: names(node, "tools"), gate_alone, pinned: truth(node, "pinned") }
}

fn step(node: &Node, findings: &mut Findings) -> Option<Step> {
    let (side, shows) = match (maybe_text(node, "attack"), maybe_text(node, "honest")) {
        (Some(shows), None) => (Side::Attack, shows),
        (None, Some(shows)) => (Side::Honest, shows),
        _ => {
            findings.error(node.span, "a step is either an `attack` or `honest`");
            return None;
        }
    };
    let Some(act) = act(node) else {
        findings
            .error(node.span, "nobody can tell what this step does")
            .help("one of `tool`, `prompt`, `resource`, `raw`; `asks` with a `tool`");
        return None;
    };
    let times = node.get("times").and_then(Node::number).and_then(|n| n.parse().ok());
    let (times, by_pin) = (times.unwrap_or(1), truth(node, "by_pin"));
    Some(Step { shows, side, act, times, by_pin })
}

fn act(node: &Node) -> Option<Act> {
    let as_is = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    let arguments = as_is("arguments").unwrap_or_else(|| "{}".to_owned());
    let keys = ["tool", "prompt", "resource", "raw", "asks"].map(as_is);
    Some(match keys {
        [Some(tool), None, None, None, Some(method)] => {
            Act::Asked { tool, method, params: arguments }
        }
        [Some(tool), None, None, None, None] => Act::Call { tool, arguments },
        [None, Some(name), None, None, None] => Act::Prompt { name, arguments },
        [None, None, Some(uri), None, None] => Act::Read { uri },
        [None, None, None, Some(raw), None] => Act::Raw(raw),
        _ => return None,
    })
}

fn truth(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::bool).unwrap_or_default()
}

fn is(node: &Node, key: &str, wanted: &str) -> bool {
    node.get(key).and_then(Node::text) == Some(wanted)
}

fn maybe_text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(folded)
}

fn text(node: &Node, key: &str) -> String {
    maybe_text(node, key).unwrap_or_default()
}

/// Prose: one line for each paragraph, whatever the breaks in the document.
fn folded(text: &str) -> String {
    let words = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim().split("\n\n").map(words).collect::<Vec<_>>().join("\n\n")
}

fn names(node: &Node, key: &str) -> Vec<String> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::text).map(str::to_owned).collect()
}
