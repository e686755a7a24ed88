//! Under which key a counter is kept: scope, whom it is kept for, name, unit.

use crate::call::Caller;
use crate::limit::{Counter, Scope};

/// No two counters share one: every part stands with its length.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey(Box<[u8]>);

impl CounterKey {
    /// Of the counter that `caller` shares with all others of the same scope.
    pub fn new(scope: Scope, caller: &Caller, counter: &Counter) -> Self {
        let Caller { principal, grant, server } = caller;
        let kept_for: &[&str] = match scope {
            Scope::Global => &[],
            Scope::Grant => &[server, grant],
            Scope::Principal => &[server, &principal.issuer, &principal.subject],
            Scope::Server => &[server],
        };
        let parts = [scope.as_str()].into_iter().chain(kept_for.iter().copied());
        let parts = parts.chain([&*counter.name, counter.unit.as_str()]);
        let bytes = parts.clone().map(|part| size_of::<usize>() + part.len()).sum();
        let mut key = Vec::with_capacity(bytes);
        for part in parts {
            key.extend_from_slice(&part.len().to_le_bytes());
            key.extend_from_slice(part.as_bytes());
        }
        Self(key.into_boxed_slice())
    }

    /// The keys of one counter, in the order of [`Scope::ALL`].
    pub fn all(caller: &Caller, counter: &Counter) -> [Self; 4] {
        Scope::ALL.map(|scope| Self::new(scope, caller, counter))
    }

    /// As it is kept; [`CounterKey::from_bytes`] reads it back.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`CounterKey::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Principal;
    use crate::limit::Unit;
    use std::collections::HashSet;

    fn caller(grant: &str, server: &str, issuer: &str, subject: &str) -> Caller {
        let principal = Principal { issuer: issuer.to_owned(), subject: subject.to_owned() };
        Caller { principal, grant: grant.to_owned(), server: server.to_owned() }
    }

    #[test]
    fn odd_names_cannot_make_two_counters_one() {
        let names = ["", "a", "ab", "b", "\",\"", "a\0", "\0b", "calls", "global"];
        let mut seen = HashSet::new();
        for (one, other) in names.iter().flat_map(|one| names.map(|other| (one, other))) {
            let caller = caller(one, "s", "i", "u");
            for unit in [Unit::Amount, Unit::Calls] {
                let counter = Counter { name: other.into(), unit };
                let key = CounterKey::new(Scope::Grant, &caller, &counter);
                assert!(seen.insert(key), "{one:?} {other:?} {unit:?}");
            }
        }
        for (issuer, subject) in names.iter().flat_map(|one| names.map(|other| (one, other))) {
            let caller = caller("g", "s", issuer, subject);
            let counter = Counter { name: "pay".into(), unit: Unit::Calls };
            assert!(seen.insert(CounterKey::new(Scope::Principal, &caller, &counter)));
        }
    }

    #[test]
    fn a_scope_says_for_whom_a_counter_is_kept() {
        let counter = Counter { name: "pay".into(), unit: Unit::Calls };
        let one = caller("g1", "s1", "i1", "u1");
        let others = [
            (caller("g2", "s1", "i1", "u1"), [true, false, true, true]),
            (caller("g1", "s2", "i1", "u1"), [true, false, false, false]),
            (caller("g1", "s1", "i2", "u1"), [true, true, false, true]),
            (caller("g1", "s1", "i1", "u2"), [true, true, false, true]),
        ];
        for (other, shared) in others {
            let (own, theirs) =
                (CounterKey::all(&one, &counter), CounterKey::all(&other, &counter));
            assert_eq!([0, 1, 2, 3].map(|i| own[i] == theirs[i]), shared, "{other:?}");
        }
    }
}
