//! An oracle: calls by brute force, decided under both policies, against what is claimed.
//!
//! `TOOLGATE_PAIRS=10000 cargo test -p toolgate-policy --lib compare::tests::oracle` is the long form.

mod generate;
mod oracle;
