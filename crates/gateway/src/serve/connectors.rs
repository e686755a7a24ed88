//! One way to each server, whoever takes it: what a start taught about the server holds for all.

use std::collections::HashMap;

use crate::upstream::auth::Vault;
use crate::upstream::{Common, Connector};

use super::ReadServer;

#[derive(Default)]
pub(super) struct Connectors(HashMap<String, Known>);

/// A server as it was set up when somebody last came for it.
struct Known {
    spec: String,
    connector: Connector,
}

impl Connectors {
    /// A server that was set up anew is another server.
    pub(super) fn of(
        &mut self,
        server: &str,
        spec: &str,
        read: ReadServer,
        vault: &Vault,
    ) -> Result<Connector, String> {
        if let Some(known) = self.0.get(server).filter(|known| known.spec == spec) {
            return Ok(known.connector.clone());
        }
        let connector = Connector::new(server, &read(spec)?, vault);
        let connector = connector.map_err(|error| error.text)?;
        let known = Known { spec: spec.to_owned(), connector: connector.clone() };
        self.0.insert(server.to_owned(), known);
        Ok(connector)
    }

    /// The connections that no room ends.
    pub(super) fn shared(&self) -> Vec<Common> {
        self.0.values().filter_map(|known| known.connector.common()).collect()
    }

    /// Forgets servers that are gone.
    pub(super) fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|server, _| is_there(server));
    }
}
