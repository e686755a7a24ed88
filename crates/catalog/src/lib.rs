//! What is known of tools beyond their names: whether a definition is the one it was before, what
//! differs, and whether it asks for less.
//!
//! Pure: definitions in, facts out.

mod diff;
mod fingerprint;
mod narrow;
mod skeleton;
mod visible;

pub use diff::{DiffLine, diff};
pub use fingerprint::{Fingerprint, fingerprint};
pub use narrow::narrows;
pub use skeleton::skeleton;
pub use visible::{is_hidden, visible};
