//! Digests of arguments: keyed, so that a reader of the log cannot guess the arguments.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use toolgate_json::{Value, canonical};

use crate::chain::hex;

/// The key of one state directory, ready to use.
#[derive(Clone)]
pub(crate) struct Key {
    /// As the file has it: `b3sum --keyed` with it tells whether some arguments were these.
    arguments: [u8; 32],
    counters: [u8; 32],
    bindings: [u8; 32],
}

impl Key {
    /// Reads the key file, or makes it. The caller holds the directory's lock.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut secret = [0; 32];
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                getrandom::fill(&mut secret).map_err(|e| io::Error::other(e.to_string()))?;
                file.write_all(&secret)?;
                file.sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let mut file = std::fs::File::open(path)?;
                file.read_exact(&mut secret)?;
            }
            Err(error) => return Err(error),
        }
        let counters = blake3::derive_key("toolgate saved counters 1", &secret);
        let bindings = blake3::derive_key("toolgate bindings of approvals 1", &secret);
        Ok(Self { arguments: secret, counters, bindings })
    }

    /// Keyed BLAKE3 of the canonical form, as hexadecimal digits. Of 100 KB it takes a third of
    /// the time of SHA-256.
    pub(crate) fn digest(&self, value: Value<'_>) -> String {
        let mut text = Vec::with_capacity(value.raw().len());
        canonical(value, &mut text);
        hex(blake3::keyed_hash(&self.arguments, &text).as_bytes())
    }

    /// What a person's yes is bound to.
    pub(crate) fn bind(&self, bytes: &[u8]) -> [u8; 32] {
        blake3::keyed_hash(&self.bindings, bytes).into()
    }

    pub(crate) fn seal(&self, bytes: &[u8]) -> [u8; 32] {
        blake3::keyed_hash(&self.counters, bytes).into()
    }
}
