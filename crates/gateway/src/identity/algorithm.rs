//! Signature algorithms, asymmetric ones only: who can verify cannot sign (RFC 8725, section 2.1).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// RFC 7518, section 3.1; RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    EdDsa,
    Es256,
    Es384,
    Ps256,
    Ps384,
    Ps512,
    Rs256,
    Rs384,
    Rs512,
}

/// A public key of an issuer, which fits one kind of algorithm and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    Ed25519(Vec<u8>),
    /// Uncompressed points.
    P256(Vec<u8>),
    P384(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl Algorithm {
    /// Exactly as it is registered: no other case, no symmetric one, not `none`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "EdDSA" => Self::EdDsa,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            _ => return None,
        })
    }

    /// Whether the key is of its kind.
    pub(super) fn fits(self, key: &Material) -> bool {
        match key {
            Material::Ed25519(_) => self == Self::EdDsa,
            Material::P256(_) => self == Self::Es256,
            Material::P384(_) => self == Self::Es384,
            Material::Rsa { .. } => self.rsa().is_some(),
        }
    }

    /// Whether the key made this signature.
    pub(super) fn verifies(self, key: &Material, message: &[u8], signature: &[u8]) -> bool {
        let by = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match (key, self.rsa()) {
            (Material::Rsa { n, e }, Some(parameters)) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }
            (Material::Ed25519(key), _) if self == Self::EdDsa => by(&ED25519, key),
            (Material::P256(key), _) if self == Self::Es256 => by(&ECDSA_P256_SHA256_FIXED, key),
            (Material::P384(key), _) if self == Self::Es384 => by(&ECDSA_P384_SHA384_FIXED, key),
            _ => false,
        }
    }

    /// Keys shorter than 2048 bits are refused (RFC 7518, section 3.3).
    fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::EdDsa | Self::Es256 | Self::Es384 => return None,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &RSA_PSS_2048_8192_SHA512,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        })
    }
}
