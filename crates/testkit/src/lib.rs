//! For tests only: what stands at both ends of a gate.
//!
//! Upstream the [`sentinel`], a server that writes down every byte before it answers, so that a
//! test can ask the [`Ledger`] what truly got through. Downstream two scripted clients, [`Pipe`]
//! for stdio and [`Web`] for HTTP, which send whatever bytes a test wants. In between, for
//! proof that a suite can fail at all, the [`naive`] gate. Nothing here uses toolgate's own
//! readers: what judges them must not share their mistakes.

mod authority;
mod built;
mod collector;
mod daemon;
pub mod echo;
mod event_stream;
mod guard;
pub mod hostile;
mod inbox;
mod issuer;
mod ledger;
mod loose;
pub mod naive;
mod pipe;
pub mod reach;
mod scratch;
pub mod sentinel;
mod web;
mod wire;

pub use authority::{Authority, CONFIDENTIAL, PUBLIC, Rules, Seen};
pub use built::{bin, toolgate_bin};
pub use collector::Collector;
pub use daemon::Daemon;
pub use event_stream::{Event, EventReader};
pub use guard::GUARD;
pub use issuer::Issuer;
pub use ledger::{Entry, Http, Ledger, SeenCall};
pub use loose::Loose;
pub use pipe::{Heard, Pipe};
pub use scratch::Scratch;
pub use web::{Events, Web, WebReply};
pub use wire::{LEGACY_VERSION, MODERN_VERSION, modern_params, notification, request};
