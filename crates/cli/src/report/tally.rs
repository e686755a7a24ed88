//! The decisions of a log, counted by rule and tool.

use std::collections::{BTreeMap, HashMap, HashSet};

use toolgate_policy::Amount;
use toolgate_store::{Effect, Entry, Facts, Kind, Log, Opening, ReadError, Spent};

/// Which decisions count.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) since_ms: u64,
    pub(crate) until_ms: u64,
    pub(crate) grant: Option<String>,
    pub(crate) server: Option<String>,
}

/// A rule that stopped calls of one tool, or would have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) effect: &'static str,
    pub(crate) code: String,
    /// The policy's name; empty where it was read from a file.
    pub(crate) policy: String,
    pub(crate) pointer: String,
    pub(crate) server: String,
    /// The name of what was called; of the method where that is no tool.
    pub(crate) tool: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Hits {
    pub(crate) calls: u64,
    /// The latest decisions, newest first.
    pub(crate) samples: Vec<String>,
}

/// What one revision of one policy did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) calls: u64,
    /// Pointers of the rules that stopped a call, or would have.
    pub(crate) hit: HashSet<String>,
    /// The most that was ever used of a limit, and the limit.
    pub(crate) peaks: HashMap<String, (Amount, Amount)>,
    pub(crate) tools: HashSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) allowed: u64,
    /// Of those that were let through: what something in shadow would have stopped.
    pub(crate) would_stop: u64,
    pub(crate) denied: u64,
    pub(crate) limited: u64,
    pub(crate) held: u64,
    pub(crate) shadow: HashMap<Case, Hits>,
    pub(crate) stopped: HashMap<Case, Hits>,
    /// All calls of each server's tools.
    pub(crate) calls: HashMap<(String, String), u64>,
    /// By the revision's name in records: `support@7`, or a digest.
    pub(crate) revisions: BTreeMap<String, Done>,
}

const SAMPLES_MAX: usize = 3;
/// The wall clock may have been set back: so far behind the time that is wanted is looked.
const SLACK_MS: u64 = 86_400_000;

impl Tally {
    pub(crate) fn of(log: &Log, wanted: &Wanted) -> Result<Self, ReadError> {
        let mut tally = Self::default();
        for entry in log.entries_back(u64::MAX) {
            let entry = entry?;
            if entry.wall_ms.saturating_add(SLACK_MS) < wanted.since_ms {
                break;
            }
            if wanted.wants_time(entry.wall_ms) {
                tally.take(&entry, wanted);
            }
        }
        Ok(tally)
    }

    pub(crate) fn all(&self) -> u64 {
        self.allowed + self.denied + self.limited + self.held
    }

    /// How many of a tool's calls these are, in percent.
    pub(crate) fn share(&self, case: &Case, hits: &Hits) -> f64 {
        let tool = (case.server.clone(), case.tool.clone());
        let all = self.calls.get(&tool).copied().unwrap_or(hits.calls).max(1);
        percent(hits.calls, all)
    }

    fn take(&mut self, entry: &Entry, wanted: &Wanted) {
        match &entry.kind {
            Kind::Opened(opened) if wanted.wants(&opened.facts) => self.open(entry, opened),
            Kind::Denied(denied) if wanted.wants(&denied.facts) => {
                *match denied.effect {
                    Effect::Deny => &mut self.denied,
                    Effect::Limit => &mut self.limited,
                    Effect::Pending => &mut self.held,
                } += 1;
                self.call(&denied.facts);
                let at = (denied.code.as_str(), denied.pointer.as_str(), denied.layer);
                let case = self.hit(&denied.facts, denied.effect, at);
                note(&mut self.stopped, case, entry);
                self.fill(&denied.facts, &denied.wanted);
            }
            _ => {}
        }
    }

    fn open(&mut self, entry: &Entry, opened: &Opening) {
        self.allowed += 1;
        self.call(&opened.facts);
        self.fill(&opened.facts, &opened.spent);
        let Some(would) = &opened.shadow else { return };
        self.fill(&opened.facts, &would.spent);
        if let Some(effect) = would.effect {
            self.would_stop += 1;
            let at = (would.code.as_str(), would.pointer.as_str(), would.layer);
            let case = self.hit(&opened.facts, effect, at);
            note(&mut self.shadow, case, entry);
        }
    }

    fn call(&mut self, facts: &Facts) {
        let tool = tool(facts);
        for revision in facts.revision.split(' ') {
            let done = self.revisions.entry(revision.to_owned()).or_default();
            done.calls += 1;
            done.tools.insert(tool.to_owned());
        }
        *self.calls.entry((facts.caller.server.clone(), tool.to_owned())).or_default() += 1;
    }

    fn hit(&mut self, facts: &Facts, effect: Effect, at: (&str, &str, usize)) -> Case {
        let (code, pointer, layer) = at;
        let revision = revision(facts, layer);
        self.revisions.entry(revision.to_owned()).or_default().hit.insert(pointer.to_owned());
        Case {
            effect: word(effect),
            code: code.to_owned(),
            policy: revision.rsplit_once('@').map_or("", |(name, _)| name).to_owned(),
            pointer: pointer.to_owned(),
            server: facts.caller.server.clone(),
            tool: tool(facts).to_owned(),
        }
    }

    fn fill(&mut self, facts: &Facts, spent: &[Spent]) {
        for level in spent.iter().flat_map(|charge| &charge.bounds) {
            let revision = revision(facts, level.layer).to_owned();
            let used = level.after.unwrap_or(level.before);
            let peaks = &mut self.revisions.entry(revision).or_default().peaks;
            let peak = peaks.entry(level.pointer.clone()).or_insert((used, level.max));
            peak.0 = peak.0.max(used);
        }
    }
}

impl Wanted {
    fn wants_time(&self, wall_ms: u64) -> bool {
        wall_ms >= self.since_ms && wall_ms < self.until_ms
    }

    fn wants(&self, facts: &Facts) -> bool {
        let is = |wanted: &Option<String>, there: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == there)
        };
        is(&self.grant, &facts.caller.grant) && is(&self.server, &facts.caller.server)
    }
}

/// Which revision of which policy that layer was: `organization@3 support@7` names both.
fn revision(facts: &Facts, layer: usize) -> &str {
    facts.revision.split(' ').nth(layer).unwrap_or(&facts.revision)
}

fn tool(facts: &Facts) -> &str {
    facts.tool.as_deref().unwrap_or(&facts.method)
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Deny => "denied",
        Effect::Limit => "limited",
        Effect::Pending => "held",
    }
}

fn note(cases: &mut HashMap<Case, Hits>, case: Case, entry: &Entry) {
    let hits = cases.entry(case).or_default();
    hits.calls += 1;
    if hits.samples.len() < SAMPLES_MAX {
        hits.samples.push(entry.decision_id().to_string());
    }
}

/// The most frequent first.
pub(super) fn sorted(cases: &HashMap<Case, Hits>) -> Vec<(&Case, &Hits)> {
    let mut cases: Vec<_> = cases.iter().collect();
    cases.sort_by_key(|(case, hits)| {
        (std::cmp::Reverse(hits.calls), &case.policy, &case.pointer, &case.server, &case.tool)
    });
    cases
}

#[expect(clippy::cast_precision_loss, reason = "shares of calls that somebody counted")]
pub(super) fn percent(part: u64, all: u64) -> f64 {
    part as f64 * 100.0 / all.max(1) as f64
}
