//! The store through its public face.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounts;
mod admit;
mod approvals;
mod common;
mod crash;
mod deliveries;
mod directory;
mod disk;
mod freezes;
mod limiter;
mod log;
mod opening;
mod pins;
mod processes;
mod race;
mod replays;
mod rounds;
mod secrets;
mod shadow;
mod simulation;
mod surveys;
mod tamper;
mod time;
