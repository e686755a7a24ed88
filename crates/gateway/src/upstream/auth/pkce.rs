//! Proof that who redeems a code is who asked for it (RFC 7636, S256).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::AuthError;

/// 256 random bits in 43 letters: a verifier, or a `state`.
pub(super) fn secret() -> Result<String, AuthError> {
    let mut bytes = [0_u8; 32];
    let failed = |error| AuthError::Unfit(format!("no random numbers: {error}"));
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    /// RFC 7636, appendix B.
    #[test]
    fn the_standards_own_example() {
        let challenge = super::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let secret = super::secret().unwrap();
        assert_eq!(secret.len(), 43);
        assert_ne!(secret, super::secret().unwrap());
    }
}
