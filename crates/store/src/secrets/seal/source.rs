//! Where the keys come from: a file that only its owner can read, or the environment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{KEY_LEN, SealError};

/// Keys as text, newest first: base64 of 32 bytes each, one per line or with commas between.
#[derive(Clone)]
pub enum KeySource {
    /// The value of `TOOLGATE_KEY`.
    Environment(String),
    File(PathBuf),
}

type Keys = Vec<[u8; KEY_LEN]>;

const VARIABLE: &str = "TOOLGATE_KEY";
/// In the state directory.
const FILE: &str = "seal.key";
const OPEN_TO_OTHERS: u32 = 0o077;

impl KeySource {
    /// A file that was named, else `TOOLGATE_KEY`, else the state directory's own file.
    pub fn find(state: &Path, file: Option<&Path>) -> Self {
        match (file, std::env::var(VARIABLE)) {
            (Some(file), _) => Self::File(file.to_owned()),
            (None, Ok(text)) => Self::Environment(text),
            (None, Err(_)) => Self::File(state.join(FILE)),
        }
    }

    pub(super) fn keys(&self) -> Result<Keys, SealError> {
        match self {
            Self::Environment(text) => parse(text, VARIABLE),
            Self::File(path) => {
                if !path.exists() {
                    make(path).map_err(|error| unusable(path, &error))?;
                }
                read(path)
            }
        }
    }

    /// A new key in front of the others. In the environment, the operator has put it there.
    pub(super) fn add(&self) -> Result<Keys, SealError> {
        let mut keys = self.keys()?;
        match self {
            Self::Environment(_) if keys.len() > 1 => {}
            Self::Environment(_) => {
                return Err(wrong(format!(
                    "`{VARIABLE}` is not ours to change; put a new key in front of the old one, \
                     with a comma between"
                )));
            }
            Self::File(path) => {
                keys.insert(0, random()?);
                replace(path, &keys).map_err(|error| unusable(path, &error))?;
            }
        }
        Ok(keys)
    }

    pub(super) fn keep_newest(&self) -> Result<Keys, SealError> {
        let mut keys = self.keys()?;
        if let Self::File(path) = self {
            keys.truncate(1);
            replace(path, &keys).map_err(|error| unusable(path, &error))?;
        }
        Ok(keys)
    }
}

fn read(path: &Path) -> Result<Keys, SealError> {
    let mut file = File::open(path).map_err(|error| unusable(path, &error))?;
    let found = file.metadata().map_err(|error| unusable(path, &error))?;
    let shown = path.display();
    if found.mode() & OPEN_TO_OTHERS != 0 {
        let what = format!("`{shown}` can be read by other users; run `chmod 600 {shown}`");
        return Err(wrong(what));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unusable(path, &error))?;
    parse(&text, &shown.to_string())
}

/// The text is never repeated: it is the secret.
fn parse(text: &str, place: &str) -> Result<Keys, SealError> {
    let words = text.split([',', '\n', '\r', ' ', '\t']).filter(|word| !word.is_empty());
    let key = |word: &str| STANDARD.decode(word).ok()?.try_into().ok();
    match words.map(key).collect::<Option<Keys>>() {
        Some(keys) if !keys.is_empty() => Ok(keys),
        Some(_) | None => Err(wrong(format!(
            "`{place}` must hold 32 random bytes in base64, such as `openssl rand -base64 32` \
             prints"
        ))),
    }
}

fn random() -> Result<[u8; KEY_LEN], SealError> {
    let mut secret = [0; KEY_LEN];
    getrandom::fill(&mut secret).map_err(|error| wrong(format!("no random numbers: {error}")))?;
    Ok(secret)
}

/// Whole or not at all; somebody else's file, made at the same time, stands.
fn make(path: &Path) -> io::Result<()> {
    let secret = random().map_err(|error| io::Error::other(error.to_string()))?;
    let beside = write_beside(path, &[secret])?;
    let made = match fs::hard_link(&beside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    };
    fs::remove_file(&beside)?;
    made?;
    sync_folder(path)
}

fn replace(path: &Path, keys: &[[u8; KEY_LEN]]) -> io::Result<()> {
    let beside = write_beside(path, keys)?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

fn write_beside(path: &Path, keys: &[[u8; KEY_LEN]]) -> io::Result<PathBuf> {
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).map_err(|error| io::Error::other(error.to_string()))?;
    let beside = path.with_extension(format!("{:016x}", u64::from_le_bytes(unique)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    for key in keys {
        writeln!(file, "{}", STANDARD.encode(key))?;
    }
    file.sync_all()?;
    Ok(beside)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

fn unusable(path: &Path, error: &io::Error) -> SealError {
    wrong(format!("`{}`: {error}", path.display()))
}

fn wrong(what: String) -> SealError {
    SealError::Key { what }
}
