//! A person's yes, from the call that needs it to the sentinel's ledger.

mod bound;
mod held;
mod leaving;
mod once;
mod people;
mod said;
mod served;
