//! The policies that a call is explained by.

use std::path::Path;
use std::sync::Arc;

use toolgate_gateway::revision;
use toolgate_policy::Layers;
use toolgate_policy::document::{self, Examined};
use toolgate_store::{DirectoryReader, PolicyText};

use crate::exit::{Exit, Failure};
use crate::{output, policy_text};

/// One policy with its places.
pub(super) struct Source {
    /// Its file, or the name it is stored under.
    pub(super) name: String,
    pub(super) revision: String,
    pub(super) examined: Examined,
}

impl Source {
    pub(super) fn of_file(path: &Path) -> Result<Self, Failure> {
        let (name, text) = policy_text::load(path)?;
        Self::read(name, None, &text)
    }

    pub(super) fn of_stored(policy: &PolicyText) -> Result<Self, Failure> {
        let revision = format!("{}@{}", policy.name, policy.revision);
        Self::read(policy.name.clone(), Some(revision), &policy.text)
    }

    /// A policy whose tests fail can be explained: that is when it is needed most.
    fn read(name: String, stored: Option<String>, text: &str) -> Result<Self, Failure> {
        let (examined, _) = document::examine(&name, text).map_err(|errors| {
            output::tell(document::render(&errors, text, output::colour()).trim_end());
            Failure::new(Exit::Policy, format!("the policy `{name}` has errors"))
        })?;
        let failed = examined.trials.iter().filter(|trial| !trial.passed()).count();
        if failed > 0 {
            output::tell(&format!(
                "toolgate: {failed} of the tests of `{name}` fail, so it is not put in force; \
                 `toolgate test` shows them"
            ));
        }
        let revision = stored.unwrap_or_else(|| revision(&examined.policy));
        Ok(Self { name, revision, examined })
    }
}

pub(super) fn layers(sources: &[Source]) -> Layers {
    Layers::new(sources.iter().map(|source| Arc::clone(&source.examined.policy)).collect())
}

/// What `--policy` names: a file, or a stored policy.
pub(super) fn named(
    given: &str,
    state: impl FnOnce() -> Result<DirectoryReader, Failure>,
) -> Result<Source, Failure> {
    let path = Path::new(given);
    if path.exists() || given == "-" || given.contains(['/', '.']) {
        return Source::of_file(path);
    }
    newest(given, &state()?)
}

pub(super) fn newest(name: &str, reader: &DirectoryReader) -> Result<Source, Failure> {
    let all = reader.revisions(name)?;
    let newest = all.last().ok_or_else(|| {
        let name = output::visible(name);
        let text = format!(
            "there is no policy `{name}`: no such file, and none is stored under that name; \
             `toolgate policy list` has them all"
        );
        Failure::new(Exit::Usage, text)
    })?;
    Source::of_stored(newest)
}
