//! All calls of a log in time order, on a clock that shows when each was made.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{Closed, DirectoryReader, Entry, Kind, ReadError};

use super::budget::{Budget, Room, Spent};
use super::fresh::{self, Definitions, Fresh};
use super::policies::Policies;
use super::recorded::{Recorded, Then};
use super::tally::{Class, Now, Tally};

/// Which calls are decided again; the others are counted as they were.
#[derive(Debug, Default)]
pub struct Wanted {
    pub since_ms: Option<u64>,
    /// Those of these grants only.
    pub grants: Option<BTreeSet<String>>,
    pub server: Option<String>,
}

/// Takes the entries of a log in their order.
pub struct Rerun<'a> {
    policies: &'a Policies,
    wanted: Wanted,
    definitions: Definitions<'a>,
    budget: Budget,
    /// What each call under way has spent, by its entry.
    open: HashMap<u64, Spent>,
    /// Questions to people that nobody would have to be asked.
    needless: HashSet<String>,
    tally: Tally,
}

impl<'a> Rerun<'a> {
    pub fn new(
        policies: &'a Policies,
        wanted: Wanted,
        reader: &'a DirectoryReader,
        samples_max: usize,
    ) -> Self {
        Self {
            policies,
            wanted,
            definitions: Definitions::new(reader),
            budget: Budget::default(),
            open: HashMap::new(),
            needless: HashSet::new(),
            tally: Tally::new(samples_max),
        }
    }

    /// What has become of a call that was decided again.
    pub fn take(&mut self, entry: &Entry) -> Result<Option<Class>, ReadError> {
        if let Kind::Closed(closed) = &entry.kind {
            self.close(closed);
            return Ok(None);
        }
        let Some(recorded) = Recorded::of(entry) else { return Ok(None) };
        if !self.wants(&recorded) {
            self.count_as_it_was(&recorded);
            return Ok(None);
        }
        let Some(now) = self.decide(&recorded)? else { return Ok(None) };
        Ok(Some(self.tally.add(&recorded, &now)))
    }

    pub fn finish(self) -> Tally {
        self.tally
    }

    fn wants(&self, recorded: &Recorded<'_>) -> bool {
        let caller = &recorded.facts.caller;
        self.wanted.since_ms.is_none_or(|since| recorded.entry.wall_ms >= since)
            && self.wanted.grants.as_ref().is_none_or(|grants| grants.contains(&caller.grant))
            && self.wanted.server.as_ref().is_none_or(|server| *server == caller.server)
    }

    fn count_as_it_was(&mut self, recorded: &Recorded<'_>) {
        if recorded.then != Then::Allowed {
            return;
        }
        let charges = recorded.charges();
        if !charges.is_empty() {
            let (caller, time_ns) = (&recorded.facts.caller, recorded.entry.time_ns);
            let spent = self.budget.spend(caller, &charges, time_ns);
            self.open.insert(recorded.entry.seq, spent);
        }
    }

    fn close(&mut self, closed: &Closed) {
        let spent = self.open.remove(&closed.opened);
        if let Some(spent) = spent.filter(|_| !closed.refund.is_empty() || closed.is_unsent()) {
            self.budget.refund(&spent);
        }
    }

    /// Nothing for a call that was made already: it was asked about, and made again.
    fn decide(&mut self, recorded: &Recorded<'_>) -> Result<Option<Now>, ReadError> {
        if let Then::Otherwise { code } = recorded.then {
            return Ok(Some(Now::Otherwise(code.to_owned())));
        }
        let question = recorded.facts.approval.as_ref();
        if question.is_some_and(|id| self.needless.contains(id)) {
            return Ok(None);
        }
        let fresh = fresh::decide(self.policies, &mut self.definitions, recorded)?;
        Ok(Some(match fresh {
            Fresh::Denied { code, pointer } => Now::Denied { code, pointer },
            Fresh::Held(_, charges) if recorded.is_approved() => self.spend(recorded, &charges),
            Fresh::Held(pointer, _) => Now::Held(pointer),
            Fresh::Allowed(charges) => {
                let waits = matches!(recorded.then, Then::Held { .. });
                if let Some(id) = question.filter(|_| waits) {
                    self.needless.insert(id.clone());
                }
                self.spend(recorded, &charges)
            }
            Fresh::Open(..) if self.policies.are(&recorded.facts.revision) => self.same(recorded),
            Fresh::Open(open, why) => {
                let (caller, time_ns) = (&recorded.facts.caller, recorded.entry.time_ns);
                let spent = self.budget.may_spend(caller, open.charges, &open.unmeasured, time_ns);
                self.open.insert(recorded.entry.seq, spent);
                Now::Open(open.pointer, why)
            }
        }))
    }

    /// The policies are those of then: what they said of arguments that are forgotten is known.
    fn same(&mut self, recorded: &Recorded<'_>) -> Now {
        match recorded.then {
            Then::Allowed | Then::Limited { .. } => self.spend(recorded, &recorded.charges()),
            Then::Denied { .. } | Then::Held { .. } | Then::Otherwise { .. } => Now::AsThen,
        }
    }

    fn spend(&mut self, recorded: &Recorded<'_>, charges: &[toolgate_policy::Charge]) -> Now {
        if charges.is_empty() {
            return Now::Allowed;
        }
        let (caller, time_ns) = (&recorded.facts.caller, recorded.entry.time_ns);
        let (spent, now) = match self.budget.admit(caller, charges, time_ns) {
            Room::Over(bound) => return Now::Limited(bound.pointer),
            Room::Fits(spent) => (spent, Now::Allowed),
            Room::Unsure(bound, spent) => (spent, Now::Open(bound.pointer, UNSURE)),
        };
        if recorded.then == Then::Allowed {
            self.open.insert(recorded.entry.seq, spent);
        }
        now
    }
}

const UNSURE: &str = "it is counted together with calls that cannot be judged";
