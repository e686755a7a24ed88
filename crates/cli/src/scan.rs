//! `toolgate scan`: from what people have (commands, addresses, files) to what they should know.

pub(crate) mod client_file;
pub(crate) mod saved;
pub(crate) mod secrets;
pub(crate) mod target;
