//! The files of the project: what git tracks or would track.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Finding;
use crate::{Result, command};

pub(super) struct Tree {
    pub(super) files: Vec<Tracked>,
}

pub(super) struct Tracked {
    /// Relative to the root, with slashes.
    pub(super) path: String,
    /// Nothing where it is not UTF-8.
    pub(super) text: Option<String>,
    pub(super) size_bytes: u64,
}

/// Reads every file that is tracked, or new and not ignored.
pub(super) fn read(root: &Path) -> Result<Tree> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = String::from_utf8(command::output(&mut git)?)?;
    let mut paths: Vec<&str> = names.split_terminator('\0').collect();
    paths.sort_unstable();
    paths.dedup();
    let files = paths.into_iter().filter_map(|path| Tracked::read(root, path)).collect();
    Ok(Tree { files })
}

impl Tree {
    /// The file at exactly this path.
    pub(super) fn file(&self, path: &str) -> Option<&Tracked> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there is such a file, or a folder with files.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// Every file whose name has this extension.
    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &Tracked> {
        self.files.iter().filter(move |file| file.extension() == extension)
    }
}

impl Tracked {
    /// Nothing for what git remembers and the disk no longer has.
    fn read(root: &Path, path: &str) -> Option<Self> {
        let bytes = fs::read(root.join(path)).ok()?;
        let size_bytes = bytes.len() as u64;
        Some(Self { path: path.to_owned(), text: String::from_utf8(bytes).ok(), size_bytes })
    }

    #[cfg(test)]
    pub(super) fn of(path: &str, text: &str) -> Self {
        let size_bytes = text.len() as u64;
        Self { path: path.to_owned(), text: Some(text.to_owned()), size_bytes }
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(super) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Its lines with their numbers; none where it is not text.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.iter().flat_map(|text| text.lines()).enumerate().map(|(i, line)| (i + 1, line))
    }

    pub(super) fn finding(&self, line: usize, text: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, text: text.into() }
    }
}

#[cfg(test)]
impl Tree {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| Tracked::of(path, text)).collect() }
    }
}
