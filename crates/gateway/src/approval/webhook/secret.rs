//! The secret of a webhook, wherever its policy says that it is.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

const BYTES_MAX: u64 = 4096;

/// What `env:NAME` or `file:/path` names, or in one line why there is none.
pub fn read_secret(named: &str) -> Result<Vec<u8>, String> {
    if let Some(variable) = named.strip_prefix("env:") {
        let value = std::env::var_os(variable).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("the environment has no `{variable}`"))?;
        return Ok(value.into_encoded_bytes());
    }
    let Some(path) = named.strip_prefix("file:").map(Path::new) else {
        return Err("it is neither `env:NAME` nor `file:/path`".to_owned());
    };
    let unreadable = |why: &dyn std::fmt::Display| format!("`{}`: {why}", path.display());
    if !path.is_absolute() {
        return Err(unreadable(&"the path is relative; write it from `/`"));
    }
    let meta = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    // To open a pipe is to wait for whoever writes to it.
    if !meta.is_file() || meta.len() > BYTES_MAX {
        return Err(unreadable(&format!("it is no file of at most {BYTES_MAX} bytes")));
    }
    let mut secret = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    file.take(BYTES_MAX).read_to_end(&mut secret).map_err(|error| unreadable(&error))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_its_file_or_why_not_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hush\n").unwrap();
        let named = |path: &Path| format!("file:{}", path.display());
        assert_eq!(read_secret(&named(&path)).unwrap(), b"hush\n");
        for (named, why) in [
            (named(folder.path()), "no file"),
            (named(&folder.path().join("none")), "No such file"),
            ("file:relative".to_owned(), "relative"),
            ("env:TOOLGATE_NO_SUCH".to_owned(), "has no `TOOLGATE_NO_SUCH`"),
            ("hunter2".to_owned(), "neither"),
        ] {
            let error = read_secret(&named).unwrap_err();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains("hunter2"));
        }
    }
}
