//! `toolgate scan`: from what people have (commands, addresses, files) to what they should know.

pub(crate) mod ask;
mod client_file;
mod fence;
pub(crate) mod files;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod layout;
pub(crate) mod look;
pub(crate) mod next;
pub(crate) mod policies;
mod progress;
pub(crate) mod report;
pub(crate) mod sarif;
mod saved;
pub(crate) mod secrets;
pub(crate) mod sources;
pub(crate) mod table;
pub(crate) mod target;
