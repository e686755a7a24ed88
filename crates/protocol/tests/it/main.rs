//! What passes the protocol and what does not.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read their cases")]

mod answers;
mod elicitation;
mod frames;
mod gather;
mod headers;
mod lists;
mod messages;
mod methods;
mod properties;
mod rounds;
mod splices;
mod subjects;
mod support;
