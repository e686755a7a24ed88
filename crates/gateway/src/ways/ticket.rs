//! What a modern client brings back with its next round: sealed, so that it can neither be made
//! nor read, and bound to one call of one caller (MCP 2026-07-28, MRTR).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use toolgate_json::{Document, Reading, Value, quote};
use toolgate_policy::Caller;
use toolgate_protocol::round::Held;

use super::seals::Seals;

/// Begins a state of ours; what does not open is somebody else's all the same.
const PREFIX: &str = "toolgate.";
const PURPOSE: &str = "request state";
/// Clients keep it and send it back: more than this is not put on them.
const PLAIN_BYTES_MAX: usize = 64 << 10;

/// What a state says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(super) kind: Kind,
    /// The question, or the yes that the rounds go on under.
    pub(super) approval: String,
    pub(super) call: Named,
    pub(super) expires_ms: u64,
    pub(super) nonce: String,
    /// What belongs to the server.
    pub(super) held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The client was asked itself: what it says is an answer.
    Form,
    /// It was sent to a page: what it says is only whether it went.
    Page,
    /// The call was approved, and its server wants more before it answers.
    Round(u64),
}

/// Which call of whom: a state for another one is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) caller: Caller,
    pub(super) method: String,
    pub(super) name: String,
    /// Of the arguments, keyed.
    pub(super) digest: Option<String>,
}

impl Kind {
    /// Whether a question was put on a page; nothing if it is none.
    pub(super) fn is_page(self) -> Option<bool> {
        match self {
            Self::Form => Some(false),
            Self::Page => Some(true),
            Self::Round(_) => None,
        }
    }
}

impl Ticket {
    /// Nothing if it would be too long, or cannot be sealed.
    pub(super) fn seal(&self, seals: &Seals) -> Option<String> {
        let plain = self.text();
        if plain.len() > PLAIN_BYTES_MAX {
            return None;
        }
        let sealed = seals.seal(PURPOSE, &plain)?;
        Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Nothing if it is not a state of ours.
    pub(super) fn open(state: &str, seals: &Seals) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(state.strip_prefix(PREFIX)?).ok()?;
        let plain = seals.unseal(PURPOSE, &sealed)?;
        Self::read(Document::parse(Bytes::from(plain), Reading::Strict).ok()?.root())
    }

    fn text(&self) -> Vec<u8> {
        let Caller { principal, grant, server } = &self.call.caller;
        let (kind, count) = match self.kind {
            Kind::Form => ("form", 0),
            Kind::Page => ("page", 0),
            Kind::Round(count) => ("round", count),
        };
        let members = [
            ("kind", Some(kind)),
            ("approval", Some(&*self.approval)),
            ("issuer", Some(&*principal.issuer)),
            ("subject", Some(&*principal.subject)),
            ("grant", Some(&**grant)),
            ("server", Some(&**server)),
            ("method", Some(&*self.call.method)),
            ("name", Some(&*self.call.name)),
            ("digest", self.call.digest.as_deref()),
            ("nonce", Some(&*self.nonce)),
            ("state", self.held.state.as_deref()),
            ("responses", self.held.responses.as_deref()),
        ];
        let mut out = format!(r#"{{"expires_ms":{},"count":{count}"#, self.expires_ms).into_bytes();
        for (name, value) in members.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            out.push(b',');
            quote(name, &mut out);
            out.push(b':');
            quote(value, &mut out);
        }
        out.push(b'}');
        out
    }

    fn read(root: Value<'_>) -> Option<Self> {
        let text = |name: &str| Some(root.get(name)?.as_str()?.into_owned());
        let number = |name: &str| root.get(name)?.as_number()?.parse().ok();
        let kind = match &*text("kind")? {
            "form" => Kind::Form,
            "page" => Kind::Page,
            "round" => Kind::Round(number("count")?),
            _ => return None,
        };
        let principal =
            toolgate_policy::Principal { issuer: text("issuer")?, subject: text("subject")? };
        let caller = Caller { principal, grant: text("grant")?, server: text("server")? };
        Some(Self {
            kind,
            approval: text("approval")?,
            call: Named {
                caller,
                method: text("method")?,
                name: text("name")?,
                digest: text("digest"),
            },
            expires_ms: number("expires_ms")?,
            nonce: text("nonce")?,
            held: Held { state: text("state"), responses: text("responses") },
        })
    }
}

#[cfg(test)]
mod tests {
    use toolgate_policy::Principal;

    use super::*;

    fn ticket() -> Ticket {
        let principal = Principal { issuer: "local".to_owned(), subject: "a\"b".to_owned() };
        let caller = Caller { principal, grant: "g".to_owned(), server: "crm".to_owned() };
        let call = Named {
            caller,
            method: "tools/call".to_owned(),
            name: "pay".to_owned(),
            digest: Some("d1".to_owned()),
        };
        Ticket {
            kind: Kind::Form,
            approval: "apr_1".to_owned(),
            call,
            expires_ms: 7,
            nonce: "n".to_owned(),
            held: Held::default(),
        }
    }

    #[test]
    fn a_ticket_comes_back_as_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let seals = Seals::new(folder.path(), None);
        let held = Held { state: Some("u\"\n".to_owned()), responses: Some("{}".to_owned()) };
        let held = [Held::default(), held];
        for kind in [Kind::Form, Kind::Page, Kind::Round(9)] {
            for held in &held {
                let ticket = Ticket { kind, held: held.clone(), ..ticket() };
                let state = ticket.seal(&seals).unwrap();
                assert_eq!(Ticket::open(&state, &seals), Some(ticket.clone()));
                assert_ne!(state, ticket.seal(&seals).unwrap());
            }
        }
    }

    #[test]
    fn what_was_made_changed_or_cut_does_not_open() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [seals, others] = [&one, &other].map(|folder| Seals::new(folder.path(), None));
        let state = ticket().seal(&seals).unwrap();
        assert_eq!(Ticket::open(&state, &others), None);
        assert_eq!(Ticket::open(&state[PREFIX.len()..], &seals), None);
        for at in PREFIX.len()..state.len() {
            assert_eq!(Ticket::open(&state[..at], &seals), None, "cut at {at}");
            let mut changed = state.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Ticket::open(&changed, &seals), None, "changed at {at}");
        }
        for forged in ["", "toolgate.", "toolgate.e30", "state-1", "toolgate.\u{e9}"] {
            assert_eq!(Ticket::open(forged, &seals), None, "{forged}");
        }
    }

    #[test]
    fn no_client_is_made_to_carry_a_heavy_state() {
        let folder = tempfile::tempdir().unwrap();
        let seals = Seals::new(folder.path(), None);
        let held = Held { state: Some("x".repeat(PLAIN_BYTES_MAX)), responses: None };
        assert_eq!(Ticket { held, ..ticket() }.seal(&seals), None);
    }
}
