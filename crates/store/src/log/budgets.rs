//! Budgets as the last call left them.

use std::collections::HashMap;

use toolgate_policy::{Amount, Caller, Scope};

use crate::entry::{Entry, Kind, Level, Spent};

/// One bound of one counter, as it stood when a call last touched it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    pub counter: String,
    pub unit: &'static str,
    pub scope: Scope,
    /// Whose it is: the server, the grant, the principal, as far as the scope tells them apart.
    pub owner: String,
    pub rule: String,
    pub used: Amount,
    pub max: Amount,
    pub window_s: u64,
    pub at_ms: u64,
    /// The entry that says so.
    pub seq: u64,
}

/// What makes one budget another one.
type Key = (String, Scope, String, String, usize);

/// Budgets of a log, as far as it was shown to this.
#[derive(Debug, Default)]
pub struct Budgets(HashMap<Key, Budget>);

/// Names are free to make: then the oldest go.
const BUDGETS_MAX: usize = 10_000;

impl Budget {
    /// In whole percent.
    pub fn percent(&self) -> u128 {
        self.used.units().saturating_mul(100).checked_div(self.max.units()).unwrap_or(100)
    }
}

impl Budgets {
    /// Entries come in any order, and many within one millisecond; the newest counts.
    pub fn note(&mut self, entry: &Entry) {
        let (spent, facts) = match &entry.kind {
            Kind::Denied(denied) => (&denied.wanted, &denied.facts),
            Kind::Opened(opened) => (&opened.spent, &opened.facts),
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => return,
        };
        let at = (entry.seq, entry.wall_ms);
        for one in spent {
            for level in &one.bounds {
                self.put(budget(&facts.caller, one, level, at), level.layer);
            }
        }
    }

    fn put(&mut self, budget: Budget, layer: usize) {
        let name = format!("{} {}", budget.counter, budget.unit);
        let key = (name, budget.scope, budget.owner.clone(), budget.rule.clone(), layer);
        let newer = self.0.get(&key).is_none_or(|there| there.seq <= budget.seq);
        if newer {
            self.0.insert(key, budget);
        }
    }

    /// Those whose window has not passed, the fullest first. Others count nothing any more.
    pub fn current(&mut self, now_ms: u64) -> Vec<Budget> {
        self.0.retain(|_, it| now_ms.saturating_sub(it.at_ms) / 1000 < it.window_s);
        let mut all: Vec<Budget> = self.0.values().cloned().collect();
        all.sort_by(|one, other| {
            let rest = |it: &Budget| (it.counter.clone(), it.owner.clone(), it.rule.clone());
            other.percent().cmp(&one.percent()).then_with(|| rest(one).cmp(&rest(other)))
        });
        if all.len() > BUDGETS_MAX {
            let oldest = all.iter().map(|it| it.at_ms).min().unwrap_or_default();
            self.0.retain(|_, it| it.at_ms > oldest);
        }
        all
    }
}

fn budget(caller: &Caller, spent: &Spent, level: &Level, (seq, at_ms): (u64, u64)) -> Budget {
    let owner = match level.scope {
        Scope::Global => String::new(),
        Scope::Grant => format!("{} at {}", caller.grant, caller.server),
        Scope::Principal => format!("{} at {}", caller.principal.subject, caller.server),
        Scope::Server => caller.server.clone(),
    };
    Budget {
        counter: spent.counter.name.to_string(),
        unit: spent.counter.unit.as_str(),
        scope: level.scope,
        owner,
        rule: level.pointer.clone(),
        used: level.after.unwrap_or(level.before),
        max: level.max,
        window_s: level.window.length_s.get(),
        at_ms,
        seq,
    }
}
