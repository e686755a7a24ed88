//! A play, told: as a table, as one line, as JSON.

use std::fmt::Write as _;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use toolgate_catalog::attacks::{Act, Side, Step};

use super::agent::Heard;
use super::play::{Played, Take};
use crate::json::{self, Object};
use crate::output::{self, visible};

/// Of each column, its margins included.
const WIDTHS: [u16; 4] = [24, 34, 28, 34];

/// Everything that a person may want to see of it.
pub(crate) fn story(played: &Played) -> String {
    let attack = played.attack;
    let mut text = format!("{} ({})\n{}\n\n", attack.name, attack.severity, attack.summary);
    let _ = writeln!(text, "The policy:\n\n{}", indented(&attack.policy));
    let _ = writeln!(text, "{}\n", table(played));
    let _ = writeln!(text, "Without the policy: {}.", played.without.setting.words());
    let _ = writeln!(text, "With it: {}. On record:\n", played.with.setting.words());
    if let Some(record) = &played.with.record {
        let shown = record.lines.iter().take(LINES_MAX);
        text.extend(shown.map(|line| format!("  {line}")));
        if let more @ 1.. = record.lines.len().saturating_sub(LINES_MAX) {
            let _ = writeln!(text, "  … and {more} more");
        }
        let _ = writeln!(text, "  {}", record.words());
    }
    let _ = writeln!(text, "\n{}", verdict(played));
    text
}

/// Of a record; the rest of a long one shows nothing new.
const LINES_MAX: usize = 12;

/// How many of the attacks did harm without the policy and with it, of how many.
fn harms(played: &Played) -> [usize; 3] {
    let attacks = played.takes(Side::Attack);
    let without = attacks.iter().filter(|(without, _)| without.harms() > 0).count();
    let with = attacks.iter().filter(|(_, with)| with.harms() > 0).count();
    [without, with, attacks.len()]
}

/// One line for a play among many.
pub(crate) fn line(played: &Played) -> String {
    let [without, with, attacks] = harms(played);
    let id = &played.attack.id;
    format!("{} {id:<26}  harm by {without} of {attacks} without, {with} with\n", word(played))
}

/// `STOPPED: …`
fn verdict(played: &Played) -> String {
    let [without, with, attacks] = harms(played);
    let honest = played.takes(Side::Honest);
    let passed = honest.iter().filter(|(without, with)| Take::passed(without, with)).count();
    format!(
        "{} {}: {without} of {attacks} attacks did harm without the policy, {with} with it; \
         {passed} of {} honest steps went through both times.",
        word(played).trim_end(),
        played.attack.id,
        honest.len(),
    )
}

fn word(played: &Played) -> String {
    if played.is_stopped() { painted("STOPPED    ", 32) } else { painted("NOT STOPPED", 31) }
}

fn painted(word: &str, code: u8) -> String {
    if output::is_colourful() { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() }
}

fn table(played: &Played) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTHS.iter().sum())
        .set_header(["who, and what", "what was sent", "without the policy", "with the policy"])
        .set_constraints(WIDTHS.map(|width| ColumnConstraint::Absolute(Width::Fixed(width))));
    let takes = played.without.takes.iter().zip(&played.with.takes);
    for (step, (without, with)) in played.attack.steps.iter().zip(takes) {
        let side = match step.side {
            Side::Attack => "ATTACK",
            Side::Honest => "honest",
        };
        let row = [format!("{side}: {}", step.shows), sent(step), fate(without), fate(with)];
        table.add_row(row.map(|cell| visible(&cell)));
    }
    table
}

/// What goes over the wire, in short.
fn sent(step: &Step) -> String {
    let what = match &step.act {
        Act::Asked { method, params, .. } => format!("the server asks: {method} {params}"),
        Act::Call { tool, arguments } => format!("{tool} {arguments}"),
        Act::Prompt { name, arguments } => format!("prompt {name} {arguments}"),
        Act::Raw(message) => message.clone(),
        Act::Read { uri } => format!("resource {uri}"),
    };
    let what = match what.char_indices().nth(SENT_MAX) {
        Some((end, _)) => format!("{}…", &what[..end]),
        None => what,
    };
    if step.times > 1 { format!("{what}  × {}", step.times) } else { what }
}

/// Characters; the rest of a long message shows nothing new.
const SENT_MAX: usize = 200;

/// What became of a step: the worst that happened, or why nothing did.
fn fate(take: &Take) -> String {
    let denied = take.heard.iter().find_map(denial);
    let times = take.heard.len();
    match (take.deeds.iter().rfind(|deed| deed.harm), take.deeds.last(), denied) {
        (Some(harm), ..) => format!("HARM: {}", harm.did),
        (None, Some(deed), Some(why)) => {
            format!("{} of {times} times: {}; then {why}", take.deeds.len(), deed.did)
        }
        (None, Some(deed), None) => deed.did.clone(),
        (None, None, Some(why)) => why,
        (None, None, None) => "nothing arrived".to_owned(),
    }
}

fn denial(heard: &Heard) -> Option<String> {
    let Heard::Denied { code, text } = heard else { return None };
    let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
    Some(format!("denied{code}: {}", gist(text)))
}

/// The part of an answer that differs from denial to denial.
fn gist(text: &str) -> &str {
    let text = text.strip_prefix("[POLICY DENIED] ").unwrap_or(text);
    let text = text.split(" (ref ").next().unwrap_or(text);
    text.split(" Retrying the same").next().unwrap_or(text)
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |text, line| text + "  " + line + "\n")
}

pub(crate) fn to_json(played: &Played) -> String {
    let takes = played.without.takes.iter().zip(&played.with.takes);
    let steps = played.attack.steps.iter().zip(takes).map(|(step, (without, with))| {
        Object::new()
            .text("side", if step.side == Side::Attack { "attack" } else { "honest" })
            .text("shows", &step.shows)
            .text("sent", &sent(step))
            .plain("times", step.times)
            .raw("without", take_json(without))
            .raw("with", take_json(with))
            .finish()
    });
    let settings = Object::new()
        .text("without", played.without.setting.words())
        .text("with", played.with.setting.words())
        .finish();
    let object = Object::new()
        .text("id", &played.attack.id)
        .plain("stopped", played.is_stopped())
        .raw("settings", settings)
        .raw("steps", json::array(steps));
    let Some(record) = &played.with.record else { return object.finish() };
    let record = Object::new()
        .plain("allowed", record.allowed)
        .plain("denied", record.denied)
        .plain("limited", record.limited)
        .plain("entries", record.entries)
        .plain("intact", record.intact);
    object.raw("record", record.finish()).finish()
}

fn take_json(take: &Take) -> String {
    let code = take.heard.iter().find_map(|heard| match heard {
        Heard::Denied { code, .. } => Some(&**code),
        Heard::Answer | Heard::Nothing => None,
    });
    let deeds = take
        .deeds
        .iter()
        .map(|deed| Object::new().text("did", &deed.did).plain("harm", deed.harm).finish());
    Object::new()
        .plain("harms", take.harms())
        .maybe_text("denied", code)
        .raw("server", json::array(deeds))
        .finish()
}
