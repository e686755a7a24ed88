//! Follows the log, and knows at any time what the last while was like.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use toolgate_store::{Approval, ApprovalReader, Budgets, DirectoryReader, Entry, Freeze, Which};

use super::look::{Denial, Look};
use super::tally::Tally;
use crate::args::DecisionArg;
use crate::audit::{self, Decision, Following};
use crate::exit::Failure;

pub(crate) struct Pulse {
    state: PathBuf,
    log: Following,
    recent: VecDeque<Seen>,
    budgets: Budgets,
    window_s: u64,
}

/// What is kept of one decision.
struct Seen {
    wall_ms: u64,
    word: DecisionArg,
    server: String,
    grant: String,
    /// Code and rule.
    why: Option<(String, String)>,
}

/// So many are kept: then the oldest go, whatever the window.
const RECENT_MAX: usize = 500_000;
/// So far back a first look goes for budgets that no recent call has touched.
const BACK_MAX: usize = 20_000;
/// What a rate is taken over.
const RATE_MS: u64 = 10_000;

impl Pulse {
    pub(crate) fn new(state: &Path, window_s: u64) -> Result<Self, Failure> {
        let log = audit::open(state)?;
        let newest = log.head()?.seq;
        let (mut recent, mut budgets) = (VecDeque::new(), Budgets::default());
        let since_ms = now_ms().saturating_sub(window_s.saturating_mul(1000));
        for (count, entry) in log.entries_back(newest).enumerate() {
            let entry = entry?;
            let old = entry.wall_ms < since_ms;
            if recent.len() >= RECENT_MAX || (old && count >= BACK_MAX) {
                break;
            }
            let Some(decision) = Decision::of(&entry) else { continue };
            budgets.note(&entry);
            if !old {
                recent.push_front(Seen::of(&decision));
            }
        }
        let (state, log) = (state.to_owned(), Following::new(state, log, newest));
        Ok(Self { state, log, recent, budgets, window_s })
    }

    pub(crate) fn look(&mut self) -> Result<Look, Failure> {
        loop {
            let entries = self.log.poll()?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                self.note(entry);
            }
        }
        let remark = self.log.remark().map(str::to_owned);
        let at_ms = now_ms();
        let since_ms = at_ms.saturating_sub(self.window_s.saturating_mul(1000));
        // The wall clock may have been set back: what seems to come is not thrown away.
        while self.recent.front().is_some_and(|seen| seen.wall_ms < since_ms) {
            self.recent.pop_front();
        }
        let budgets = self.budgets.current(at_ms);
        let (approvals, freezes) = self.beside();
        let window_s = self.window_s;
        let look = Look { at_ms, window_s, budgets, approvals, freezes, remark, ..Look::default() };
        Ok(counted(look, &self.recent))
    }

    /// Opened for each look: another directory may stand in the place of the last one. While none
    /// does, the log's remark says so.
    fn beside(&self) -> (Vec<Approval>, Vec<Freeze>) {
        let approvals = ApprovalReader::open(&self.state).ok();
        let approvals = approvals.and_then(|reader| reader.list(Which::Pending).ok());
        let directory = DirectoryReader::open(&self.state).ok();
        let freezes = directory.and_then(|reader| reader.freezes().ok());
        let freezes = freezes.map(|freezes| freezes.iter().cloned().collect());
        (approvals.unwrap_or_default(), freezes.unwrap_or_default())
    }

    fn note(&mut self, entry: &Entry) {
        let Some(decision) = Decision::of(entry) else { return };
        self.budgets.note(entry);
        self.recent.push_back(Seen::of(&decision));
        if self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
    }
}

impl Seen {
    fn of(decision: &Decision<'_>) -> Self {
        let caller = &decision.facts.caller;
        let why = decision.code().map(|code| (code.to_owned(), decision.rule().to_owned()));
        Self {
            wall_ms: decision.entry.wall_ms,
            word: decision.word(),
            server: caller.server.clone(),
            grant: caller.grant.clone(),
            why,
        }
    }
}

fn counted(mut look: Look, recent: &VecDeque<Seen>) -> Look {
    let mut servers: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut grants: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut denials: BTreeMap<&(String, String), u64> = BTreeMap::new();
    for seen in recent {
        look.all.add(seen.word);
        servers.entry(&seen.server).or_default().add(seen.word);
        grants.entry(&seen.grant).or_default().add(seen.word);
        if let Some(why) = &seen.why {
            *denials.entry(why).or_default() += 1;
        }
        look.calls_per_10s += u64::from(look.at_ms.saturating_sub(seen.wall_ms) < RATE_MS);
    }
    look.servers = busiest(servers);
    look.grants = busiest(grants);
    let denial = |((code, rule), count): (&(String, String), u64)| Denial {
        code: code.clone(),
        rule: rule.clone(),
        count,
    };
    look.denials = denials.into_iter().map(denial).collect();
    look.denials.sort_by_key(|denial| std::cmp::Reverse(denial.count));
    look
}

fn busiest(by_name: BTreeMap<&str, Tally>) -> Vec<(String, Tally)> {
    let mut all: Vec<_> = by_name.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
    all.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.all()));
    all
}

fn now_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}
