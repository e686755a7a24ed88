//! One way to each server, whoever takes it: what a start taught about the server holds for all.

use std::collections::HashMap;

use crate::pins::ToolsChanged;
use crate::upstream::auth::Vault;
use crate::upstream::{Common, Connector};

use super::{ReadServer, ServerSpec};

#[derive(Default)]
pub(super) struct Connectors(HashMap<String, Known>);

/// A server as it was set up when somebody last came for it.
struct Known {
    spec: String,
    connector: Connector,
    tools_changed: ToolsChanged,
}

impl Connectors {
    /// A server that was set up anew is another server.
    pub(super) fn of(
        &mut self,
        server: &str,
        spec: &str,
        read: ReadServer,
        vault: &Vault,
    ) -> Result<(Connector, ToolsChanged), String> {
        if let Some(known) = self.0.get(server).filter(|known| known.spec == spec) {
            return Ok((known.connector.clone(), known.tools_changed));
        }
        let ServerSpec { upstream, tools_changed } = read(spec)?;
        let connector = Connector::new(server, &upstream, vault).map_err(|error| error.text)?;
        let known = Known { spec: spec.to_owned(), connector: connector.clone(), tools_changed };
        self.0.insert(server.to_owned(), known);
        Ok((connector, tools_changed))
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
