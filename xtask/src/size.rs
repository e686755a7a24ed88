//! One binary that people download: it stays small.

use std::fs;

use crate::Result;
use crate::command::{cargo, run as run_command, target_directory};

pub(crate) const SIZE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Builds the release binary and checks its size, stripped as it is shipped.
pub fn run() -> Result {
    run_command(cargo().args(["build", "--release", "--locked", "--package=toolgate"]))?;
    let size_bytes = measure()?;
    println!("toolgate: {} of at most {}", mib(size_bytes), mib(SIZE_BYTES_MAX));
    judge(size_bytes)
}

pub(crate) fn judge(size_bytes: u64) -> Result {
    if size_bytes > SIZE_BYTES_MAX { Err("the binary is too large".into()) } else { Ok(()) }
}

/// The size of the release binary that is already built.
pub(crate) fn measure() -> Result<u64> {
    let path = target_directory()?.join("release/toolgate");
    let metadata = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(metadata.len())
}

pub(crate) fn mib(size_bytes: u64) -> String {
    let tenths = size_bytes * 10 / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
