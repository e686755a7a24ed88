//! What the tests call and charge, and the clock they set.

use std::num::NonZeroU64;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use toolgate_policy::{
    Align, Amount, Bound, Caller, Charge, Counter, Principal, Refund, Scope, Unit, Window,
};
use toolgate_store::{
    Admission, Clock, Durability, Effect, Facts, Intent, Opened, Options, Refused, Store, Why,
};

pub(crate) const NORMAL: Options = Options { durability: Durability::Normal };
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

pub(crate) fn open(path: &Path) -> Store {
    Store::open(path, NORMAL).unwrap()
}

pub(crate) fn facts(tool: &str) -> Facts {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    let caller = Caller { principal, grant: "grant-1".to_owned(), server: "bank".to_owned() };
    Facts {
        caller: Arc::new(caller),
        client: Some("test \"client\"".to_owned()),
        trace: None,
        method: "tools/call".to_owned(),
        tool: Some(tool.to_owned()),
        arguments: None,
        revision: "r1".into(),
        directory: None,
        approval: None,
    }
}

pub(crate) fn denied() -> Why {
    Why {
        effect: Effect::Deny,
        code: "rule_deny".to_owned(),
        pointer: "/tools/pay/rules/0".to_owned(),
        layer: 0,
        retry_after_ms: None,
    }
}

pub(crate) fn sliding(length_s: u64) -> Window {
    Window { length_s: NonZeroU64::new(length_s).unwrap(), align: Align::Sliding }
}

pub(crate) fn calendar(length_s: u64) -> Window {
    Window { align: Align::Calendar, ..sliding(length_s) }
}

pub(crate) fn whole(count: u64) -> Amount {
    Amount::from_units(u128::from(count) * Amount::ONE.units())
}

pub(crate) fn bound(window: Window, max: u64) -> Bound {
    Bound {
        scope: Scope::Grant,
        window,
        max: whole(max),
        pointer: format!("/tools/pay/limits/{}", window.length_s).into(),
        layer: 0,
        on_deny: None,
        refund: Refund::NotSent,
    }
}

pub(crate) fn charge(counter: &str, amount: u64, bounds: &[Bound]) -> Charge {
    let counter = Counter { name: counter.into(), unit: Unit::Calls };
    Charge { counter, amount: whole(amount), bounds: bounds.to_vec() }
}

/// One call of a counter with one sliding bound.
pub(crate) fn limit(counter: &str, max: u64, length_s: u64) -> [Charge; 1] {
    [charge(counter, 1, &[bound(sliding(length_s), max)])]
}

pub(crate) fn intent(charges: &[Charge]) -> Intent {
    Intent { facts: facts("pay"), charges: charges.to_vec(), approval: None, shadow: None }
}

pub(crate) async fn admit(store: &Store, charges: &[Charge]) -> Result<Opened, Refused> {
    match store.admit(intent(charges)).await.unwrap() {
        Admission::Admitted(opened) => Ok(opened),
        Admission::Refused(refused) => Err(refused),
        Admission::Frozen(_) | Admission::Stale => unreachable!("nothing is frozen or changed"),
        Admission::Unapproved(_) => unreachable!("no approval is owed"),
    }
}

/// How many calls pass, one after the other, until one is refused.
pub(crate) async fn admitted(store: &Store, charges: &[Charge]) -> u64 {
    let mut count = 0;
    while admit(store, charges).await.is_ok() {
        count += 1;
    }
    count
}

/// A machine whose clocks are set by hand.
pub(crate) struct HandClock {
    boot: Mutex<Option<String>>,
    elapsed_ns: AtomicU64,
    wall_ns: AtomicU64,
}

impl HandClock {
    /// Booted a minute ago, in November 2023.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            boot: Mutex::new(Some("boot-1".to_owned())),
            elapsed_ns: AtomicU64::new(60 * SECOND_NS),
            wall_ns: AtomicU64::new(1_700_000_000 * SECOND_NS),
        })
    }

    /// Time passes, for all clocks alike.
    pub(crate) fn pass_ms(&self, ms: u64) {
        self.elapsed_ns.fetch_add(ms * 1_000_000, Ordering::SeqCst);
        self.wall_ns.fetch_add(ms * 1_000_000, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step_wall_s(&self, seconds: i64) {
        let step_ns = seconds.unsigned_abs() * SECOND_NS;
        if seconds < 0 {
            self.wall_ns.fetch_sub(step_ns, Ordering::SeqCst);
        } else {
            self.wall_ns.fetch_add(step_ns, Ordering::SeqCst);
        }
    }

    pub(crate) fn wall_s(&self) -> u64 {
        self.wall_ns.load(Ordering::SeqCst) / SECOND_NS
    }

    /// The machine starts anew: the boot clock with it, the wall clock goes on.
    pub(crate) fn reboot(&self, name: Option<&str>) {
        *self.boot.lock().unwrap() = name.map(str::to_owned);
        self.elapsed_ns.store(SECOND_NS, Ordering::SeqCst);
    }

    pub(crate) fn open(self: &Arc<Self>, path: &Path) -> Store {
        Store::open_with_clock(path, NORMAL, Arc::<Self>::clone(self)).unwrap()
    }
}

impl Clock for HandClock {
    fn boot(&self) -> Option<String> {
        self.boot.lock().unwrap().clone()
    }

    fn elapsed_ns(&self) -> u64 {
        self.elapsed_ns.load(Ordering::SeqCst)
    }

    fn wall_ns(&self) -> u64 {
        self.wall_ns.load(Ordering::SeqCst)
    }
}

/// Runs this test program again, as another process, with one of the tests as its task. There
/// is no race with other tests: the process does nothing else.
pub(crate) fn again(task: &str, environment: &[(&str, String)]) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args([task, "--exact", "--nocapture", "--test-threads=1"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdout(std::process::Stdio::null());
    command
}
