//! A server that is reached by URL.

use crate::options::AuthSpec;
use crate::options::Header;

#[derive(Clone, Debug)]
pub struct UrlSpec {
    pub url: String,
    pub headers: Vec<Header>,
    pub auth: Option<AuthSpec>,
    pub transport: Transport,
}

/// How messages travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Streamable HTTP, since 2025-03-26.
    #[default]
    Http,
    /// The two endpoints of 2024-11-05.
    Sse,
}
