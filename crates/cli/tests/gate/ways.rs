//! Approvals that are asked for through the client, by every way that clients have; and what a
//! client may try instead of asking anybody.

mod gathered;
mod legacy;
mod modern;
mod pages;
mod rig;
mod rounds;
mod states;
