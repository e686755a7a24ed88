//! One transaction: every job of a batch decided and recorded, or none of them.

pub(crate) mod foreseen;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use toolgate_policy::{Charge, CounterKey, Room, Scope};

use crate::approval::{self, Found};
use crate::chain::ChainId;
use crate::clock::{Anchor, Clock, limit_time};
use crate::counters::{Over, Reckoning, Standing};
use crate::database::{Appending, Database};
use crate::digest::Key;
use crate::directory::{self, Act, Concern, Freeze};
use crate::encode::{self, Closing, Stamp};
use crate::error::Rejected;
use crate::facts::{Effect, Facts, Frozen, Intent, Refused, Why};
use crate::failure::Failure;
use crate::head::HeadFile;
use crate::job::{Job, Written};
use crate::ledger::Ledger;
use crate::lock::Identity;
use foreseen::Foreseen;

/// The log as its writer has it. The lock is held around each use.
pub(crate) struct Book {
    pub(crate) database: Database,
    pub(crate) path: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) head_file: HeadFile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) anchor: Option<Anchor>,
    pub(crate) key: Key,
    pub(crate) names: Names,
    /// Nothing after a failed commit: then it is read again.
    pub(crate) ledger: Option<Ledger>,
    /// Kept for its capacity.
    pub(crate) body: Vec<u8>,
    /// About so much has gone into the write-ahead log since it was last tidied.
    pub(crate) written_bytes: usize,
}

mod approvals;

/// Some 4000 pages.
const TIDY_BYTES: usize = 4000 * PAGE_BYTES;
/// Each transaction writes at least the page it adds to.
const PAGE_BYTES: usize = 4096;

/// The chain, and as it is written in entries.
pub(crate) struct Names {
    pub(crate) chain: ChainId,
    pub(crate) text: String,
}

/// A transaction under way.
struct Page<'a> {
    database: &'a Database,
    entries: Appending<'a>,
    ledger: &'a mut Ledger,
    body: &'a mut Vec<u8>,
    stamp: Stamp<'a>,
    /// Written so far.
    bytes: usize,
}

impl Book {
    pub(crate) fn chain(&self) -> ChainId {
        self.names.chain
    }

    /// What became of each job, in order. On failure nothing happened at all.
    pub(crate) fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Written>, Failure> {
        let written = self.attempt(jobs);
        if written.is_err() {
            self.database.rollback();
            self.ledger = None;
        }
        let written = written?;
        if let Some(ledger) = &self.ledger {
            self.head_file.write(&ledger.head).map_err(Failure::Head)?;
        }
        Ok(written)
    }

    fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Written>, Failure> {
        if Identity::of(&self.path).ok() != Some(self.identity) {
            return Err(Failure::Replaced);
        }
        self.database.begin()?;
        let ledger = match &mut self.ledger {
            Some(ledger) => {
                ledger.catch_up(&self.database)?;
                ledger
            }
            none => none.insert(Ledger::load(&self.database, self.names.chain, &self.key)?),
        };
        let anchor = self.anchor.as_ref();
        let time_ns = limit_time(self.clock.as_ref(), anchor, ledger.newest_ns);
        let time_ns = time_ns.ok_or(Failure::Clock)?;
        let wall_ms = self.clock.wall_ns() / 1_000_000;
        let stamp = Stamp { chain: &self.names.text, time_ns, wall_ms };
        let (database, body) = (&self.database, &mut self.body);
        let entries = database.appending()?;
        let mut page = Page { database, entries, ledger, body, stamp, bytes: PAGE_BYTES };
        let written = jobs.iter().map(|job| page.perform(job)).collect::<Result<_, _>>()?;
        self.written_bytes += page.bytes + page.ledger.save(&self.database, &self.key, false)?;
        self.database.commit()?;
        Ok(written)
    }

    /// Saves the counters for the next start. If that fails, the next start takes longer.
    pub(crate) fn save(&mut self) {
        let Some(ledger) = &mut self.ledger else { return };
        let saved = self.database.begin().and_then(|()| {
            if self.database.newest_seq()? == ledger.head.seq {
                ledger.save(&self.database, &self.key, true)?;
            }
            self.database.commit()
        });
        if saved.is_err() {
            self.database.rollback();
        }
    }

    /// Whether so much was written that it should go into the database file proper. Says so
    /// once.
    pub(crate) fn is_untidy(&mut self) -> bool {
        let untidy = self.written_bytes >= TIDY_BYTES;
        if untidy {
            self.written_bytes = 0;
        }
        untidy
    }
}

impl Page<'_> {
    fn perform(&mut self, job: &Job) -> Result<Written, Failure> {
        match job {
            // Whoever does not wait any more must not be charged.
            Job::Admit { answer, .. } if answer.is_closed() => Ok(Written::Nothing),
            Job::Admit { intent, .. } => self.decide(intent),
            Job::Answer { id, given, delivery, .. } => self.answer(id, given, delivery.as_ref()),
            // Whoever does not wait any more asks nobody.
            Job::Ask { answer, .. } if answer.is_closed() => Ok(Written::Nothing),
            Job::Ask { asking, .. } if self.is_stale(&asking.facts) => Ok(Written::Stale),
            Job::Ask { id, asking, .. } => self.ask(id, asking),
            Job::Change { acts, by, .. } => self.change(acts, by),
            Job::Close(closing) => self.close(closing),
            Job::Flush { .. } => Ok(Written::Nothing),
            Job::Note { code, text, .. } => {
                encode::note(self.body, self.stamp, code, text);
                self.written()
            }
            Job::Refuse { facts, .. } if self.is_stale(facts) => Ok(Written::Stale),
            Job::Refuse { facts, why, .. } => {
                encode::denied(self.body, self.stamp, facts, why, (&[], &[]));
                self.written()
            }
            Job::Weigh { caller, charges, .. } => {
                let keys = charges.iter().map(|charge| CounterKey::all(caller, &charge.counter));
                let (keys, time_ns) = (keys.collect::<Vec<_>>(), self.stamp.time_ns);
                let counters = &mut self.ledger.counters;
                Ok(Written::Weighed(counters.weigh(self.database, charges, &keys, time_ns)?))
            }
            Job::Withdraw { id, .. } => self.withdraw(id),
        }
    }

    /// Whether the directory is another one than that by which the call was decided.
    fn is_stale(&self, facts: &Facts) -> bool {
        let server = &facts.caller.server;
        facts.directory.is_some_and(|seq| self.ledger.currency.is_stale(server, seq))
    }

    /// A freeze comes before everything: it needs no newer decision.
    fn decide(&mut self, intent: &Intent) -> Result<Written, Failure> {
        if let Some(freeze) = self.ledger.freezes.of(&intent.facts.caller).cloned() {
            return self.hold(&intent.facts, freeze);
        }
        if self.is_stale(&intent.facts) {
            return Ok(Written::Stale);
        }
        self.admit(intent)
    }

    fn hold(&mut self, facts: &Facts, freeze: Freeze) -> Result<Written, Failure> {
        let retry_after_ms = Frozen::RETRY_MS;
        let why = Why {
            effect: Effect::Deny,
            code: Frozen::CODE.to_owned(),
            pointer: String::new(),
            layer: 0,
            retry_after_ms: Some(retry_after_ms),
        };
        encode::denied(self.body, self.stamp, facts, &why, (&[], &[]));
        let decision_id = self.ledger.head.chain.decision(self.append()?).to_string();
        Ok(Written::Frozen(Frozen { freeze, decision_id, retry_after_ms }))
    }

    fn change(&mut self, acts: &[Act], by: &str) -> Result<Written, Failure> {
        let db = self.database.connection();
        let changes = match directory::perform(db, (acts, by), self.stamp.wall_ms)? {
            Ok(changes) => changes,
            Err(why) => return Ok(Written::Rejected(Rejected(why))),
        };
        for change in &changes {
            encode::changed(self.body, self.stamp, change, by);
            let seq = self.append()?;
            self.ledger.currency.note(seq, Concern::of(change.code, &change.subject));
        }
        if !changes.is_empty() {
            self.ledger.freezes = directory::freezes(db)?;
        }
        let seq = self.ledger.currency.newest_seq();
        directory::set_seq(db, seq)?;
        Ok(Written::Entry { seq })
    }

    fn admit(&mut self, intent: &Intent) -> Result<Written, Failure> {
        let Some(owed) = &intent.approval else {
            return self.admit_as(&intent.facts, intent);
        };
        match approval::find(self.database.connection(), &owed.binding, self.moment())? {
            Found::Not(standing) => Ok(Written::Unapproved(standing)),
            Found::Yes { id, answered_seq } => {
                self.admit_approved(intent, (&id, answered_seq), owed.binding)
            }
        }
    }

    fn admit_as(&mut self, facts: &Facts, intent: &Intent) -> Result<Written, Failure> {
        let charges = &intent.charges[..];
        let (counters, time_ns) = (&mut self.ledger.counters, self.stamp.time_ns);
        let named = charges.iter().map(|charge| &charge.counter);
        let keys: Vec<[CounterKey; 4]> =
            named.map(|name| CounterKey::all(&facts.caller, name)).collect();
        match counters.reckon(self.database, charges, &keys, time_ns)? {
            Reckoning::Over(over) => self.refuse(facts, charges, over),
            Reckoning::Fits(standings) => {
                let foreseen = match &intent.shadow {
                    Some(shadow) => Some(self.foresee(facts, shadow)?),
                    None => None,
                };
                encode::opened(
                    self.body,
                    self.stamp,
                    facts,
                    (charges, &standings),
                    foreseen.as_ref(),
                );
                let seq = self.append()?;
                self.spend_all(seq, charges, &keys, &standings);
                let counted = foreseen.filter(Foreseen::counts);
                let counts = counted.is_some();
                if let Some(Foreseen { charges, keys, standings, .. }) = counted {
                    self.spend_all(seq, charges, &keys, &standings);
                }
                Ok(Written::Opened { seq, time_ns, counts, approval: facts.approval.clone() })
            }
        }
    }

    /// Under every scope; only windows of its own bounds are new to a counter.
    fn spend(&mut self, seq: u64, charge: &Charge, keys: &[CounterKey; 4], standing: &Standing) {
        let scopes = Scope::ALL.into_iter().zip(keys).zip(standing.previous);
        for ((scope, key), previous) in scopes {
            let own = charge.bounds.iter().filter(|bound| bound.scope == scope);
            let taken = (key, charge.amount, previous);
            let windows = own.map(|bound| bound.window);
            self.ledger.counters.spend(seq, self.stamp.time_ns, taken, windows);
        }
    }

    fn refuse(
        &mut self,
        facts: &Facts,
        charges: &[Charge],
        over: Over,
    ) -> Result<Written, Failure> {
        let retry_after_ms = match over.room {
            Room::At(at_ns) => Some((at_ns - self.stamp.time_ns).div_ceil(1_000_000)),
            Room::Never | Room::Now => None,
        };
        let why = Why {
            effect: Effect::Limit,
            code: over.code.to_owned(),
            pointer: over
                .bound
                .as_ref()
                .map(|bound| &*bound.pointer)
                .unwrap_or_default()
                .to_owned(),
            layer: over.bound.as_ref().map_or(0, |bound| bound.layer),
            retry_after_ms,
        };
        let wanted = (charges, &over.standings[..]);
        encode::denied(self.body, self.stamp, facts, &why, wanted);
        let seq = self.append()?;
        Ok(Written::Refusal(Refused {
            code: over.code,
            bound: over.bound.map(Box::new),
            retry_after_ms,
            decision_id: self.ledger.head.chain.decision(seq).to_string(),
        }))
    }

    fn close(&mut self, closing: &Closing) -> Result<Written, Failure> {
        let named = closing.refund.iter().map(|charge| &charge.counter);
        let keys: Vec<[CounterKey; 4]> =
            named.map(|name| CounterKey::all(&closing.caller, name)).collect();
        let counters = &self.ledger.counters;
        let last = keys.iter().map(|keys| keys.each_ref().map(|key| counters.last_seq(key)));
        let last = last.collect::<Vec<_>>();
        let goes_on = self.goes_on(closing)?;
        encode::closed(self.body, self.stamp, closing, goes_on.as_ref(), &last);
        let seq = self.append()?;
        for (charge, keys) in closing.refund.iter().zip(&keys) {
            for key in keys {
                self.ledger.counters.refund(seq, closing.opened_ns, key, charge.amount);
            }
        }
        self.give_back(closing, goes_on.as_ref(), seq)?;
        Ok(Written::Entry { seq })
    }

    fn written(&mut self) -> Result<Written, Failure> {
        Ok(Written::Entry { seq: self.append()? })
    }

    /// Appends the body, which is about to be counted.
    fn append(&mut self) -> Result<u64, rusqlite::Error> {
        self.bytes += self.body.len();
        self.ledger.append(&mut self.entries, self.stamp.time_ns, self.body)
    }
}
