//! Places in the document as it was written (RFC 6901).

use std::fmt::Display;

/// The pointer to what stands under `step` at `pointer`.
pub(crate) fn join(pointer: &str, step: impl Display) -> String {
    let step = step.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{step}")
}
