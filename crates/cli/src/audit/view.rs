//! Decisions as somebody wants to see them: which, and in which form.

use std::collections::HashMap;
use std::io::Write;
use std::thread;
use std::time::Duration;

use toolgate_store::{Call, Entry, Kind, Log};

use super::line::{line, outcome_line};
use super::{Decision, Filter};
use crate::exit::Failure;
use crate::json::Object;

pub(crate) struct View {
    pub(crate) filter: Filter,
    pub(crate) json: bool,
    pub(crate) colour: bool,
}

/// Between two looks at the log. A person does not notice less.
const PAUSE: Duration = Duration::from_millis(150);

impl View {
    pub(crate) fn decision(&self, call: &Call) -> String {
        match Decision::of(&call.entry) {
            Some(_) if self.json => envelope(call),
            Some(decision) => line(&decision, call.closing.as_ref(), self.colour),
            None => String::new(),
        }
    }

    fn outcome(&self, opened: &Entry, closing: &Entry) -> String {
        if self.json {
            let line = Object::new().plain("version", 1).raw("outcome", closing.to_json());
            return line.finish() + "\n";
        }
        Decision::of(opened)
            .and_then(|decision| outcome_line(&decision, closing))
            .unwrap_or_default()
    }

    /// Shows what comes behind entry `seq`, until nobody reads the output any more.
    pub(crate) fn follow(&self, log: Log, seq: u64, out: &mut impl Write) -> Result<(), Failure> {
        let mut open = HashMap::new();
        let mut log = log.follow(seq);
        loop {
            for entry in log.poll()? {
                out.write_all(self.take(entry, &mut open).as_bytes())?;
            }
            out.flush()?;
            thread::sleep(PAUSE);
        }
    }

    /// What to show of a new entry. `open` are the calls that were shown and have no outcome yet.
    fn take(&self, entry: Entry, open: &mut HashMap<u64, Entry>) -> String {
        if let Kind::Closed(closed) = &entry.kind {
            let opened = open.remove(&closed.opened);
            return opened.map(|opened| self.outcome(&opened, &entry)).unwrap_or_default();
        }
        if !Decision::of(&entry).is_some_and(|decision| self.filter.wants(&decision)) {
            return String::new();
        }
        let call = Call { entry, closing: None };
        let shown = self.decision(&call);
        if matches!(call.entry.kind, Kind::Opened(_)) {
            open.insert(call.entry.seq, call.entry);
        }
        shown
    }
}

/// A decision for programs. `outcome` is null while a call is under way, and for ever if a crash
/// came between.
pub(crate) fn envelope(call: &Call) -> String {
    let outcome = call.closing.as_ref().map_or_else(|| "null".to_owned(), Entry::to_json);
    let envelope = Object::new().plain("version", 1).raw("decision", call.entry.to_json());
    envelope.raw("outcome", outcome).finish() + "\n"
}
