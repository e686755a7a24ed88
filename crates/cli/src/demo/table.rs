//! The table of a played script.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

use super::once::{Outcome, Played};

/// Of each column, its margins included.
const WIDTHS: [u16; 5] = [20, 34, 23, 9, 34];

pub(super) fn table(played: &[Played]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTHS.iter().sum())
        .set_header(["what", "call", "decision", "arrived", "what the agent heard"])
        .set_constraints(WIDTHS.map(|width| ColumnConstraint::Absolute(Width::Fixed(width))));
    for played in played {
        table.add_row(row(played));
    }
    table
}

fn row(played: &Played) -> [String; 5] {
    let step = played.step;
    let decision = match &played.heard.outcome {
        Outcome::Allow => "allowed".to_owned(),
        Outcome::Deny(code) => format!("denied: {code}"),
        Outcome::Limit => "limited".to_owned(),
        Outcome::Refuse => "refused: no message".to_owned(),
        Outcome::Unknown => "hidden".to_owned(),
    };
    let odd = if played.as_expected() { "" } else { "\nNOT EXPECTED" };
    [
        step.shows.to_owned(),
        format!("{} {}", step.tool, step.arguments),
        decision + odd,
        if played.arrived { "yes" } else { "no" }.to_owned(),
        gist(&played.heard.text).to_owned(),
    ]
}

/// The part of an answer that differs from row to row.
fn gist(text: &str) -> &str {
    let text = text.strip_prefix("[POLICY DENIED] ").unwrap_or(text);
    let text = text.split(" (ref ").next().unwrap_or(text);
    let text = text.split(" Retrying the same").next().unwrap_or(text);
    text.lines().next().unwrap_or(text)
}
