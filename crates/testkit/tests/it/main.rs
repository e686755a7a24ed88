//! The testkit tests itself: a rig that lies is worse than none.

mod controls;
mod echo;
mod http_legacy;
mod http_modern;
mod naive;
mod stdio;

use serde_json::Value;
use toolgate_testkit::Scratch;

/// The sentinel's flag for a ledger in this folder.
fn ledger_flag(scratch: &Scratch) -> String {
    format!("--ledger={}", scratch.ledger().display())
}

/// The text of the first content block.
fn text(response: &Value) -> &str {
    response["result"]["content"][0]["text"].as_str().unwrap_or_default()
}
