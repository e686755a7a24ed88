//! What a server finds in its environment.

use std::ffi::{OsStr, OsString};

use tokio::process::Command;

use crate::options::{RunError, RunErrorKind, SecretSource};

use super::command::{CommandSpec, Variable};

/// Where things are and who the user is: no secret has its place there.
const KEPT: &[&str] =
    &["HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];
const KEPT_PREFIX: &str = "LC_";
/// Our own settings, which may name keys and tokens.
const OWN_PREFIX: &str = "TOOLGATE_";

/// Sets the environment up. Secrets are read at each start, so that a new one is used soon.
pub(super) fn prepare(command: &mut Command, spec: &CommandSpec) -> Result<(), RunError> {
    if !spec.inherit_env {
        command.env_clear();
        command.envs(std::env::vars_os().filter(|(name, _)| is_kept(name)));
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(OWN_PREFIX) {
            command.env_remove(name);
        }
    }
    for variable in &spec.env {
        command.env(&variable.name, value(variable)?);
    }
    Ok(())
}

/// Where the server's program is looked for.
pub(super) fn path(spec: &CommandSpec) -> OsString {
    let given = spec.env.iter().rev().find(|variable| variable.name == "PATH");
    match given.map(value) {
        Some(Ok(path)) => path,
        Some(Err(_)) | None => std::env::var_os("PATH").unwrap_or_default(),
    }
}

fn is_kept(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    KEPT.contains(&&*name) || name.starts_with(KEPT_PREFIX)
}

fn value(variable: &Variable) -> Result<OsString, RunError> {
    let name = &variable.name;
    let unusable = |text: String| RunError::new(RunErrorKind::Usage, text);
    match &variable.source {
        SecretSource::Plain(text) => Ok(text.into()),
        SecretSource::Env(source) => std::env::var_os(source).ok_or_else(|| {
            unusable(format!("`env.{name}`: no environment variable `{source}`; set it"))
        }),
        SecretSource::File(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| unusable(format!("`env.{name}`: {}: {error}", path.display())))?;
            Ok(text.trim_end_matches(['\r', '\n']).into())
        }
    }
}
