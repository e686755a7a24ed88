//! What goes on in a state directory right now, from its log alone.

mod draw;
mod json;
mod look;
mod pulse;
mod tally;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use draw::Board;
pub(crate) use json::to_json;
pub(crate) use look::Look;
pub(crate) use pulse::Pulse;
pub(crate) use text::to_text;
