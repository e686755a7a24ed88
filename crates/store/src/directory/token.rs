//! Tokens of grants and accounts: shown once, kept as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::chain::{from_hex, hex};

/// 256 random bits as text: whoever shows it may use the grant, or the account.
pub struct Token(String);

/// Whose tokens they are. One of a kind opens nothing that another kind is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Account,
    Grant,
}

/// SHA-256 of a token. It is as random as the token itself, so that no salt is needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub(crate) [u8; 32]);

impl Token {
    /// One of a grant. Nothing if the system has no random bytes.
    pub fn random() -> Option<Self> {
        Self::random_of(TokenKind::Grant)
    }

    pub fn random_of(kind: TokenKind) -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(format!("{}{}", kind.prefix(), hex(&bytes))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl TokenKind {
    /// What a text would be, if it is a token at all.
    pub fn of(text: &str) -> Option<Self> {
        [Self::Account, Self::Grant].into_iter().find(|kind| {
            text.strip_prefix(kind.prefix()).is_some_and(|digits| from_hex::<32>(digits).is_some())
        })
    }

    /// So that scanners for leaked secrets know one.
    fn prefix(self) -> &'static str {
        match self {
            Self::Account => "tga_",
            Self::Grant => "tgt_",
        }
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

    /// Nothing if the text cannot be a grant's token: it is not hashed then.
    pub fn of_candidate(text: &str) -> Option<Self> {
        (TokenKind::of(text)? == TokenKind::Grant).then(|| Self::of(text))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}
