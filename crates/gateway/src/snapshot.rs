//! The policy in force, as one value with its revision. A call sees exactly one.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use toolgate_policy::document::{self, Colour, Diagnostic, Severity};
use toolgate_policy::{Layers, Policy};

use crate::pins::Pins;

/// The policies as they are in force for somebody.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) policy: Layers,
    /// Of a file: the first 16 hex digits of the SHA-256 of the canonical document. Of a stored
    /// policy: its name and number.
    pub(crate) revision: Arc<str>,
    /// The directory that says so, by its newest entry; nothing for a policy from a file.
    pub(crate) directory: Option<u64>,
    /// What is pinned of the server's tools; nothing where they are not watched.
    pub(crate) pins: Option<Pins>,
    /// Nobody may be here any more: what is under way ends, and nothing is told.
    pub(crate) closed: bool,
    /// Of a file.
    text: String,
}

pub(crate) type Current = watch::Receiver<Arc<Snapshot>>;

/// What became of reading a policy file.
#[derive(Debug)]
pub(crate) enum Unread {
    /// Rendered for a person, several lines.
    Invalid(String),
    Unreadable(std::io::Error),
}

impl Snapshot {
    /// Policies of the directory, the outermost first. None allow nothing.
    pub(crate) fn stored(policy: Layers, revision: Arc<str>, directory: Option<u64>) -> Self {
        Self { policy, revision, directory, pins: None, closed: false, text: String::new() }
    }

    /// Whatever the directory comes to say.
    pub(crate) fn closed() -> Self {
        Self { closed: true, ..Self::stored(Layers::default(), "closed".into(), None) }
    }

    pub(crate) fn with_pins(self, pins: Pins) -> Self {
        Self { pins: Some(pins), ..self }
    }

    /// Reads the file once; also gives the warnings, rendered.
    pub(crate) fn read(path: &Path) -> Result<(Self, String), Unread> {
        let bytes = std::fs::read(path).map_err(Unread::Unreadable)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Unread::Invalid(format!("{}: not UTF-8", path.display())))?;
        Self::from_text(path, text)
    }

    pub(crate) fn from_text(path: &Path, text: String) -> Result<(Self, String), Unread> {
        let name = path.display().to_string();
        match document::read(&name, &text) {
            Ok((policy, told)) => {
                let revision = revision(&policy).into();
                let warned: Vec<Diagnostic> =
                    told.into_iter().filter(|told| told.severity == Severity::Warning).collect();
                let warnings = render(&warned, &text);
                let policy = Layers::from(policy);
                let stored = Self::stored(policy, revision, None);
                Ok((Self { text, ..stored }, warnings))
            }
            Err(errors) => Err(Unread::Invalid(render(&errors, &text))),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

fn render(told: &[Diagnostic], text: &str) -> String {
    document::render(told, text, Colour::Off)
}

/// What a policy from a file is called in records: 16 hexadecimal digits of its canonical form.
pub fn revision(policy: &Policy) -> String {
    let hash = Sha256::digest(policy.canonical().as_bytes());
    hash.iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
