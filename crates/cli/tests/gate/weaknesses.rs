//! What gates of this kind were found to let through, to lose or to leave open: this one must not.
//!
//! Where the naive gate can show the same scenario, it must show the harm.

mod amounts;
mod batches;
mod differentials;
mod endings;
mod failures;
mod headers;
mod policies;
