//! From chunks of a stream to whole messages.

mod events;
mod lines;

pub use events::{Event, Events, Frame, event};
pub use lines::{Line, Lines};

/// Of one message in a stream, if nothing else is set. In bytes.
pub const SIZE_BYTES_MAX: usize = 4 << 20;
