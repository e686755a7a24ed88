//! The attack database: every document is read, every policy stops its attack and nothing else.
#![expect(clippy::disallowed_methods, clippy::panic, reason = "tests")]

mod decided;
mod written;
