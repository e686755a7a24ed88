//! W3C Trace Context (Recommendation of 2021-11-23): `traceparent` and `tracestate`.
//!
//! In MCP they stand in `params._meta` under their own names (SEP-414), or in HTTP headers. What is
//! malformed is no context, and never an error.

use std::fmt;

use crate::Message;

pub const TRACEPARENT: &str = "traceparent";
pub const TRACESTATE: &str = "tracestate";

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub [u8; 16]);

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpanId(pub [u8; 8]);

/// Which span a message was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    pub trace: TraceId,
    pub span: SpanId,
    pub flags: u8,
}

/// A `traceparent` with its `tracestate`, where that is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub parent: TraceParent,
    pub state: Option<String>,
}

/// Section 3.3.1.5: as much is to be passed on.
const STATE_BYTES_MAX: usize = 512;
const STATE_MEMBERS_MAX: usize = 32;
const VERSION_00_LENGTH: usize = 55;
const SAMPLED: u8 = 1;

impl TraceContext {
    pub fn read(parent: &[u8], state: Option<&[u8]>) -> Option<Self> {
        let parent = TraceParent::parse(parent)?;
        Some(Self { parent, state: state.and_then(tracestate) })
    }

    /// What a message says of itself.
    pub fn of(message: &Message) -> Option<Self> {
        let meta = message.meta()?;
        let text = |key| meta.get(key)?.as_str();
        let (parent, state) = (text(TRACEPARENT)?, text(TRACESTATE));
        Self::read(parent.as_bytes(), state.as_ref().map(|state| state.as_bytes()))
    }
}

impl TraceParent {
    /// Section 3.2.2. What a later version appends is left out.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(VERSION_00_LENGTH)?;
        let dashes = [2, 35, 52].iter().all(|at| head[*at] == b'-');
        let [version] = hex::<1>(&head[..2])?;
        let whole = rest.is_empty() || (version > 0 && rest[0] == b'-');
        if !dashes || !whole || version == 0xff {
            return None;
        }
        let (trace, span) = (hex::<16>(&head[3..35])?, hex::<8>(&head[36..52])?);
        let [flags] = hex::<1>(&head[53..])?;
        if trace == [0; 16] || span == [0; 8] {
            return None;
        }
        Some(Self { trace: TraceId(trace), span: SpanId(span), flags })
    }

    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }
}

/// As a header has it.
impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Section 3.3.1: members with a key and a value, separated by commas.
fn tracestate(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    let members: Vec<&str> =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).collect();
    let used = members.iter().filter(|member| !member.is_empty()).count();
    let fits = text.len() <= STATE_BYTES_MAX && (1..=STATE_MEMBERS_MAX).contains(&used);
    let sound = |member: &&str| member.is_empty() || is_member(member);
    (fits && members.iter().all(sound)).then(|| text.to_owned())
}

fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let keyed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let valued = |c: u8| matches!(c, b' '..=b'~') && c != b',' && c != b'=';
    let starts = key.bytes().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && key.bytes().all(keyed) && !value.is_empty() && value.bytes().all(valued)
}

/// Small letters only.
fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    if pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn parse(text: &str) -> Option<TraceParent> {
        TraceParent::parse(text.as_bytes())
    }

    #[test]
    fn a_context_is_read_and_written_alike() {
        let parent = parse(GOOD).unwrap();
        assert_eq!(parent.to_string(), GOOD);
        assert!(parent.is_sampled());
        assert!(!parse(&GOOD.replace("-01", "-00")).unwrap().is_sampled());
        let later = GOOD.replacen("00-", "cc-", 1);
        assert_eq!(parse(&later), Some(parent));
        assert_eq!(parse(&format!("{later}-what-the-future-brings")), Some(parent));
    }

    #[test]
    fn what_is_malformed_is_no_context() {
        for bad in [
            "",
            "00",
            &GOOD.to_uppercase(),
            &format!("{GOOD}-00"),
            &format!("{GOOD} "),
            &format!(" {GOOD}"),
            &GOOD.replacen("00-", "ff-", 1),
            &GOOD.replacen("00-", "cc-", 1).replace("-01", "-01x"),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GOOD.replace("4bf9", "4bg9"),
            &GOOD.replace('-', "_"),
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bad_state_is_dropped_and_the_parent_kept() {
        let state =
            |text: &str| TraceContext::read(GOOD.as_bytes(), Some(text.as_bytes())).unwrap().state;
        let good = ["rojo=00f067aa0ba902b7", "a=1, b@c=2 3,", "0-_*/=x"];
        for good in good {
            assert_eq!(state(good).as_deref(), Some(good));
        }
        let (long, many) = (format!("a={}", "x".repeat(511)), vec!["a=1"; 33].join(","));
        for bad in ["", "a", "A=1", "a=", "a=1=2", "a=\u{e9}", "a=1\r\nx: y", &long, &many] {
            assert_eq!(state(bad), None, "{bad}");
        }
    }
}
