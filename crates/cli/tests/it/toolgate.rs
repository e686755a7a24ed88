//! Runs `toolgate` and looks at what came of it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread};

use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_toolgate");

/// A directory to run in, and what to run with.
pub(crate) struct Toolgate {
    place: TempDir,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    env: Vec<(&'static str, OsString)>,
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Toolgate {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        Self { place, args: Vec::new(), stdin: Vec::new(), env: Vec::new() }
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    /// Takes the place of earlier arguments.
    pub(crate) fn args<A: Into<OsString> + Clone>(mut self, args: &[A]) -> Self {
        self.args = args.iter().cloned().map(Into::into).collect();
        self
    }

    /// The arguments of a line; what stands between single quotes is one.
    pub(crate) fn line(self, line: &str) -> Self {
        self.args(&words(line))
    }

    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn place(&self) -> &Path {
        self.place.path()
    }

    /// Ready to start: with a home of its own and no settings from outside.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(&self.args)
            .current_dir(self.place.path())
            .env("HOME", self.place.path())
            .env("TZ", "UTC")
            .env_remove("TOOLGATE_STATE")
            .env_remove("XDG_STATE_HOME")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self) -> Ran {
        run(self.command(), &self.stdin)
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (None, false);
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_with(String::new);
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    words
}

pub(crate) fn run(mut command: Command, stdin: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A program that does not read its input is none of our business.
    let writer = thread::spawn(move || drop(input.write_all(&stdin)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        let Self { stdout, stderr, .. } = self;
        assert_eq!(self.code, Some(code), "\nstdout: {stdout}\nstderr: {stderr}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(self.stdout.contains(part), "no `{part}` in\n{}", self.stdout);
        self
    }

    #[track_caller]
    pub(crate) fn warns(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "no `{part}` in\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn is_silent(&self) -> &Self {
        assert_eq!(self.stdout, "");
        self
    }

    /// The last line of standard error says it all: what is wrong and how to mend it.
    #[track_caller]
    pub(crate) fn fails_in_one_line(&self, code: i32, part: &str) -> &Self {
        self.exits(code).is_silent().warns(part);
        let last = self.stderr.lines().last().unwrap();
        assert!(last.starts_with("toolgate: ") && last.contains(part), "{}", self.stderr);
        self
    }
}
