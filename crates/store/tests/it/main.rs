//! The store through its public face.

mod admit;
mod common;
