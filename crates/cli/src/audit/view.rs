//! Decisions as somebody wants to see them: which, and in which form.

use std::collections::HashMap;
use std::io::Write;
use std::thread;
use std::time::Duration;

use toolgate_store::{Call, Entry, Kind};

use super::line::{event_line, line, outcome_line};
use super::{Decision, Filter, Following};
use crate::exit::Failure;
use crate::json::Object;
use crate::output;

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
            Some(_) if self.json => envelope(call, None),
            Some(decision) => line(&decision, call.closing.as_ref(), self.colour),
            None => String::new(),
        }
    }

    /// What a person did: it says why decisions are others from then on.
    fn event(&self, entry: &Entry) -> String {
        if self.json {
            return Object::new().plain("version", 1).raw("event", entry.to_json()).finish() + "\n";
        }
        event_line(entry, self.colour).unwrap_or_default()
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

    /// Shows what comes, until nobody reads the output any more.
    pub(crate) fn follow(&self, mut log: Following, out: &mut impl Write) -> Result<(), Failure> {
        let (mut open, mut told) = (HashMap::new(), None);
        while !output::is_unread() {
            let entries = log.poll()?;
            let remark = log.remark().map(str::to_owned);
            if let Some(remark) = remark.as_ref().filter(|_| remark != told) {
                output::tell(&format!("toolgate: {remark}"));
            }
            told = remark;
            for entry in entries {
                out.write_all(self.take(entry, &mut open).as_bytes())?;
            }
            out.flush()?;
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// What to show of a new entry. `open` are the calls that were shown and have no outcome yet.
    fn take(&self, entry: Entry, open: &mut HashMap<u64, Entry>) -> String {
        if let Kind::Closed(closed) = &entry.kind {
            let opened = open.remove(&closed.opened);
            return opened.map(|opened| self.outcome(&opened, &entry)).unwrap_or_default();
        }
        if matches!(entry.kind, Kind::Answered(_) | Kind::Changed(_)) {
            let wanted = self.filter.wants_note(entry.wall_ms);
            return if wanted { self.event(&entry) } else { String::new() };
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
/// `answer` is what people said to the question about it.
pub(crate) fn envelope(call: &Call, answer: Option<&Entry>) -> String {
    let outcome = call.closing.as_ref().map_or_else(|| "null".to_owned(), Entry::to_json);
    let envelope = Object::new().plain("version", 1).raw("decision", call.entry.to_json());
    let envelope = envelope.raw("outcome", outcome);
    let envelope = match answer {
        Some(answer) => envelope.raw("answer", answer.to_json()),
        None => envelope,
    };
    envelope.finish() + "\n"
}
