//! Files that a scan writes: never over something that somebody may have edited.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::exit::{Exit, Failure};

/// Fails where writing is bound to fail, before anything is started.
pub(crate) fn check(path: &Path, force: bool) -> Result<(), Failure> {
    let shown = path.display();
    let refused = |why: &str| Err(Failure::new(Exit::Usage, format!("`{shown}` {why}")));
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return refused("is a folder; name a file in it"),
        Ok(_) if !force => return refused("is there already; name another, or add `--force`"),
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return refused(&format!("cannot be written: {error}")),
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            refused("cannot be written: there is no such folder; make it first")
        }
        _ => Ok(()),
    }
}

/// All of it or nothing new: a reader never finds half a file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Unexpected, format!("`{}` cannot be written: {error}", path.display()))
    };
    // A device or a pipe is written to as it is.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        return file.write_all(text.as_bytes()).map_err(failed);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(permissions())
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

/// As any new file: what the umask leaves of it.
fn permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}
