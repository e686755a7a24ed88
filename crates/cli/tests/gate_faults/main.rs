//! The real gate under races, kills, full pipes, changing policies, bad disks and failing calls.
//!
//! What truly happened stands in the sentinel's ledger and in the audit log; what callers heard is
//! held against both. Each test has a short form; `cargo xtask faults` runs the full ones.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test")]

mod blocked;
mod disk;
mod endings;
mod evidence;
mod kills;
mod leaks;
mod race;
mod reload;
mod rig;
mod syscalls;
