//! All counters in memory: derived from the log, kept so that deciding costs no reading.

pub(crate) mod history;

use hashbrown::HashMap;
use toolgate_policy::{
    Amount, Bound, Charge, CounterKey, Demand, Room, Scope, View, Weight, Window, first_over,
};

use crate::database::Database;

/// More are refused, not pushed out: pushing out would forgive.
pub(crate) const COUNTERS_MAX: usize = 100_000;
/// From here on limits in shadow get no new ones.
const SHADOWED_MAX: usize = COUNTERS_MAX / 2;
/// Views are rebuilt at need, so the oldest makes room when policies keep changing.
const VIEWS_MAX: usize = 16;
const SWEEP_EVERY_NS: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) by_key: HashMap<CounterKey, Counter>,
    /// A counter that is not known is touched by no entry behind this one.
    pub(crate) forgotten_seq: u64,
    swept_ns: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    /// No entry behind this one touches the counter.
    pub(crate) last_seq: u64,
    pub(crate) views: Vec<View>,
}

/// How one charge finds its counter.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The last entries that touch the counter, in the order of [`Scope::ALL`].
    pub(crate) previous: [u64; 4],
    /// What each bound's window holds, earlier charges of the same call included.
    pub(crate) before: Vec<Amount>,
    pub(crate) rooms: Vec<Room>,
}

#[derive(Debug)]
pub(crate) enum Reckoning {
    Fits(Vec<Standing>),
    Over(Over),
}

/// The first bound that does not hold, or cannot be judged.
#[derive(Debug)]
pub(crate) struct Over {
    pub(crate) code: &'static str,
    pub(crate) bound: Option<Bound>,
    /// When all bounds of the call hold.
    pub(crate) room: Room,
    pub(crate) standings: Vec<Standing>,
}

/// Why a charge cannot be judged.
enum Doubt {
    Database(rusqlite::Error),
    Full,
    Short { bound: usize },
}

impl Counters {
    pub(crate) fn new(by_key: HashMap<CounterKey, Counter>, forgotten_seq: u64) -> Self {
        Self { by_key, forgotten_seq, swept_ns: 0 }
    }

    /// Whether all charges fit at once. Spends nothing.
    pub(crate) fn reckon(
        &mut self,
        database: &Database,
        charges: &[Charge],
        keys: &[[CounterKey; 4]],
        now_ns: u64,
    ) -> Result<Reckoning, rusqlite::Error> {
        let mut standings = Vec::with_capacity(charges.len());
        for (at, keys) in keys.iter().enumerate() {
            let (code, bound) = match self.measure(database, charges, (at, keys), now_ns) {
                Ok(standing) => {
                    standings.push(standing);
                    continue;
                }
                Err(Doubt::Database(error)) => return Err(error),
                Err(Doubt::Full) => ("counters_full", 0),
                Err(Doubt::Short { bound }) => ("history_short", bound),
            };
            let (bound, room) = (charges[at].bounds.get(bound).cloned(), Room::Never);
            return Ok(Reckoning::Over(Over { code, bound, room, standings }));
        }
        let met = charges.iter().zip(&standings);
        let met = met.flat_map(|(c, s)| c.bounds.iter().zip(s.rooms.iter().copied()));
        Ok(match first_over(met) {
            None => Reckoning::Fits(standings),
            Some((bound, room)) => {
                let bound = Some(bound.clone());
                Reckoning::Over(Over { code: "limit", bound, room, standings })
            }
        })
    }

    /// The same for limits in shadow, which must leave room for those that are enforced.
    pub(crate) fn reckon_apart(
        &mut self,
        database: &Database,
        charges: &[Charge],
        keys: &[[CounterKey; 4]],
        now_ns: u64,
    ) -> Result<Reckoning, rusqlite::Error> {
        let known = |keys: &[CounterKey; 4]| keys.iter().all(|key| self.by_key.contains_key(key));
        if self.by_key.len() >= SHADOWED_MAX && !keys.iter().all(known) {
            let bound = charges.iter().find_map(|charge| charge.bounds.first().cloned());
            let (code, room, standings) = ("counters_full", Room::Never, Vec::new());
            return Ok(Reckoning::Over(Over { code, bound, room, standings }));
        }
        self.reckon(database, charges, keys, now_ns)
    }

    /// How much of each bound is used, one charge at a time. Spends nothing.
    pub(crate) fn weigh(
        &mut self,
        database: &Database,
        charges: &[Charge],
        keys: &[[CounterKey; 4]],
        now_ns: u64,
    ) -> Result<Vec<Weight>, rusqlite::Error> {
        let mut weights = Vec::new();
        let bounds = charges.iter().zip(keys).flat_map(|(charge, keys)| {
            charge.bounds.iter().map(move |bound| (charge, &keys[place(bound.scope)], bound))
        });
        for (charge, key, bound) in bounds {
            let Some(counter) = self.counter(key, now_ns) else { continue };
            let view = match counter.view(database, key, bound.window, now_ns) {
                Ok(view) => view,
                Err(history::Error::Database(error)) => return Err(error),
                Err(history::Error::Short) => continue,
            };
            weights.push(Weight::of(charge, bound, view, now_ns));
        }
        Ok(weights)
    }

    fn measure(
        &mut self,
        database: &Database,
        charges: &[Charge],
        (at, keys): (usize, &[CounterKey; 4]),
        now_ns: u64,
    ) -> Result<Standing, Doubt> {
        let charge = &charges[at];
        let demand = Demand::of(charges, at);
        let mut before = Vec::with_capacity(charge.bounds.len());
        let mut rooms = Vec::with_capacity(charge.bounds.len());
        for (i, bound) in charge.bounds.iter().enumerate() {
            let key = &keys[place(bound.scope)];
            let counter = self.counter(key, now_ns).ok_or(Doubt::Full)?;
            let view = counter.view(database, key, bound.window, now_ns);
            let view = view.map_err(|error| match error {
                history::Error::Database(error) => Doubt::Database(error),
                history::Error::Short => Doubt::Short { bound: i },
            })?;
            let unknown = (Amount::from_units(u128::MAX), Room::Never);
            let (held, room) = demand.map_or(unknown, |demand| demand.meet(view, bound.max));
            before.push(held);
            rooms.push(room);
        }
        Ok(Standing { previous: keys.each_ref().map(|key| self.last_seq(key)), before, rooms })
    }

    /// An entry has taken `amount`. `fresh` are windows that it looked at.
    pub(crate) fn spend(
        &mut self,
        seq: u64,
        time_ns: u64,
        taken: (&CounterKey, Amount, u64),
        fresh: impl Iterator<Item = Window>,
    ) {
        let (key, amount, previous) = taken;
        let counter = self.touched(key, time_ns);
        // Where nothing came before, a new view is complete from here on.
        if previous == 0 && counter.last_seq == 0 {
            fresh.for_each(|window| counter.ensure(window));
        }
        for view in &mut counter.views {
            view.add(time_ns, amount);
        }
        counter.last_seq = seq;
    }

    /// An entry has given back what was taken at `spent_ns`.
    pub(crate) fn refund(&mut self, seq: u64, spent_ns: u64, key: &CounterKey, amount: Amount) {
        let counter = self.touched(key, spent_ns);
        for view in &mut counter.views {
            view.refund(spent_ns, amount);
        }
        counter.last_seq = seq;
    }

    /// No entry behind this one touches the counter.
    pub(crate) fn last_seq(&self, key: &CounterKey) -> u64 {
        self.by_key.get(key).map_or(self.forgotten_seq, |counter| counter.last_seq)
    }

    /// The counter to reckon with; nothing if there is no room for another one.
    fn counter(&mut self, key: &CounterKey, now_ns: u64) -> Option<&mut Counter> {
        if self.by_key.len() >= COUNTERS_MAX && !self.by_key.contains_key(key) {
            self.forget_dead(now_ns);
            if self.by_key.len() >= COUNTERS_MAX {
                return None;
            }
        }
        Some(self.touched(key, now_ns))
    }

    fn touched(&mut self, key: &CounterKey, now_ns: u64) -> &mut Counter {
        if self.by_key.len() >= COUNTERS_MAX && !self.by_key.contains_key(key) {
            self.forget_dead(now_ns);
        }
        let fresh = || Counter { last_seq: self.forgotten_seq, views: Vec::new() };
        self.by_key.entry_ref(key).or_insert_with(fresh)
    }

    /// Makes room where there is none: drops counters that hold nothing in any of their windows.
    /// Should one come back, its entries are looked for in the log.
    fn forget_dead(&mut self, now_ns: u64) {
        if now_ns.saturating_sub(self.swept_ns) < SWEEP_EVERY_NS {
            return;
        }
        self.swept_ns = now_ns;
        let mut forgotten_seq = self.forgotten_seq;
        self.by_key.retain(|_, counter| {
            let live = counter.views.iter_mut().any(|view| {
                view.expire(now_ns);
                !view.spans.is_empty()
            });
            if !live {
                forgotten_seq = forgotten_seq.max(counter.last_seq);
            }
            live
        });
        self.forgotten_seq = forgotten_seq;
    }
}

impl Counter {
    fn ensure(&mut self, window: Window) {
        if self.views.iter().all(|view| view.window != window) {
            self.views.push(View::new(window));
        }
    }

    fn view(
        &mut self,
        database: &Database,
        key: &CounterKey,
        window: Window,
        now_ns: u64,
    ) -> Result<&mut View, history::Error> {
        let there = self.views.iter().position(|view| view.window == window);
        let at = if let Some(at) = there {
            at
        } else {
            let view = history::rebuild(database, key, window, self.last_seq, now_ns)?;
            if self.views.len() >= VIEWS_MAX {
                self.views.remove(0);
            }
            self.views.push(view);
            self.views.len() - 1
        };
        let view = &mut self.views[at];
        view.expire(now_ns);
        Ok(view)
    }
}

/// Where the scope stands in [`Scope::ALL`].
fn place(scope: Scope) -> usize {
    Scope::ALL.iter().position(|other| *other == scope).unwrap_or_default()
}
