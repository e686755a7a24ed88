//! Lists for people.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use crate::exit::Failure;
use crate::output;

/// Prints rows in columns under a line of names.
pub(crate) fn print<const N: usize>(
    names: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(names);
    for row in rows {
        table.add_row(row.map(|cell| output::visible(&cell)));
    }
    output::print(&format!("{table}\n"))
}
