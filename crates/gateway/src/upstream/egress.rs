//! Which addresses requests of our own may go to: metadata and tokens, where strangers name the
//! URL (SSRF).
//!
//! A URL that the operator wrote is trusted, and so is every other on the same origin. A URL
//! learned from the network must be https and lead to public addresses only. No redirect is
//! followed, and the connection is made to the very address that was looked at.

mod address;
mod fetch;

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;

use hyper::Uri;
use hyper::http::uri::Scheme;
use thiserror::Error;

pub(crate) use fetch::{Answer, Ask};

/// What the operator wrote, and thus where to.
pub(crate) struct Egress {
    known: Vec<Origin>,
    tls: OnceLock<tokio_rustls::TlsConnector>,
}

/// A URL that may be asked, if its addresses prove fit.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    uri: Uri,
    origin: Origin,
    reach: Reach,
}

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    https: bool,
    /// In small letters, without brackets.
    host: String,
    port: u16,
}

/// Which addresses a name may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Any,
    Loopback,
    Public,
}

/// Why nothing, or nothing useful, came back.
#[derive(Clone, Debug, Error)]
pub(crate) enum EgressError {
    /// Another time may be better.
    #[error("`{url}` cannot be reached: {why}")]
    Failed { url: String, why: String },
    #[error("`{url}` is not asked: {why}")]
    Forbidden { url: String, why: String },
}

impl Egress {
    /// `known` are the URLs that the operator wrote.
    pub(crate) fn new(known: &[&str]) -> Result<Self, EgressError> {
        let origin = |url: &&str| parse(url).map(|(_, origin)| origin);
        let known = known.iter().map(origin).collect::<Result<_, _>>()?;
        Ok(Self { known, tls: OnceLock::new() })
    }

    /// For a URL that somebody else named.
    pub(crate) fn learned(&self, url: &str) -> Result<Destination, EgressError> {
        let (uri, origin) = parse(url)?;
        let reach = if self.known.contains(&origin) {
            Reach::Any
        } else if origin.is_loopback() && self.known.iter().any(|own| own.host == origin.host) {
            // Everything on this machine: development, tests.
            Reach::Loopback
        } else {
            Reach::Public
        };
        if reach == Reach::Public {
            origin.check_public(url)?;
        }
        Ok(Destination { uri, origin, reach })
    }
}

impl Origin {
    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.address().is_some_and(|address| address.is_loopback())
    }

    fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    fn check_public(&self, url: &str) -> Result<(), EgressError> {
        if !self.https {
            return Err(forbidden(url, "the server named it, and it is not https"));
        }
        match self.address() {
            Some(address) if !address::is_public(address) => {
                Err(forbidden(url, "the server named it, and it is no public address"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Destination {
    /// Refuses unless every address is fit: a name with one foot in the private network is not.
    fn check(&self, addresses: &[IpAddr]) -> Result<(), EgressError> {
        let fit = |address: &IpAddr| match self.reach {
            Reach::Any => true,
            Reach::Loopback => address.is_loopback(),
            Reach::Public => address::is_public(*address),
        };
        if addresses.iter().all(fit) {
            return Ok(());
        }
        Err(forbidden(&self.to_string(), "its name leads to an address that is not public"))
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("known", &self.known).finish_non_exhaustive()
    }
}

impl fmt::Display for Destination {
    /// Without the query, which may hold what is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.uri.path())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = if self.https { ("https", 443) } else { ("http", 80) };
        let bracketed = self.host.contains(':');
        let (open, close) = if bracketed { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}", self.host)?;
        if self.port == port { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// The origin of a URL, if it is one that can be asked at all.
pub(crate) fn origin(url: &str) -> Result<Origin, EgressError> {
    parse(url).map(|(_, origin)| origin)
}

fn parse(url: &str) -> Result<(Uri, Origin), EgressError> {
    let wrong = |why: &str| forbidden(url, why);
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let uri: Uri = match url.parse() {
        Ok(uri) if plain => uri,
        Ok(_) | Err(_) => return Err(wrong("it is not a URL")),
    };
    let https = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        Some(_) | None => return Err(wrong("it is neither https nor http")),
    };
    let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("it has a user name in it"));
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let host = host.to_ascii_lowercase();
    // A colon without a number behind it, or one too large.
    let rest = authority.as_str().len() - authority.host().len();
    if host.is_empty() || (rest > 0 && authority.port_u16().is_none()) {
        return Err(wrong("it has no host, or no valid port"));
    }
    let port = authority.port_u16().unwrap_or(if https { 443 } else { 80 });
    Ok((uri, Origin { https, host, port }))
}

fn forbidden(url: &str, why: &str) -> EgressError {
    let url = super::auth::harmless(url.split(['?', '#']).next().unwrap_or_default());
    EgressError::Forbidden { url, why: why.to_owned() }
}

#[cfg(test)]
mod tests;
