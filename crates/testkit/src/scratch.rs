//! A folder of a test's own, gone with the test.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Holds state, policies and ledgers of one test.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new()
    }
}

#[expect(clippy::expect_used, reason = "a test without a folder cannot go on")]
impl Scratch {
    pub fn new() -> Scratch {
        let folder = tempfile::Builder::new().prefix("toolgate-").tempdir();
        Scratch { folder: folder.expect("the temporary folder can be written") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where a file would lie; it need not exist.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, replacing it in one step as editors do.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        let fresh = self.at(&format!("{name}.fresh"));
        fs::write(&fresh, text).expect("the scratch folder can be written");
        fs::rename(&fresh, &path).expect("a file can replace another in one folder");
        path
    }

    pub fn policy(&self, text: &str) -> PathBuf {
        self.file("policy.yaml", text)
    }

    /// The state directory; toolgate makes it.
    pub fn state(&self) -> PathBuf {
        self.at("state")
    }

    /// Where the sentinel of this test writes.
    pub fn ledger(&self) -> PathBuf {
        self.at("ledger")
    }
}
