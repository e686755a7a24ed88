//! The judge: what reached the sentinel, held against the log and against what callers heard.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;
use toolgate_policy::{Amount, CounterKey, Scope};
use toolgate_store::{Closed, Entry, Facts, Kind, Opening, Outcome, Spent};
use toolgate_testkit::SeenCall;

use crate::rig::{Rig, Told};

/// All that was written down about one rig.
pub(crate) struct Evidence {
    pub(crate) entries: Vec<Entry>,
    pub(crate) seen: Vec<SeenCall>,
    closed: HashMap<u64, Closed>,
}

/// What a limit may be, as the test set it: its window in seconds, and how much.
pub(crate) type Limit = (u64, u128);

/// What was spent on one counter, in the order of the log.
#[derive(Default)]
struct Spendings(Vec<(u64, u64, u128)>);

type Counters = HashMap<CounterKey, Spendings>;

pub(crate) const UNIT: u128 = 1_000_000_000_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;

impl Evidence {
    /// Reads the ledger first: what stands there must be in the log by now.
    pub(crate) fn of(rig: &Rig) -> Evidence {
        let seen = rig.ledger().calls();
        if !rig.scratch.state().join("audit.db").exists() {
            assert!(seen.is_empty(), "calls without a log");
            return Evidence { entries: Vec::new(), seen, closed: HashMap::new() };
        }
        let log = rig.log();
        let entries: Vec<Entry> = log.entries(1).collect::<Result<_, _>>().unwrap();
        let closed = entries.iter().filter_map(as_closed);
        let closed = closed.map(|closed| (closed.opened, closed.clone()));
        Evidence { closed: closed.collect(), entries, seen }
    }

    pub(crate) fn opened(&self) -> impl Iterator<Item = (&Entry, &Opening)> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::Opened(opening) => Some((entry, opening)),
            _ => None,
        })
    }

    pub(crate) fn closing(&self, seq: u64) -> Option<&Closed> {
        self.closed.get(&seq)
    }

    pub(crate) fn nonces_seen(&self) -> BTreeSet<String> {
        self.seen.iter().filter_map(|call| call.nonce.clone()).collect()
    }

    /// The sequence numbers under which each nonce was let through.
    pub(crate) fn openings(&self) -> BTreeMap<String, Vec<u64>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for (entry, opening) in self.opened() {
            found.entry(nonce(&opening.facts)).or_default().push(entry.seq);
        }
        found
    }

    /// Every call at the sentinel was let through, is on record, and came once.
    pub(crate) fn sentinel_within_intents(&self) -> &Evidence {
        let openings = self.openings();
        let mut came = HashSet::new();
        for call in &self.seen {
            let nonce = call.nonce.as_ref().expect("every call has a nonce");
            assert!(came.insert(nonce), "`{nonce}` came twice");
            let seqs = openings.get(nonce).unwrap_or_else(|| panic!("`{nonce}` has no intent"));
            let unsent = |seq: &u64| {
                self.closing(*seq).is_some_and(|closed| closed.outcome == Outcome::NotSent)
            };
            assert!(!seqs.iter().all(unsent), "`{nonce}` came, but is on record as not sent");
        }
        self
    }

    /// Only what was not sent comes back, and comes back whole.
    pub(crate) fn refunds_are_due(&self) -> &Evidence {
        for (entry, opening) in self.opened() {
            let Some(closed) = self.closing(entry.seq) else { continue };
            let spent: Vec<_> =
                opening.spent.iter().map(|s| (s.counter.clone(), s.amount)).collect();
            let unsent = closed.outcome == Outcome::NotSent;
            assert_eq!(closed.refund, if unsent { spent } else { Vec::new() }, "{closed:?}");
        }
        let openings: HashSet<u64> = self.opened().map(|(entry, _)| entry.seq).collect();
        let mut ended = HashSet::new();
        for closed in self.entries.iter().filter_map(as_closed) {
            assert!(openings.contains(&closed.opened), "{closed:?}");
            assert!(ended.insert(closed.opened), "closed twice: {closed:?}");
        }
        self
    }

    /// No window ever held more than its limit, by our own count. `limit` says what stood in the
    /// policy of a revision; the log's own word for it must be the same.
    pub(crate) fn limits_hold(&self, limit: impl Fn(&str) -> Option<Limit>) -> &Evidence {
        let mut counters = Counters::new();
        for entry in &self.entries {
            match &entry.kind {
                Kind::Opened(opening) => {
                    let limit = limit(&opening.facts.revision);
                    spend(&mut counters, limit, entry, opening);
                }
                Kind::Closed(closed) => give_back(&mut counters, closed),
                Kind::Answered(_) | Kind::Changed(_) | Kind::Denied(_) | Kind::Note(_) => {}
            }
        }
        self
    }

    /// What callers heard is what happened.
    pub(crate) fn heard_the_truth(&self, heard: &BTreeMap<String, Told>) -> &Evidence {
        let seen = self.nonces_seen();
        for (nonce, told) in heard {
            match told {
                Told::Allowed => assert!(seen.contains(nonce), "`{nonce}` heard yes, never came"),
                Told::Denied(code) => {
                    assert!(!seen.contains(nonce), "`{nonce}` heard `{code}`, but came");
                }
                Told::Failed(_) | Told::Nothing => {}
            }
        }
        self
    }

    /// The log is what was written, and names as unknown exactly what has no end.
    pub(crate) fn verifies(&self, rig: &Rig) -> &Evidence {
        let mut command = rig.toolgate("audit");
        command.args(["verify", "--json", "--state"]).arg(rig.scratch.state());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_str(&said).unwrap();
        let named: BTreeSet<&str> =
            report["unclosed"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        // Read again: closings may have come since.
        let now = Evidence::of(rig);
        let unclosed: BTreeSet<String> = now.unclosed();
        let stale = named.iter().find(|id| !self.unclosed().contains(**id));
        assert!(stale.is_none() || now.entries.len() > self.entries.len(), "{stale:?}");
        assert!(unclosed.iter().all(|id| named.contains(id.as_str())), "{unclosed:?} {named:?}");
        self
    }

    /// The ids of calls without an end.
    pub(crate) fn unclosed(&self) -> BTreeSet<String> {
        let open = self.opened().filter(|(entry, _)| self.closing(entry.seq).is_none());
        open.map(|(entry, _)| entry.decision_id().to_string()).collect()
    }

    /// The revisions in force, oldest first, as the log tells.
    pub(crate) fn revisions(&self) -> Vec<String> {
        let notes = self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::Note(note) if note.code == "policy_in_force" => note.text.split(' ').nth(1),
            _ => None,
        });
        notes.map(str::to_owned).collect()
    }
}

fn as_closed(entry: &Entry) -> Option<&Closed> {
    match &entry.kind {
        Kind::Closed(closed) => Some(closed),
        _ => None,
    }
}

fn spend(counters: &mut Counters, limit: Option<Limit>, entry: &Entry, opening: &Opening) {
    for (spent, scope) in opening.spent.iter().flat_map(|s| Scope::ALL.map(|scope| (s, scope))) {
        let key = CounterKey::new(scope, &opening.facts.caller, &spent.counter);
        check((spent, scope), limit, entry, counters.entry(key).or_default());
    }
}

fn give_back(counters: &mut Counters, closed: &Closed) {
    if !closed.refund.is_empty() {
        for spendings in counters.values_mut() {
            spendings.0.retain(|(seq, _, _)| *seq != closed.opened);
        }
    }
}

fn check(
    (spent, scope): (&Spent, Scope),
    limit: Option<Limit>,
    entry: &Entry,
    counter: &mut Spendings,
) {
    for level in spent.bounds.iter().filter(|level| level.scope == scope) {
        let window_s = level.window.length_s.get();
        if let Some((expected_s, max)) = limit {
            assert_eq!((window_s, level.max), (expected_s, Amount::from_units(max * UNIT)));
        }
        let since = entry.time_ns.saturating_sub(window_s * SECOND_NS);
        let inside = counter.0.iter().filter(|(_, time_ns, _)| *time_ns > since);
        let before: u128 = inside.map(|(_, _, amount)| amount).sum();
        let total = before + spent.amount.units();
        assert!(total <= level.max.units(), "{} in {window_s} s: {entry:?}", total / UNIT);
        assert!(level.before.units() >= before, "{} were there: {entry:?}", before / UNIT);
    }
    counter.0.push((entry.seq, entry.time_ns, spent.amount.units()));
}

/// The nonce of a recorded call; the policies here keep arguments.
fn nonce(facts: &Facts) -> String {
    let raw = facts.arguments.as_ref().and_then(|arguments| arguments.raw.clone());
    let arguments: Value = serde_json::from_slice(&raw.expect("`record: args`")).unwrap();
    arguments["nonce"].as_str().expect("every call has a nonce").to_owned()
}
