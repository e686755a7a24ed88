//! One grant at one server: everything its clients share, and nothing that anybody else has.

use std::sync::Arc;

use crate::gate::Gate;
use crate::upstream::Connector;

use super::modern::Modern;
use super::sessions::Sessions;

#[derive(Debug)]
pub(crate) struct Room {
    pub(super) gate: Arc<Gate>,
    pub(super) connector: Connector,
    pub(super) sessions: Sessions,
    pub(super) modern: Modern,
}

impl Room {
    pub(crate) fn new(gate: Arc<Gate>, connector: Connector, sessions_max: usize) -> Self {
        let (sessions, modern) = (Sessions::new(sessions_max), Modern::new(&connector));
        Self { gate, connector, sessions, modern }
    }

    /// Ends every session and waits for the servers behind them.
    pub(crate) async fn end(&self) {
        self.sessions.end().await;
        self.modern.end().await;
    }
}
