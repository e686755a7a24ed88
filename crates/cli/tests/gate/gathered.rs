//! All servers of a grant behind `/mcp`.

mod calls;
mod eras;
mod failing;
mod lists;
mod looks;
pub(crate) mod rig;
mod talk;
