//! The edges of the gate: who may come in, what a message must be, and which way things go.

mod asking;
mod bad;
mod bodies;
mod cancelling;
mod entrance;
mod forms;
mod headers;
mod methods;
mod mirrored;
mod reserved;
mod secrets;
mod sessions;
mod sharing;
