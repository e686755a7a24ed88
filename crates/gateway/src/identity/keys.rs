//! An issuer's public keys (RFC 7517).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};

use super::algorithm::{Algorithm, Material};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    id: Option<String>,
    /// The only one it may be used with.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys(Vec<Key>);

const COUNT_MAX: usize = 100;

impl Keys {
    /// What cannot be used here is left out; other programs may know what to do with it.
    pub(super) fn read(text: Bytes) -> Result<Self, String> {
        let document = Document::parse(text, Reading::Plain).map_err(|_| "its keys are no JSON")?;
        let keys = document.root().get("keys").ok_or("its answer has no `keys`")?;
        Ok(Self(keys.items().take(COUNT_MAX).filter_map(Key::read).collect()))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The key that a token names; or, where it names none, the only one that could be meant.
    pub(super) fn find(&self, id: Option<&str>, algorithm: (&str, Algorithm)) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm));
        match id {
            Some(id) => fitting.find(|key| key.id.as_deref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

impl Key {
    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    fn fits(&self, (name, algorithm): (&str, Algorithm)) -> bool {
        self.algorithm.as_deref().is_none_or(|only| only == name) && algorithm.fits(&self.material)
    }

    fn read(value: Value<'_>) -> Option<Self> {
        let text = |key| value.get(key).and_then(Value::as_str).map(Cow::into_owned);
        if value.get("use").is_some_and(|purpose| !purpose.is("sig")) {
            return None;
        }
        if value.get("key_ops").is_some_and(|ops| !ops.items().any(|op| op.is("verify"))) {
            return None;
        }
        Some(Self { id: text("kid"), algorithm: text("alg"), material: Material::read(value)? })
    }
}

impl Material {
    fn read(value: Value<'_>) -> Option<Self> {
        let text = |key| value.get(key).and_then(Value::as_str);
        let bytes = |key| URL_SAFE_NO_PAD.decode(text(key)?.as_bytes()).ok();
        match &*text("kty")? {
            "RSA" => Some(Self::Rsa { n: bytes("n")?, e: bytes("e")? }),
            "EC" => {
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                match &*text("crv")? {
                    "P-256" if point.len() == 65 => Some(Self::P256(point)),
                    "P-384" if point.len() == 97 => Some(Self::P384(point)),
                    _ => None,
                }
            }
            "OKP" if text("crv")? == "Ed25519" => {
                Some(Self::Ed25519(bytes("x").filter(|key| key.len() == 32)?))
            }
            _ => None,
        }
    }
}
