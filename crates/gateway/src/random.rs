//! Names that nobody can guess.

use crate::options::{RunError, RunErrorKind};

/// `N` random bytes of the operating system as hex digits.
pub(crate) fn hex<const N: usize>() -> Result<String, RunError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        RunError::new(RunErrorKind::Unexpected, format!("no random numbers: {error}"))
    })?;
    Ok(bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}
