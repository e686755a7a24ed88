//! Digests of arguments: keyed, so that a reader of the log cannot guess the arguments.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use toolgate_json::{Value, canonical};

use crate::chain::hex;

/// The key of one state directory, ready to use.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

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
        let mac = Hmac::new_from_slice(&secret).map_err(|e| io::Error::other(e.to_string()))?;
        Ok(Self(mac))
    }

    /// HMAC-SHA-256 of the canonical form, as hexadecimal digits.
    pub(crate) fn digest(&self, value: Value<'_>) -> String {
        let mut text = Vec::with_capacity(value.raw().len());
        canonical(value, &mut text);
        hex(&self.seal(&text))
    }

    pub(crate) fn seal(&self, bytes: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(bytes).finalize().into_bytes().into()
    }
}
