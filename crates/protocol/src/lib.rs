//! JSON-RPC and MCP messages over the strict JSON tree, with the bytes they came in.
//!
//! Everything is pure: bytes in, values out. What is forwarded are the original bytes, changed
//! only by [`splice`] and [`one_line`], so that what was judged is what is sent.

pub mod answer;
mod batch;
mod cut;
pub mod elicitation;
pub mod frame;
pub mod gather;
pub mod headers;
mod id;
mod key;
pub mod list;
mod message;
pub mod meta;
pub mod method;
mod read;
mod refusal;
pub mod round;
mod splice;
mod subject;
pub mod trace;
pub mod version;

pub use batch::{BATCH_MAX, batch};
pub use id::Id;
pub use message::{Era, Message, MessageKind, Side, ToolCall};
pub use refusal::Refusal;
pub use splice::{one_line, splice};
pub use subject::{Subject, SubjectKind};
pub use version::Version;
