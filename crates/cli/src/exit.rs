//! How a command ends: its exit code, and one line about what went wrong.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::json::Object;

/// The exit codes. Scripts rely on them: they are documented in `docs/operate.md` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Ok = 0,
    Unexpected = 1,
    Usage = 2,
    /// Something is as grave as `--fail-on` says.
    Findings = 3,
    /// The server cannot be started or reached.
    Unreachable = 4,
    /// A policy that cannot be read, or has errors.
    Policy = 6,
    /// The audit log or the counters cannot be used.
    State = 7,
    /// The audit log was changed behind our back.
    Tampered = 8,
}

impl Exit {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Findings => "findings",
            Self::Unreachable => "unreachable",
            Self::Policy => "policy",
            Self::State => "state",
            Self::Tampered => "tampered",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that could not do its work. The text is one line: what, where, how to mend.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }

    /// The line for standard error: for a person, or as JSON.
    pub(crate) fn line(&self, json: bool) -> String {
        let text = self.text.replace(['\n', '\r'], " ");
        if !json {
            return format!("toolgate: {text}");
        }
        let error = Object::new()
            .plain("exit", self.exit as u8)
            .text("kind", self.exit.name())
            .text("text", &text)
            .finish();
        Object::new().plain("version", 1).raw("error", error).finish()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writing to standard output failed. A reader that has seen enough (`| head`) is no failure.
impl From<toolgate_store::OpenError> for Failure {
    fn from(error: toolgate_store::OpenError) -> Self {
        Self::new(Exit::State, error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Ok, String::new());
        }
        Self::new(Exit::Unexpected, format!("cannot write to standard output: {error}"))
    }
}
