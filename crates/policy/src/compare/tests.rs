//! An oracle: calls by brute force, decided under both policies, against what is claimed.
//!
//! The long form: `TOOLGATE_PAIRS=10000 cargo test -p toolgate-policy --lib compare::tests`.

mod generate;
mod oracle;
