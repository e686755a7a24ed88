//! `audit export`: the log for other programs, one line per entry or per decision.

use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Entry, Format, Kind};

use crate::args::{ExportArgs, FormatArg};
use crate::audit::{self, Decision, Filter};
use crate::exit::Failure;

pub(super) fn execute(state: &Path, args: ExportArgs) -> Result<ExitCode, Failure> {
    let filter = Filter::read(args.filter)?;
    let format = match args.format {
        Some(FormatArg::Cef) => Format::Cef,
        Some(FormatArg::Ocsf) => Format::Ocsf,
        Some(FormatArg::Jsonl) | None => Format::Jsonl,
    };
    let log = audit::open(state)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut open = HashSet::new();
    for entry in log.entries(1) {
        let entry = entry?;
        if is_wanted(&entry, &filter, &mut open)
            && let Some(line) = format.line(&entry)
        {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// An outcome goes with the decision it belongs to; `open` are those whose outcome is to come.
fn is_wanted(entry: &Entry, filter: &Filter, open: &mut HashSet<u64>) -> bool {
    match &entry.kind {
        Kind::Closed(closed) => open.remove(&closed.opened),
        Kind::Answered(_) | Kind::Changed(_) | Kind::Note(_) => filter.wants_note(entry.wall_ms),
        Kind::Denied(_) | Kind::Opened(_) => {
            let wanted = Decision::of(entry).is_some_and(|decision| filter.wants(&decision));
            if wanted && matches!(entry.kind, Kind::Opened(_)) {
                open.insert(entry.seq);
            }
            wanted
        }
    }
}
