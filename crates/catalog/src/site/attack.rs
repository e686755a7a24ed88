//! The pages of attacks.

use askama::Template;

use crate::attacks::{Act, Attack, Family, Side, Taxonomy, title};

use super::found::Found;
use super::frame::Frame;
use super::parts::{Card, Level, Link};
use super::rich::Rich;
use super::slug::slug;
use super::words::signal;
use super::{Site, parts};

#[derive(Template)]
#[template(path = "attacks.html")]
pub(super) struct List {
    frame: Frame,
    count: usize,
    families: Vec<FamilyView>,
}

struct FamilyView {
    id: &'static str,
    title: &'static str,
    attacks: Vec<Card>,
}

#[derive(Template)]
#[template(path = "attack.html")]
pub(super) struct Page {
    frame: Frame,
    attack: View,
}

struct View {
    id: String,
    name: String,
    family: &'static str,
    family_id: &'static str,
    level: Level,
    is_playable: bool,
    summary: Rich,
    how: Vec<Rich>,
    cases: Vec<CaseView>,
    signs: Vec<Rich>,
    policy: String,
    proof: Vec<Step>,
    beyond: Option<Rich>,
    tools: Vec<Link>,
    needs: String,
    signals: String,
    maps: Vec<Map>,
}

struct CaseView {
    what: Rich,
    cve: String,
    source: String,
}

struct Step {
    class: &'static str,
    verdict: &'static str,
    text: Rich,
}

struct Map {
    name: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    href: String,
    title: &'static str,
}

const TOOLS_MAX: usize = 40;

/// From the start of the site.
pub(super) fn path(one: &Attack) -> String {
    format!("attacks/{}.html", slug(&one.id))
}

pub(super) fn list(site: &Site<'_>) -> List {
    let all = crate::attacks::all();
    let families = Family::ALL.into_iter().map(|family| FamilyView {
        id: family.id(),
        title: family.title(),
        attacks: all.iter().filter(|one| one.family == family).map(parts::card).collect(),
    });
    List {
        frame: site.frame(1, "attacks", "Attacks"),
        count: all.len(),
        families: families.filter(|family| !family.attacks.is_empty()).collect(),
    }
}

pub(super) fn page(site: &Site<'_>, found: &Found, one: &Attack) -> Page {
    let frame = site.frame(1, "attacks", one.name.clone());
    let suits =
        |row: &&super::found::Row| one.suits(&[row.is, row.strict], row.signal_ids.iter().copied());
    let tools = found.rows.iter().filter(suits).take(TOOLS_MAX);
    let tools = tools.map(|row| row.link(&frame.root)).collect();
    let needs: Vec<&str> = one.needs.categories.iter().map(|category| category.name()).collect();
    let attack = View {
        id: one.id.clone(),
        name: one.name.clone(),
        family: one.family.title(),
        family_id: one.family.id(),
        level: parts::level(one.severity),
        is_playable: one.play.is_some(),
        summary: Rich::of(&one.summary),
        how: one.how.split("\n\n").map(Rich::of).collect(),
        cases: cases(one),
        signs: one.signs.iter().map(|sign| Rich::of(sign)).collect(),
        policy: one.policy.clone(),
        proof: one.steps.iter().map(step).collect(),
        beyond: Some(&one.beyond).filter(|text| !text.is_empty()).map(|text| Rich::of(text)),
        tools,
        needs: if needs.is_empty() { "of any kind".to_owned() } else { needs.join(" or ") },
        signals: one.needs.signals.iter().map(|id| signal(id)).collect::<Vec<_>>().join(", or "),
        maps: maps(one),
    };
    Page { frame, attack }
}

fn cases(one: &Attack) -> Vec<CaseView> {
    let view = |case: &crate::attacks::Case| CaseView {
        what: Rich::of(&case.what),
        cve: case.cve.clone().unwrap_or_default(),
        // The data files are ours; a page still links to the web only.
        source: if case.source.starts_with("https://") {
            case.source.clone()
        } else {
            String::new()
        },
    };
    one.cases.iter().map(view).collect()
}

fn step(step: &crate::attacks::Step) -> Step {
    let what = match &step.act {
        Act::Asked { method, .. } => format!("`{method}` of the server"),
        Act::Call { tool, .. } => format!("a call of `{tool}`"),
        Act::Prompt { name, .. } => format!("the prompt `{name}`"),
        Act::Raw(_) => "a message".to_owned(),
        Act::Read { uri } => format!("a read of `{uri}`"),
    };
    let times = if step.times > 1 { format!(", {} times", step.times) } else { String::new() };
    let (class, verdict) = match step.side {
        Side::Attack => ("stopped", "stopped"),
        Side::Honest => ("passes", "passes"),
    };
    Step { class, verdict, text: Rich::of(&format!("{} ({what}{times})", step.shows)) }
}

fn maps(one: &Attack) -> Vec<Map> {
    let all = [Taxonomy::OwaspMcp, Taxonomy::OwaspAgentic, Taxonomy::Atlas, Taxonomy::SafeMcp];
    let map = |taxonomy: Taxonomy| {
        let entry = |id: &String| Entry {
            id: id.clone(),
            href: taxonomy.address(id),
            title: title(id).unwrap_or_default(),
        };
        Map { name: taxonomy.name(), entries: one.maps.of(taxonomy).iter().map(entry).collect() }
    };
    all.into_iter().map(map).filter(|map| !map.entries.is_empty()).collect()
}
