//! What a yes is bound to.

use std::fmt;

use crate::digest::Key;
use crate::facts::Facts;

/// Names one exact call under one policy: equal calls have equal bindings within one state
/// directory, and nobody without its key can make one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Binding(pub(crate) [u8; 32]);

/// What goes into a [`Binding`].
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// Caller, method, name, digest of the arguments, revision of the policies.
    pub facts: &'a Facts,
    /// Of the tool's definition; nothing for what is no tool, or where the server tells nothing.
    pub fingerprint: Option<&'a [u8; 32]>,
}

impl Binding {
    pub(crate) fn of(key: &Key, bound: Bound<'_>) -> Self {
        let Bound { facts, fingerprint } = bound;
        let caller = &facts.caller;
        // The digest is of the canonical form: the order of keys does not matter, a value does.
        let digest = facts.arguments.as_ref().map(|arguments| arguments.digest.as_bytes());
        let parts = [
            Some(caller.principal.issuer.as_bytes()),
            Some(caller.principal.subject.as_bytes()),
            Some(caller.grant.as_bytes()),
            Some(caller.server.as_bytes()),
            Some(facts.method.as_bytes()),
            facts.tool.as_deref().map(str::as_bytes),
            fingerprint.map(<[u8; 32]>::as_slice),
            digest,
            Some(facts.revision.as_bytes()),
        ];
        // Each part stands with its length, so that no two lists of parts read alike.
        let mut text = Vec::with_capacity(256);
        for part in parts {
            text.push(u8::from(part.is_some()));
            let part = part.unwrap_or_default();
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        }
        Self(key.bind(&text))
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use toolgate_policy::{Caller, Principal};

    use super::*;
    use crate::facts::Arguments;

    fn facts() -> Facts {
        let principal = Principal { issuer: "i".to_owned(), subject: "s".to_owned() };
        let caller = Caller { principal, grant: "g".to_owned(), server: "srv".to_owned() };
        let digest = "d".to_owned();
        Facts {
            caller: Arc::new(caller),
            client: None,
            trace: None,
            method: "tools/call".to_owned(),
            tool: Some("pay".to_owned()),
            arguments: Some(Arguments { digest, ..Arguments::default() }),
            revision: "r".into(),
            directory: None,
            approval: None,
        }
    }

    fn changed(change: impl FnOnce(&mut Facts)) -> Facts {
        let mut facts = facts();
        change(&mut facts);
        facts
    }

    #[test]
    fn whatever_a_yes_is_bound_to_makes_another_binding() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::open(&dir.path().join("key")).unwrap();
        let caller =
            |change: fn(&mut Caller)| changed(|facts| change(Arc::make_mut(&mut facts.caller)));
        let one = facts();
        let of = |facts: &Facts, fingerprint| Binding::of(&key, Bound { facts, fingerprint });
        let others = [
            caller(|caller| caller.principal.issuer = "i2".to_owned()),
            caller(|caller| caller.principal.subject = "s2".to_owned()),
            caller(|caller| caller.grant = "g2".to_owned()),
            caller(|caller| caller.server = "srv2".to_owned()),
            // Moved across a border, they are other parts.
            caller(|caller| {
                caller.grant = "gs".to_owned();
                caller.server = "rv".to_owned();
            }),
            changed(|facts| facts.method = "prompts/get".to_owned()),
            changed(|facts| facts.tool = Some("pay2".to_owned())),
            changed(|facts| facts.tool = None),
            changed(|facts| facts.arguments = None),
            changed(|facts| facts.arguments = Some(Arguments::default())),
            changed(|facts| facts.revision = "r2".into()),
        ];
        for other in &others {
            assert_ne!(of(&one, None), of(other, None), "{other:?}");
        }
        assert_ne!(of(&one, None), of(&one, Some(&[0; 32])));
        assert_ne!(of(&one, Some(&[1; 32])), of(&one, Some(&[0; 32])));
        // Labels are no part of it.
        let labels = changed(|facts| {
            facts.client = Some("another".to_owned());
            facts.trace = Some("0".repeat(32));
            facts.directory = Some(7);
        });
        assert_eq!(of(&one, None), of(&labels, None));
        let elsewhere = Key::open(&dir.path().join("another")).unwrap();
        let there = Binding::of(&elsewhere, Bound { facts: &one, fingerprint: None });
        assert_ne!(of(&one, None), there);
    }
}
