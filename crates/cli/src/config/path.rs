//! Files and folders: relative to the folder of the document that names them.

use std::path::{Path, PathBuf};

use toolgate_policy::document::outline::Node;

use super::form::{Fault, Reads};

/// The path of a file or folder, as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilePath;

impl Reads for FilePath {
    type Value = PathBuf;

    fn due(&self) -> String {
        "a path".to_owned()
    }

    fn read(&self, node: &Node) -> Result<PathBuf, Fault> {
        let text = node.text().unwrap_or_default();
        check_path(text)?;
        Ok(PathBuf::from(text))
    }

    fn schema(&self) -> String {
        r#"{"type":"string","minLength":1}"#.to_owned()
    }
}

pub(crate) fn check_path(path: &str) -> Result<(), Fault> {
    if path.is_empty() {
        return Err(Fault::new("a path cannot be empty", "write the path of a file or folder"));
    }
    if path.contains('\0') {
        return Err(Fault::new("a path cannot hold a zero byte", "remove it"));
    }
    if path == "~" || path.starts_with("~/") || path.starts_with('$') {
        let help = "no shell reads this: write the path from `/`, or from this file's folder";
        return Err(Fault::new("`~` and `$` mean nothing in a path here", help));
    }
    Ok(())
}

/// `path` as seen from `folder`, without `.` in it.
pub(crate) fn from(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path).components().collect()
}
