//! What the tests call and charge.

use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use toolgate_policy::{
    Align, Amount, Bound, Caller, Charge, CounterKey, Principal, Refund, Window,
};
use toolgate_store::{Admission, Durability, Facts, Intent, Opened, Options, Refused, Store};

pub(crate) const NORMAL: Options = Options { durability: Durability::Normal };

pub(crate) fn open(path: &Path) -> Store {
    Store::open(path, NORMAL).unwrap()
}

pub(crate) fn facts(tool: &str) -> Facts {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    let caller = Caller { principal, grant: "grant-1".to_owned(), server: "bank".to_owned() };
    Facts {
        caller: Arc::new(caller),
        client: Some("test \"client\"".to_owned()),
        method: "tools/call".to_owned(),
        tool: Some(tool.to_owned()),
        arguments: None,
        revision: "r1".into(),
        approval: None,
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
    let pointer = format!("/tools/pay/limits/{}", window.length_s);
    Bound { window, max: whole(max), pointer, on_deny: None, refund: Refund::NotSent }
}

pub(crate) fn charge(counter: &str, amount: u64, bounds: &[Bound]) -> Charge {
    let counter = CounterKey(counter.to_owned());
    Charge { counter, amount: whole(amount), bounds: bounds.to_vec() }
}

pub(crate) fn intent(charges: &[Charge]) -> Intent {
    Intent { facts: facts("pay"), charges: charges.to_vec() }
}

pub(crate) async fn admit(store: &Store, charges: &[Charge]) -> Result<Opened, Refused> {
    match store.admit(intent(charges)).await.unwrap() {
        Admission::Admitted(opened) => Ok(opened),
        Admission::Refused(refused) => Err(refused),
    }
}
