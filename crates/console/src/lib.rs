//! The policy administration point: where people look and answer, as pages and as a JSON API.
//!
//! It meets the gateway in the store and nowhere else: a question that one process asked is
//! answered here, whoever holds the call. `route.rs` has every address and who may use it;
//! `edge.rs` comes before all of them.

mod answering;
mod api;
mod body;
mod condition;
mod cookie;
mod deeds;
mod door;
mod edge;
mod explained;
mod flow;
mod form;
mod house;
mod identity;
mod json;
mod line;
mod listener;
mod log;
mod moment;
mod options;
mod pages;
mod password;
mod random;
mod reply;
mod route;
mod serve;
mod servers;
mod session;
mod slowdown;
mod watch;
mod welcome;

pub use api::openapi;
pub use explained::{Explain, Explained, ExplainedStep};
pub use listener::Listener;
pub use options::{ConsoleError, Options, ReadSecret};
pub use serve::serve;
pub use servers::{Doing, NewServer, Reached, Scanned, Servers, Tested};
