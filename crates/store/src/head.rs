//! The head, kept apart from the log: what its newest entry was, as one line of JSON.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use crate::chain::{ChainId, Hash, from_hex, hex};

/// The newest entry of a log at some time. Whoever keeps one elsewhere can later tell whether
/// anything up to it was changed, removed or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub chain: ChainId,
    pub seq: u64,
    pub hash: Hash,
}

/// The file of the newest head. One write of a fixed size replaces it, so a reader sees one
/// head or the other; after a crash it may lag one commit behind.
pub(crate) struct HeadFile {
    file: File,
    boot: String,
    line: Vec<u8>,
}

/// A head as the file has it, with the boot in which it was written.
pub(crate) struct Kept {
    pub(crate) head: Head,
    pub(crate) boot: String,
}

const LINE_LENGTH: usize = 256;

impl Head {
    /// Reads `{"chain":…,"seq":…,"hash":…}`; other members are ignored.
    pub fn parse(line: &str) -> Option<Self> {
        Kept::parse(line).map(|kept| kept.head)
    }

    pub fn to_json(&self) -> String {
        format!(r#"{{"chain":"{}","seq":{},"hash":"{}"}}"#, self.chain, self.seq, hex(&self.hash))
    }
}

impl Kept {
    fn parse(line: &str) -> Option<Self> {
        let document = Document::parse(Bytes::copy_from_slice(line.as_bytes()), Reading::Strict);
        let document = document.ok()?;
        let text = |key| document.root().get(key)?.as_str();
        let head = Head {
            chain: ChainId::parse(&text("chain")?)?,
            seq: document.root().get("seq")?.as_number()?.parse().ok()?,
            hash: from_hex(&text("hash")?)?,
        };
        Some(Self { head, boot: text("boot").unwrap_or_default().into_owned() })
    }

    /// Nothing if there is no such file; an error if it holds no head.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        match std::fs::read_to_string(path) {
            Ok(text) if text.is_empty() => Ok(None),
            Ok(text) => {
                let kept = Self::parse(&text).ok_or(io::ErrorKind::InvalidData)?;
                Ok(Some(kept))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl HeadFile {
    pub(crate) fn open(path: &Path, boot: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let boot = boot.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        Ok(Self { file, boot, line: Vec::with_capacity(LINE_LENGTH) })
    }

    pub(crate) fn boot(&self) -> &str {
        &self.boot
    }

    pub(crate) fn write(&mut self, head: &Head) -> io::Result<()> {
        let json = head.to_json();
        self.line.clear();
        self.line.extend_from_slice(json.strip_suffix('}').unwrap_or(&json).as_bytes());
        self.line.extend_from_slice(br#","boot":""#);
        self.line.extend_from_slice(self.boot.as_bytes());
        self.line.extend_from_slice(br#""}"#);
        self.line.resize(LINE_LENGTH - 1, b' ');
        self.line.push(b'\n');
        self.file.write_all_at(&self.line, 0)
    }
}
