//! What was spent, linked per counter, so that a window nobody asked for before can be filled.

use hashbrown::HashMap;

use crate::amount::Amount;
use crate::counter_key::CounterKey;
use crate::limit::Window;
use crate::view::View;

/// As many as the store keeps; the oldest makes room and is filled again at need.
const VIEWS_MAX: usize = 16;

#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    by_key: HashMap<CounterKey, u32>,
    counters: Vec<Counter>,
    spent: Vec<Spent>,
}

#[derive(Clone, Debug, Default)]
struct Counter {
    /// The newest entry that touches it, counted from one; 0 if none does.
    last: u32,
    views: Vec<View>,
}

/// One charge, under every scope.
#[derive(Clone, Debug)]
struct Spent {
    time_ns: u64,
    amount: Amount,
    refunded: bool,
    counters: [u32; 4],
    /// The entry before this one that touches the same counter.
    previous: [u32; 4],
}

impl Ledger {
    pub(super) fn len(&self) -> usize {
        self.spent.len()
    }

    /// Where the counters of these keys are kept.
    pub(super) fn counters(&mut self, keys: &[CounterKey; 4]) -> [u32; 4] {
        keys.each_ref().map(|key| {
            let fresh = index(self.counters.len());
            let at = *self.by_key.entry_ref(key).or_insert(fresh);
            if at == fresh {
                self.counters.push(Counter::default());
            }
            at
        })
    }

    pub(super) fn view(&mut self, counter: u32, window: Window, now_ns: u64) -> &mut View {
        let views = &self.counters[counter as usize].views;
        let there = views.iter().position(|view| view.window == window);
        let fresh =
            if there.is_none() { Some(self.rebuild(counter, window, now_ns)) } else { None };
        let views = &mut self.counters[counter as usize].views;
        if let Some(fresh) = fresh {
            if views.len() >= VIEWS_MAX {
                views.remove(0);
            }
            views.push(fresh);
        }
        let at = there.unwrap_or(views.len() - 1);
        let view = &mut views[at];
        view.expire(now_ns);
        view
    }

    pub(super) fn spend(&mut self, counters: [u32; 4], amount: Amount, now_ns: u64) {
        let entry = index(self.spent.len() + 1);
        let previous = counters.map(|counter| {
            let counter = &mut self.counters[counter as usize];
            for view in &mut counter.views {
                view.add(now_ns, amount);
            }
            std::mem::replace(&mut counter.last, entry)
        });
        self.spent.push(Spent { time_ns: now_ns, amount, refunded: false, counters, previous });
    }

    pub(super) fn refund(&mut self, at: usize) {
        let Some(spent) = self.spent.get_mut(at).filter(|spent| !spent.refunded) else { return };
        spent.refunded = true;
        for counter in spent.counters {
            for view in &mut self.counters[counter as usize].views {
                view.refund(spent.time_ns, spent.amount);
            }
        }
    }

    fn rebuild(&self, counter: u32, window: Window, now_ns: u64) -> View {
        let mut view = View::new(window);
        let mut spent: Vec<&Spent> = Vec::new();
        let mut at = self.counters[counter as usize].last;
        while let Some(entry) = (at as usize).checked_sub(1).and_then(|at| self.spent.get(at)) {
            if !view.covers(entry.time_ns, now_ns) {
                break;
            }
            spent.push(entry);
            let scope = entry.counters.iter().position(|other| *other == counter);
            at = scope.map_or(0, |scope| entry.previous[scope]);
        }
        for entry in spent.into_iter().rev().filter(|entry| !entry.refunded) {
            view.add(entry.time_ns, entry.amount);
        }
        view
    }
}

/// Four thousand million entries are more than memory holds.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
