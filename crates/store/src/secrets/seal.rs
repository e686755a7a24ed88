//! Secrets at rest: AES-256-GCM, each value bound to what it is for and to its name.
//!
//! A sealed value says which key it is under: the newest key seals, all keys of the ring open.

mod source;

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use thiserror::Error;

pub use source::KeySource;

pub(crate) const KEY_LEN: usize = 32;

/// The keys of one state directory, newest first. Never empty.
pub struct KeyRing {
    keys: Vec<SealKey>,
    source: KeySource,
}

struct SealKey {
    id: [u8; ID_LEN],
    key: RandomizedNonceKey,
}

/// Why something cannot be sealed or opened, in one line for a person.
#[derive(Debug, Error)]
pub enum SealError {
    /// It was changed, cut, or belongs to another name.
    #[error("the kept secret `{name}` is damaged or was moved; forget it and enter it again")]
    Damaged { name: String },
    #[error("the key for kept secrets cannot be used: {what}")]
    Key { what: String },
    #[error(
        "the kept secret `{name}` is under a key that is not at hand; give the key it was kept \
         under, or forget the secret and enter it again"
    )]
    UnknownKey { name: String },
}

const FORM: &[u8; 4] = b"tgs1";
const ID_LEN: usize = 8;
const HEAD_LEN: usize = FORM.len() + ID_LEN + NONCE_LEN;
const TAG_LEN: usize = 16;

impl KeyRing {
    /// Reads the keys of `source`; makes the first one where the source is a file not yet there.
    pub fn open(source: KeySource) -> Result<Self, SealError> {
        Self::of(&source.keys()?, source)
    }

    /// Seals for `purpose` and `name`: it opens under nothing else.
    pub fn seal(&self, purpose: &str, name: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let newest = self.newest()?;
        let broken = |_| SealError::Key { what: "the cipher refuses".to_owned() };
        let mut text = Vec::with_capacity(plain.len() + TAG_LEN);
        text.extend_from_slice(plain);
        let bound = Aad::from(bound(newest.id, purpose, name));
        let nonce = newest.key.seal_in_place_append_tag(bound, &mut text).map_err(broken)?;
        let mut sealed = Vec::with_capacity(HEAD_LEN + text.len());
        sealed.extend_from_slice(FORM);
        sealed.extend_from_slice(&newest.id);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Opens what was sealed for `purpose` and `name`, under whichever key of the ring.
    pub fn unseal(&self, purpose: &str, name: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let damaged = || SealError::Damaged { name: name.to_owned() };
        let (id, rest) = parts(sealed).ok_or_else(damaged)?;
        let key = self.keys.iter().find(|key| key.id == *id);
        let key = key.ok_or_else(|| SealError::UnknownKey { name: name.to_owned() })?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut text = text.to_vec();
        let bound = Aad::from(bound(*id, purpose, name));
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key.key.open_in_place(nonce, bound, &mut text).map_err(|_| damaged())?;
        let length = plain.len();
        text.truncate(length);
        Ok(text)
    }

    /// The same under the newest key; nothing where it is already.
    pub fn reseal(
        &self,
        purpose: &str,
        name: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, SealError> {
        let plain = self.unseal(purpose, name, sealed)?;
        let newest = self.newest()?.id;
        if parts(sealed).is_some_and(|(id, _)| *id == newest) {
            return Ok(None);
        }
        self.seal(purpose, name, &plain).map(Some)
    }

    /// Reads the keys again: another process may have changed them.
    pub fn reload(&mut self) -> Result<(), SealError> {
        *self = Self::of(&self.source.keys()?, self.source.clone())?;
        Ok(())
    }

    /// Puts a new key in front, in its file too. What was sealed stays readable; reseal all of
    /// it, then [`KeyRing::forget_old`].
    pub fn rotate(&mut self) -> Result<(), SealError> {
        *self = Self::of(&self.source.add()?, self.source.clone())?;
        Ok(())
    }

    /// Drops every key but the newest: once nothing is left under them.
    pub fn forget_old(&mut self) -> Result<(), SealError> {
        *self = Self::of(&self.source.keep_newest()?, self.source.clone())?;
        Ok(())
    }

    fn of(keys: &[[u8; KEY_LEN]], source: KeySource) -> Result<Self, SealError> {
        let keys = keys.iter().map(SealKey::new).collect::<Result<_, _>>()?;
        Ok(Self { keys, source })
    }

    fn newest(&self) -> Result<&SealKey, SealError> {
        self.keys.first().ok_or_else(|| SealError::Key { what: "there is none".to_owned() })
    }
}

impl SealKey {
    fn new(secret: &[u8; KEY_LEN]) -> Result<Self, SealError> {
        let whole = blake3::derive_key("toolgate name of a sealing key 1", secret);
        let mut id = [0; ID_LEN];
        id.copy_from_slice(&whole[..ID_LEN]);
        let key = RandomizedNonceKey::new(&AES_256_GCM, secret);
        let key = key.map_err(|_| SealError::Key { what: "the cipher refuses it".to_owned() })?;
        Ok(Self { id, key })
    }
}

/// Key id and the rest behind it, if there is room for a value.
fn parts(sealed: &[u8]) -> Option<(&[u8; ID_LEN], &[u8])> {
    let rest = sealed.strip_prefix(FORM)?;
    let (id, rest) = rest.split_first_chunk()?;
    (rest.len() >= NONCE_LEN + TAG_LEN).then_some((id, rest))
}

/// What a value is bound to. Every part stands with its length, so that no two are alike.
fn bound(id: [u8; ID_LEN], purpose: &str, name: &str) -> Vec<u8> {
    let mut bound = Vec::with_capacity(FORM.len() + ID_LEN + purpose.len() + name.len() + 16);
    bound.extend_from_slice(FORM);
    bound.extend_from_slice(&id);
    for part in [purpose, name] {
        bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
