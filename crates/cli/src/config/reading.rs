//! What every section needs to be read: where paths start, and whom to tell.

use std::path::{Path, PathBuf};

use toolgate_policy::document::outline::{Findings, Node};

use super::form::Reads;
use super::path::{self, FilePath};
use super::secret::{Secret, Source};

pub(crate) struct Reading<'a> {
    /// The document's folder; nothing if all its paths must be absolute.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) findings: &'a mut Findings,
}

impl Reading<'_> {
    /// The path at `node`, absolute.
    pub(crate) fn path(&mut self, node: Option<&Node>) -> Option<PathBuf> {
        let node = node?;
        FilePath.take(Some(node)).map(|path| self.absolute(path, node))
    }

    /// All paths of a list.
    pub(crate) fn paths(&mut self, node: Option<&Node>) -> Vec<PathBuf> {
        let items = node.map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| self.path(Some(item))).collect()
    }

    /// The secret at `node`; its file has an absolute path.
    pub(crate) fn secret(&mut self, source: Source, node: Option<&Node>) -> Option<Secret> {
        let node = node?;
        match source.take(Some(node))? {
            Secret::File(path) => Some(Secret::File(self.absolute(path, node))),
            Secret::Sealed(_) if self.folder.is_some() => {
                let message = "`sealed:` is for what the console keeps";
                let help = "write `env:VARIABLE` or `file:PATH`";
                self.findings.error(node.span, message).help(help);
                None
            }
            other => Some(other),
        }
    }

    pub(crate) fn absolute(&mut self, path: PathBuf, node: &Node) -> PathBuf {
        match self.folder {
            Some(folder) => path::from(folder, &path),
            None if path.is_absolute() => path,
            None => {
                self.findings
                    .error(node.span, "the path is relative, and there is no folder to start from")
                    .help("write it from `/`");
                path
            }
        }
    }
}

/// The texts of a list.
pub(crate) fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::text).map(str::to_owned).collect()
}
