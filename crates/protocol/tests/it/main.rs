//! What passes the protocol and what does not.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read their cases")]

mod answers;
mod frames;
mod headers;
mod lists;
mod messages;
mod methods;
mod properties;
mod splices;
mod subjects;
mod support;
