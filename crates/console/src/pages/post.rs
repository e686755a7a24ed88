//! A form that changes something: where it is posted to, and the nonce that it brings along.

use crate::identity::Somebody;

#[derive(Debug)]
pub(super) struct Post {
    pub(super) path: String,
    pub(super) nonce: String,
}

impl Post {
    /// For somebody who signed in with a browser.
    pub(super) fn to(somebody: &Somebody, path: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let nonce = somebody.session.as_ref()?.nonce(&path);
        Some(Self { path, nonce })
    }
}
