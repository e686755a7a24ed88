//! How the agent reaches what stands in front of it.

use std::process::ExitStatus;

use toolgate_json::Document;

use super::door::Door;
use crate::client::Client;

pub(super) enum Wire {
    /// HTTP, to the gateway.
    Door(Door),
    /// Standard input and output of a process.
    Pipe(Client),
}

impl Wire {
    pub(super) fn send(&mut self, message: &str) -> Result<(), String> {
        match self {
            Self::Door(door) => door.send(message),
            Self::Pipe(client) => client.send(message),
        }
    }

    pub(super) fn next(&mut self) -> Result<Document, String> {
        match self {
            Self::Door(door) => door.next(),
            Self::Pipe(client) => client.next(),
        }
    }

    pub(super) fn end(self) -> Result<ExitStatus, String> {
        match self {
            Self::Door(door) => door.close(),
            Self::Pipe(client) => client.end(),
        }
    }
}
