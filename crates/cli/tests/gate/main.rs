//! The real gate between a scripted client and the sentinel: what goes through, what does not.
//!
//! A forbidden effect is looked for in the sentinel's ledger, not in what the gate says of itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test")]

mod approvals;
mod console;
mod edge;
mod exact;
mod freezing;
mod gathered;
mod grid;
mod published;
mod results;
mod rig;
mod scripted;
mod sections;
mod serve;
mod sse;
mod transparency;
mod ways;
mod weaknesses;
