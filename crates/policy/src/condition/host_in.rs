//! `host_in`: does a URL or a host's name lead to one of some hosts?
//!
//! URL readers disagree (RFC 3986, WHATWG URL, libraries older than both). What they could read
//! differently is unknown. Names only: where a name resolves to cannot be seen here.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use toolgate_json::{Kind, Value};

use super::Match;

/// Hosts and the domains below hosts.
#[derive(Debug)]
pub(super) struct Hosts(pub(super) Vec<Pattern>);

#[derive(Debug)]
pub(super) enum Pattern {
    /// `*.example.com`: kept as `.example.com`.
    Below(String),
    Name(String),
    V6(Ipv6Addr),
}

/// In these, what stands between `//` and the next `/` is the host that is called.
const SCHEMES: &[&str] = &["ftp", "ftps", "git", "http", "https", "sftp", "ssh", "ws", "wss"];

impl Hosts {
    pub(super) fn read(value: Value<'_>) -> Result<Self, String> {
        const NEEDED: &str = "the value must be a host or a list of them, as in \
                              `[\"example.com\", \"*.example.com\"]`";
        let patterns = match value.kind() {
            Kind::Array => {
                value.items().map(|item| Pattern::read(&item.as_str().ok_or(NEEDED)?)).collect()
            }
            Kind::String => Pattern::read(&value.as_str().ok_or(NEEDED)?).map(|one| vec![one]),
            _ => return Err(NEEDED.to_owned()),
        };
        let patterns: Vec<Pattern> = patterns?;
        if patterns.is_empty() { Err(NEEDED.to_owned()) } else { Ok(Self(patterns)) }
    }

    pub(super) fn judge(&self, text: &str) -> Match {
        match host(text) {
            Some(Host::Name(name)) => Match::of(self.0.iter().any(|p| p.covers(name))),
            // An address can be embedded in another in many ways: it is never certain that
            // this is none of the hosts.
            Some(Host::V6(address)) if self.0.iter().any(|p| p.is_address(address)) => Match::Yes,
            Some(Host::V6(_)) | None => Match::Unknown,
        }
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        match host_of_authority(name) {
            Some(Host::V6(address)) if !below => Ok(Self::V6(address)),
            Some(Host::Name(host)) if host.len() == name.len() => {
                let host = host.to_ascii_lowercase();
                Ok(if below { Self::Below(format!(".{host}")) } else { Self::Name(host) })
            }
            _ => Err(format!(
                "`{text}` is no host: write it as `example.com`, `*.example.com` or `[::1]`, in \
                 ASCII, without scheme, port or path"
            )),
        }
    }

    fn covers(&self, host: &str) -> bool {
        match self {
            Self::Below(tail) => {
                let Some(start) = host.len().checked_sub(tail.len()) else { return false };
                start > 0 && host.as_bytes()[start..].eq_ignore_ascii_case(tail.as_bytes())
            }
            Self::Name(name) => name.eq_ignore_ascii_case(host),
            Self::V6(_) => false,
        }
    }

    fn is_address(&self, address: Ipv6Addr) -> bool {
        matches!(self, Self::V6(own) if *own == address)
    }
}

pub(super) enum Host<'a> {
    Name(&'a str),
    V6(Ipv6Addr),
}

/// The host of a URL, or of `host` or `host:port`; nothing where readers could differ.
pub(super) fn host(text: &str) -> Option<Host<'_>> {
    if text.contains(|c: char| c.is_control()) {
        return None;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return host_of_authority(text) };
    if !SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    // Old readers end the host at `/` alone and take `evil.com#@good.com` for good.com.
    if !behind.starts_with('/') && behind.contains(['@', '\\']) {
        return None;
    }
    host_of_authority(authority)
}

/// `host` or `host:port`. User names are refused: they serve to hide the host.
fn host_of_authority(authority: &str) -> Option<Host<'_>> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return if port_fits { address.parse().ok().map(Host::V6) } else { None };
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    (is_port(port) && is_name(host)).then_some(Host::Name(host))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// A DNS name or a dotted IPv4 address. `127.1`, `0x7f.1` and `2130706433` are addresses to
/// some readers only, and so are octal parts.
fn is_name(host: &str) -> bool {
    let labels_fit = host.len() <= 253 && host.split('.').all(is_label);
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|b| b.is_ascii_digit()) || last[1..].starts_with(['x', 'X']));
    labels_fit && (!numeric || host.parse::<Ipv4Addr>().is_ok())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, pattern) in self.0.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            f.write_str(separator)?;
            match pattern {
                Pattern::Below(tail) => write!(f, "*{tail}")?,
                Pattern::Name(name) => f.write_str(name)?,
                Pattern::V6(address) => write!(f, "[{address}]")?,
            }
        }
        Ok(())
    }
}
