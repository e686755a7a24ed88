//! Attacks, shown and played: a vulnerable server in memory, an agent that does as it is told, and
//! what came of it with a policy and without.

mod agent;
mod door;
mod ledger;
mod paper;
mod play;
mod record;
mod setting;
mod story;
mod target;
mod wire;
mod world;

pub(crate) use paper::{list, show};
pub(crate) use play::{Played, play};
pub(crate) use story::{line, story, to_json};
pub(crate) use target::serve;
