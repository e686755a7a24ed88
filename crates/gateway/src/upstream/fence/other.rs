//! Systems that are not Linux: resources can be limited, and that is all.

use std::ffi::OsStr;
use std::io;

use crate::upstream::command::Sandbox;

pub(super) fn die_with_parent() -> io::Result<()> {
    Ok(())
}

pub(super) fn keep_privileges_low() -> io::Result<()> {
    Ok(())
}

pub(super) fn probe(_: &Sandbox) -> Result<(), String> {
    Err("a sandbox needs Linux; take `sandbox` out of the server's entry".to_owned())
}

pub(super) fn apply(sandbox: &Sandbox, _: &OsStr) -> Result<(), String> {
    probe(sandbox)
}
