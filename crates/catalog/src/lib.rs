//! What is known of tools beyond their names: whether a definition is the one it was before.
//!
//! Pure: definitions in, facts out.

mod fingerprint;
mod skeleton;

pub use fingerprint::{Fingerprint, fingerprint};
pub use skeleton::skeleton;
