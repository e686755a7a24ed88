//! Web addresses: `http` and `https`, a host, nothing secret.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use toolgate_policy::document::outline::Node;

use super::form::{Fault, Reads};

/// A URL, kept as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Url {
    /// Whether it must be `https`, unless it leads to this machine: keys or tokens come from it.
    pub(crate) secure: bool,
}

impl Reads for Url {
    type Value = String;

    fn due(&self) -> String {
        "a URL such as `https://example.com/mcp`".to_owned()
    }

    /// No message repeats a URL: its path or query may hold a key.
    fn read(&self, node: &Node) -> Result<String, Fault> {
        let text = node.text().unwrap_or_default();
        let parts = Parts::of(text)?;
        if self.secure && parts.is_plain_and_far() {
            let help = "write `https://`; `http://` only leads to this machine";
            return Err(Fault::new("keys and tokens do not travel in plain text", help));
        }
        Ok(text.to_owned())
    }

    fn schema(&self) -> String {
        r#"{"type":"string","pattern":"^https?://"}"#.to_owned()
    }
}

/// Whether `text` is a URL, or nearly one, with more in it than a host, a port and a path: it may
/// be a key.
pub(crate) fn may_hold_a_secret(text: &str) -> bool {
    let behind = text.split_once("://").map(|(_, behind)| behind);
    let authority = behind.and_then(|behind| behind.split('/').next()).unwrap_or_default();
    let is_near_a_url = text.contains("//") || text.contains(":/");
    (text.contains('@') && text.contains(':'))
        || (is_near_a_url && text.contains(['?', '#']))
        || (authority.contains(':') && host_of(authority).is_err())
}

/// Whether requests to `url` can be read and changed on their way.
pub(crate) fn is_plain_and_far(url: &str) -> bool {
    Parts::of(url).is_ok_and(|parts| parts.is_plain_and_far())
}

/// A scheme and a host, and a port if it is named.
pub(crate) struct Parts<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: &'a str,
    /// The path and what follows.
    pub(crate) rest: &'a str,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Self, Fault> {
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            let help = "URLs are ASCII without spaces: escape what is not, as `%20`";
            return Err(Fault::new("a URL cannot hold this character", help));
        }
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        let Some(scheme @ ("http" | "https")) = scheme else {
            let message = "a URL starts with `https://` or `http://`";
            return Err(Fault::new(message, "write it as `https://example.com/mcp`"));
        };
        let behind = &text[scheme.len() + 3..];
        let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at(end);
        if authority.contains('@') {
            let help = "name it under `headers`, as `Authorization: env:VARIABLE`";
            return Err(Fault::new("a URL cannot hold a user or password", help));
        }
        if rest.contains('#') {
            let help = "remove `#` and what stands behind it";
            return Err(Fault::new("no server hears the part behind `#`", help));
        }
        Ok(Self { scheme, host: host_of(authority)?, rest })
    }

    fn is_plain_and_far(&self) -> bool {
        self.scheme == "http" && !is_near(self.host)
    }
}

/// The host of `HOST` or `HOST:PORT`. No message repeats them: it may have been a password.
pub(crate) fn host_of(authority: &str) -> Result<&str, Fault> {
    let (host, port) = match authority.rfind(']').map(|end| authority.split_at(end + 1)) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or(""))),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if port.is_some_and(|port| !is_port(port)) {
        let help = "behind a host and `:` stands a number from 1 to 65535";
        return Err(Fault::new("the port is none", help));
    }
    if host.is_empty() {
        return Err(Fault::new("the host is missing", "write it as `example.com`"));
    }
    if !is_host(host) {
        let help = "a name such as `example.com`, an address such as `10.0.0.1` or `[::1]`";
        return Err(Fault::new("the host is neither a name nor an address", help));
    }
    Ok(host)
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// A name (RFC 1123, and underscores, which are in use), or an address. What ends like an
/// address is one: `1.2.3` and `0x7f.1` are read differently everywhere.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= 253 && host.split('.').all(label)
}

fn is_near(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses() {
        for host in ["a", "example.com", "my_db.internal", "10.0.0.1", "[::1]", "xn--a.example"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "a..b", "-a", "a b", "1.2.3", "256.1.1.1", "0x7f.1", "[::1", "*.a.b"] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn only_this_machine_is_near() {
        for url in ["http://127.0.0.1:80/", "http://localhost", "http://[::1]/", "https://a.b"] {
            assert!(!is_plain_and_far(url), "{url}");
        }
        for url in ["http://127.0.0.1.example.com/", "http://localhost.example/", "http://10.0.0.1"]
        {
            assert!(is_plain_and_far(url), "{url}");
        }
    }
}
