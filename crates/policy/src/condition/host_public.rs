//! `host_public`: does a URL or a host's name lead out to the public internet, as far as its text
//! can tell?
//!
//! Names that only mean something at home, and addresses that are not routed (RFC 6890), lead
//! inside; what readers could take differently is unknown. What a name resolves to cannot be seen.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Match;
use super::host_in::{Host, host};

pub(super) fn judge(text: &str) -> Match {
    match host(text) {
        Some(Host::Name(name)) => match name.parse::<Ipv4Addr>() {
            Ok(address) => Match::of(is_public(IpAddr::V4(address))),
            Err(_) => Match::of(is_public_name(name)),
        },
        Some(Host::V6(address)) => Match::of(is_public(IpAddr::V6(address))),
        None => Match::Unknown,
    }
}

/// Top-level names that no public name has: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and
/// what routers and companies are used to.
const INNER_TOPS: [&str; 12] = [
    "arpa",
    "corp",
    "home",
    "internal",
    "intra",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "onion",
    "private",
];

/// Public names that resolve to whatever address they spell, inner ones too.
const REBINDERS: [&str; 8] = [
    "1u.ms",
    "lacolhost.com",
    "localtest.me",
    "lvh.me",
    "nip.io",
    "rbndr.us",
    "sslip.io",
    "xip.io",
];

fn is_public_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let top = name.rsplit('.').next().unwrap_or_default();
    let below = |domain: &&str| {
        name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !INNER_TOPS.contains(&top) && !REBINDERS.iter().any(below)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let inner = match (a, b) {
        // The last two: shared by providers, with the metadata of one cloud (100.100.100.200),
        // and link-local, with the metadata of most.
        (0 | 10 | 127 | 224.., _)
        | (172, 16..32)
        | (192, 168)
        | (198, 18..20)
        | (100, 64..128)
        | (169, 254) => true,
        (192, 0) => matches!(c, 0 | 2),
        (192, 88) => c == 99,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        _ => false,
    };
    // The wire server of one cloud, a public address that leads nowhere but inside.
    !inner && (a, b, c, d) != (168, 63, 129, 16)
}

/// Global unicast (RFC 4291), but for what is set apart and for what carries an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let apart = first == 0x2002
        || first == 0x3fff
        || first == 0x2001 && second < 0x0200
        || first == 0x2001 && second == 0x0db8;
    global && !apart
}
