//! By which entries a decision is out of date.

use std::collections::HashMap;

use crate::directory::Concern;

/// The newest entries that changed the directory.
#[derive(Debug)]
pub(crate) struct Currency {
    newest_seq: u64,
    /// Of those that concern every decision.
    all_seq: u64,
    /// Of those that concern decisions about one server.
    by_server: HashMap<String, u64>,
}

impl Currency {
    /// What changed before is taken to concern everybody.
    pub(crate) fn since(seq: u64) -> Self {
        Self { newest_seq: seq, all_seq: seq, by_server: HashMap::new() }
    }

    /// The newest of all.
    pub(crate) fn newest_seq(&self) -> u64 {
        self.newest_seq
    }

    pub(crate) fn note(&mut self, seq: u64, concern: Concern) {
        self.newest_seq = seq;
        match concern {
            Concern::All => self.all_seq = seq,
            Concern::Server(server) => drop(self.by_server.insert(server, seq)),
        }
    }

    /// Whether something has changed for decisions about `server` since the directory was as of
    /// `seq`.
    pub(crate) fn is_stale(&self, server: &str, seq: u64) -> bool {
        let own_seq = self.by_server.get(server).copied().unwrap_or_default();
        seq < self.all_seq || seq < own_seq || seq > self.newest_seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_about_one_server_concerns_nobody_else() {
        let mut currency = Currency::since(5);
        currency.note(7, Concern::Server("a".to_owned()));
        assert!(currency.is_stale("a", 5) && currency.is_stale("a", 6));
        assert!(!currency.is_stale("a", 7) && !currency.is_stale("b", 5));
        assert!(currency.is_stale("b", 4) && currency.is_stale("b", 8));
        currency.note(9, Concern::All);
        assert!(currency.is_stale("b", 8) && !currency.is_stale("a", 9));
    }
}
