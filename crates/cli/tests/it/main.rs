//! The real binary, in a directory of its own.

#![expect(clippy::panic, clippy::unwrap_used, reason = "test")]

mod approvals;
mod attacks;
mod audit;
mod catalog;
mod check;
mod demo;
mod documents;
mod explain;
mod failures;
mod fences;
mod freezes;
mod help;
mod live;
mod pty;
mod referred;
mod replay;
mod report;
mod scan;
mod session;
mod testing;
mod toolgate;
