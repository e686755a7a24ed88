//! Why there is no credential, in one line for the operator.

use thiserror::Error;

use crate::upstream::egress::EgressError;

use super::words::harmless;

/// Holds no secret. What strangers wrote in it is made harmless.
#[derive(Clone, Debug, Error)]
pub enum AuthError {
    /// What was entered cannot work.
    #[error("{0}")]
    Config(String),
    /// A URL that somebody named and that is not asked.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody has logged in, or the login is over.
    #[error(
        "server `{server}` wants a person to log in: {why}; run `toolgate server login {server}`"
    )]
    LoginNeeded { server: String, why: String },
    /// The authorization server says no: its code and its words (RFC 6749, section 5.2).
    #[error("`{url}` refuses: {code}{}", described(description))]
    Refused { url: String, code: String, description: String },
    /// The place for tokens cannot be read or written.
    #[error("tokens cannot be kept or read: {0}")]
    Store(String),
    /// An answer that contradicts itself, its standard or what was known before.
    #[error("{0}")]
    Unfit(String),
    /// Another time may be better.
    #[error("{0}")]
    Unreachable(String),
}

impl AuthError {
    /// What a client may hear. It can mend nothing; the operator hears the rest.
    pub(crate) fn for_client(&self) -> String {
        let why = match self {
            Self::LoginNeeded { .. } => "a person must log in to it",
            Self::Unreachable(_) => "its authorization server cannot be reached",
            Self::Config(_)
            | Self::Forbidden(_)
            | Self::Refused { .. }
            | Self::Store(_)
            | Self::Unfit(_) => "its authorization server gives none",
        };
        format!(
            "the gateway has no credential for this server: {why}; its operator can see why in \
             the gateway's log"
        )
    }

    pub(super) fn refused(url: &str, code: &str, description: &str) -> Self {
        let [url, code, description] = [url, code, description].map(harmless);
        Self::Refused { url, code, description }
    }

    /// Whether what was refused is the grant itself, not how it was asked for.
    pub(super) fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "invalid_grant")
    }
}

impl From<EgressError> for AuthError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Failed { .. } => Self::Unreachable(error.to_string()),
            EgressError::Forbidden { .. } => Self::Forbidden(error.to_string()),
        }
    }
}

fn described(description: &str) -> String {
    if description.is_empty() { String::new() } else { format!(": {description}") }
}
