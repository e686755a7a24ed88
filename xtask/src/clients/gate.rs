//! The gate, as a client's configuration or a shell would start it.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::place::Place;
use super::process::Running;
use crate::Result;

/// What is behind the gate.
pub(crate) enum Upstream<'a> {
    Command(&'a Command),
    Url(&'a str),
}

/// `toolgate run` in front of the upstream, but for `--listen`.
pub(crate) struct Gate<'a> {
    pub(crate) place: &'a Place,
    pub(crate) policy: &'a Path,
    pub(crate) state: &'a Path,
    pub(crate) upstream: Upstream<'a>,
}

/// A gate that listens.
pub(crate) struct Listening {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) running: Running,
}

impl Gate<'_> {
    /// The words of the command; a client starts it and talks to it over stdio.
    pub(crate) fn words(&self, listen: bool) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.place.binary("toolgate").into(), "run".into()];
        words.extend(["--policy".into(), self.policy.into()]);
        words.extend(["--state".into(), self.state.into()]);
        if listen {
            words.extend(["--listen".into(), "127.0.0.1:0".into()]);
        }
        match self.upstream {
            Upstream::Url(url) => words.extend(["--url".into(), url.into()]),
            Upstream::Command(command) => {
                words.push("--".into());
                words.extend(words_of(command));
            }
        }
        words
    }

    /// Starts the gate on a free port; it and the server say their things into the file.
    pub(crate) fn listen(&self, stderr: &Path) -> Result<Listening> {
        let words = self.words(true);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        if let Upstream::Command(upstream) = self.upstream {
            command.envs(upstream.get_envs().filter_map(|(name, value)| Some((name, value?))));
        }
        let mut running = Running::start(&mut command, stderr.to_owned())?;
        let url = running.url()?;
        let token = running.said("token: ", Duration::from_secs(5))?;
        Ok(Listening { url, token, running })
    }
}

/// The program and its arguments.
pub(crate) fn words_of(command: &Command) -> Vec<OsString> {
    std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_owned).collect()
}
