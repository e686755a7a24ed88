//! What is known of attacks, for reading.

use std::fmt::Write as _;

use toolgate_catalog::attacks::{self, Attack, Case, Family, Taxonomy, title};

use crate::exit::Failure;
use crate::json::{self, Object};
use crate::{output, sheet};

/// All attacks, or those of one family.
pub(crate) fn list(family: Option<Family>, as_json: bool) -> Result<(), Failure> {
    let wanted = |attack: &&Attack| family.is_none_or(|family| family == attack.family);
    let mut found: Vec<_> = attacks::all().iter().filter(wanted).collect();
    found.sort_by_key(|attack| attack.family);
    if as_json {
        let attacks = json::array(found.into_iter().map(to_json));
        let object = Object::new().plain("version", 1).raw("attacks", attacks);
        return output::print(&(object.finish() + "\n"));
    }
    let rows = found.iter().map(|attack| {
        let runs = if attack.play.is_some() { "yes" } else { "no" };
        let severity = attack.severity.name().to_owned();
        [
            attack.id.clone(),
            attack.family.id().to_owned(),
            severity,
            runs.to_owned(),
            attack.name.clone(),
        ]
    });
    sheet::print(["id", "family", "severity", "runs", "name"], rows)?;
    output::print("\n`toolgate attacks show ID` tells more; `toolgate attacks run ID` plays it.\n")
}

pub(crate) fn show(attack: &Attack, as_json: bool) -> Result<(), Failure> {
    output::print(&if as_json { json::versioned(&to_json(attack)) + "\n" } else { page(attack) })
}

fn page(attack: &Attack) -> String {
    let Attack { id, name, family, severity, summary, how, .. } = attack;
    let mut page = format!("{name}\n{id} · {family} · {severity}\n\n{}\n", wrapped(summary, ""));
    let mut part = |heading: &str, text: &str| {
        let _ = write!(page, "{heading}\n{text}\n");
    };
    let paragraphs = how.split("\n\n").map(|text| wrapped(text, "  ")).collect::<Vec<_>>();
    part("How it works", &paragraphs.join("\n"));
    part("Real cases", &attack.cases.iter().map(case).collect::<String>());
    part("What to look for", &attack.signs.iter().map(|sign| item(sign)).collect::<String>());
    part("Of use against", &wrapped(&concerned(attack), "  "));
    part("Elsewhere", &Taxonomy::ALL.map(|list| elsewhere(attack, list)).concat());
    let policy = attack.policy.lines().fold(String::new(), |text, line| text + "  " + line + "\n");
    part("A policy that stops it", &policy);
    part("What it does not stop", &wrapped(&attack.beyond, "  "));
    if attack.play.is_some() {
        let _ = writeln!(page, "Try it\n  toolgate attacks run {id}");
    }
    page
}

fn case(case: &Case) -> String {
    let cve = case.cve.as_ref().map(|cve| format!("{cve}: ")).unwrap_or_default();
    format!("{}    {}\n", item(&format!("{cve}{}", case.what)), case.source)
}

fn item(text: &str) -> String {
    wrapped(text, "    ").replacen("    ", "  - ", 1)
}

fn concerned(attack: &Attack) -> String {
    if attack.is_general() {
        return "any server, whatever its tools".to_owned();
    }
    let needs = &attack.needs;
    let mut categories: Vec<_> = needs.categories.iter().map(|one| one.name()).collect();
    let last = categories.pop().unwrap_or("no");
    let tools = match categories[..] {
        [] => format!("{last} tools"),
        _ => format!("{} and {last} tools", categories.join(", ")),
    };
    if needs.signals.is_empty() {
        tools
    } else {
        format!("{tools} with {}", needs.signals.join(" or "))
    }
}

fn elsewhere(attack: &Attack, list: Taxonomy) -> String {
    let ids = attack.maps.of(list);
    if ids.is_empty() {
        return String::new();
    }
    let named = ids.iter().map(|id| match title(id) {
        Some(title) => format!("{id} {title}"),
        None => id.clone(),
    });
    format!("  {:<22}{}\n", list.name(), named.collect::<Vec<_>>().join(", "))
}

/// Columns of a page.
const WIDTH: usize = 96;

/// Lines that fit a page, each behind `margin`.
fn wrapped(text: &str, margin: &str) -> String {
    let mut out = String::new();
    let mut width = usize::MAX;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if width.saturating_add(long + 1) > WIDTH {
            out.push_str(if out.is_empty() { "" } else { "\n" });
            out.push_str(margin);
            width = margin.len();
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += long;
    }
    out + "\n"
}

fn to_json(attack: &Attack) -> String {
    let strings = |texts: &[String]| json::array(texts.iter().map(|text| json::string(text)));
    let cases = attack.cases.iter().map(|case| {
        let object = Object::new().text("what", &case.what);
        object.maybe_text("cve", case.cve.as_deref()).text("source", &case.source).finish()
    });
    let categories = attack.needs.categories.iter().map(|one| json::string(one.name()));
    let needs = Object::new()
        .raw("categories", json::array(categories))
        .raw("signals", strings(&attack.needs.signals));
    let maps = Taxonomy::ALL
        .into_iter()
        .fold(Object::new(), |maps, list| maps.raw(list.key(), strings(attack.maps.of(list))));
    Object::new()
        .text("id", &attack.id)
        .text("name", &attack.name)
        .text("family", attack.family.id())
        .text("severity", attack.severity.name())
        .text("summary", &attack.summary)
        .text("how", &attack.how)
        .raw("cases", json::array(cases))
        .raw("signs", strings(&attack.signs))
        .raw("needs", needs.finish())
        .raw("maps", maps.finish())
        .text("policy", &attack.policy)
        .text("beyond", &attack.beyond)
        .plain("runs", attack.play.is_some())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_a_page_and_lose_no_word() {
        let text = "word ".repeat(60);
        let wrapped = wrapped(&text, "  ");
        assert!(wrapped.lines().all(|line| line.len() <= WIDTH && line.starts_with("  word")));
        assert!(wrapped.lines().count() > 3);
        assert_eq!(wrapped.split_whitespace().count(), 60);
        assert_eq!(item("a b"), "  - a b\n");
    }
}
