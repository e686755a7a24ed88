//! Tokens of grants: shown once, kept as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::chain::{from_hex, hex};

/// 256 random bits as text: whoever shows it may use the grant.
pub struct Token(String);

/// SHA-256 of a token. It is as random as the token itself, so that no salt is needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub(crate) [u8; 32]);

/// So that scanners for leaked secrets know one.
const PREFIX: &str = "tgt_";

impl Token {
    /// Nothing if the system has no random bytes.
    pub fn random() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(format!("{PREFIX}{}", hex(&bytes))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Nothing if the text cannot be a token: it is not hashed then.
    pub fn of_candidate(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        from_hex::<32>(digits)?;
        Some(Self::of(text))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}
