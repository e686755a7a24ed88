//! The fingerprint of a tool's definition: changed text, changed fingerprint.

use std::fmt;

use sha2::{Digest, Sha256};
use toolgate_json::{Value, canonical};

/// SHA-256 of a tool definition in canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// Digests one item of a `tools/list` result, all of it: a tool is poisoned through its
/// description or schema as well as through its name, and `_meta` may say where its pages come
/// from and who sees them (MCP Apps). The order of keys, white space and the
/// spelling of numbers and strings do not count.
pub fn fingerprint(tool: Value<'_>) -> Fingerprint {
    let mut text = Vec::with_capacity(tool.raw().len());
    canonical(tool, &mut text);
    Fingerprint(Sha256::digest(&text).into())
}

impl Fingerprint {
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what `Display` writes.
    pub fn parse(hex: &str) -> Option<Self> {
        if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Enough to show to a person, not to compare by.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
