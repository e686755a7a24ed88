//! The demo: the gate in front of the shop, once by a script or live for a client.

mod live;
mod once;
mod script;
mod table;

pub(crate) use live::live;
pub(crate) use once::once;

/// The policy of the demo, also in the repository as an example.
const POLICY: &str = include_str!("../../../policies/demo.yaml");
