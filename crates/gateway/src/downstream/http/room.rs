//! One grant at one server: everything its clients share, and nothing that anybody else has.

use std::sync::Arc;

use crate::gate::Gate;
use crate::upstream::Connector;

use super::modern::Modern;
use super::presence::{Caps, Presence};

#[derive(Debug)]
pub(crate) struct Room {
    pub(super) gate: Arc<Gate>,
    pub(super) connector: Connector,
    pub(super) modern: Modern,
    pub(crate) presence: Presence,
}

impl Room {
    pub(crate) fn new(gate: Arc<Gate>, connector: Connector, caps: Caps) -> Self {
        let modern = Modern::new(&connector);
        Self { gate, connector, modern, presence: Presence::new(caps) }
    }

    /// Ends every session and waits for the servers behind them.
    pub(crate) async fn end(&self) {
        self.presence.sessions.end().await;
        self.modern.end().await;
    }
}
