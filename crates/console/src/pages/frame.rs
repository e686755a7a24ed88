//! What every page has around it.

use crate::identity::Somebody;

const SIGN_OUT: &str = "/sign-out";

pub(super) struct Frame {
    pub(super) title: String,
    pub(super) who: Option<Who>,
    pub(super) version: &'static str,
}

/// Who is signed in.
pub(super) struct Who {
    pub(super) name: String,
    pub(super) role: &'static str,
    /// Of the form that signs out.
    pub(super) nonce: String,
}

impl Frame {
    pub(super) fn new(title: impl Into<String>, somebody: Option<&Somebody>) -> Self {
        let who = somebody.and_then(|somebody| {
            let nonce = somebody.session.as_ref()?.nonce(SIGN_OUT);
            let (name, role) = (somebody.account.name.clone(), somebody.account.role.as_str());
            Some(Who { name, role, nonce })
        });
        Self { title: title.into(), who, version: env!("CARGO_PKG_VERSION") }
    }
}
