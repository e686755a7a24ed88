//! Names in the log: of the chain, of a decision; and the hashes that link its entries.

use std::fmt;

use sha2::{Digest, Sha256};

/// Which log: 16 random bytes, made with it. It stands in every entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainId(pub(crate) [u8; 16]);

/// The name of one recorded decision: `dec_<first 8 digits of the chain>_<sequence number>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecisionId {
    chain: u32,
    seq: u64,
}

pub(crate) type Hash = [u8; 32];

impl ChainId {
    pub(crate) fn random() -> Option<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }

    /// What the first entry is chained to.
    pub(crate) fn genesis(self) -> Hash {
        Sha256::new().chain_update(b"toolgate log 1").chain_update(self.0).finalize().into()
    }

    pub(crate) fn decision(self, seq: u64) -> DecisionId {
        let [a, b, c, d, ..] = self.0;
        DecisionId { chain: u32::from_be_bytes([a, b, c, d]), seq }
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl DecisionId {
    pub fn parse(text: &str) -> Option<Self> {
        let (chain, seq) = text.strip_prefix("dec_")?.split_once('_')?;
        let id = Self { chain: u32::from_str_radix(chain, 16).ok()?, seq: seq.parse().ok()? };
        (id.to_string() == text).then_some(id)
    }

    pub fn seq(self) -> u64 {
        self.seq
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dec_{:08x}_{}", self.chain, self.seq)
    }
}

/// The hash of an entry: of the one before it, then its own body.
pub(crate) fn link(previous: &Hash, body: &[u8]) -> Hash {
    Sha256::new().chain_update(previous).chain_update(body).finalize().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads exactly `N` bytes written by [`hex`].
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 2 * N || !lower {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
