//! Where a secret is found.

use std::fmt;
use std::path::PathBuf;

use toolgate_policy::document::outline::{Node, Text, Value};

use super::form::{Fault, Reads};
use super::path::check_path;
use crate::json;

/// Whether what is written may show secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// For the store.
    All,
    /// For people and logs.
    NoSecrets,
}

/// `env:VARIABLE`, `file:PATH`, or the value itself.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    Env(String),
    File(PathBuf),
    Plain(String),
    /// Kept in the state directory under this name, sealed.
    Sealed(String),
}

/// In front of the name of a secret that the console was given.
const SEALED: &str = "sealed:";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "env:{variable}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Plain(_) => f.write_str("Plain(…)"),
            Self::Sealed(name) => write!(f, "{SEALED}{name}"),
        }
    }
}

impl Secret {
    pub(crate) fn json(&self, show: Show) -> String {
        match self {
            Self::Env(variable) => json::string(&format!("env:{variable}")),
            Self::File(path) => json::string(&format!("file:{}", path.display())),
            Self::Plain(text) if show == Show::All => json::string(text),
            Self::Plain(_) => json::string("…"),
            Self::Sealed(name) => json::string(&format!("{SEALED}{name}")),
        }
    }
}

/// How a secret, or a value that may be one, is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// Whether the value itself may stand in the document.
    pub(crate) plain: bool,
}

impl Reads for Source {
    type Value = Secret;

    fn due(&self) -> String {
        let plain = if self.plain { "a text, " } else { "" };
        format!("{plain}`env:VARIABLE` or `file:PATH`")
    }

    /// No message repeats the value: it may be the secret itself.
    fn read(&self, node: &Node) -> Result<Secret, Fault> {
        let text = node.text().unwrap_or_default();
        if let Some(variable) = text.strip_prefix("env:") {
            if !is_variable(variable) {
                let help = "write `env:` and the name of an environment variable, as `env:API_KEY`";
                return Err(Fault::new("no variable is named behind `env:`", help));
            }
            return Ok(Secret::Env(variable.to_owned()));
        }
        if let Some(path) = text.strip_prefix("file:") {
            check_path(path)?;
            return Ok(Secret::File(PathBuf::from(path)));
        }
        if let Some(name) = text.strip_prefix(SEALED) {
            return Ok(Secret::Sealed(name.to_owned()));
        }
        if !self.plain {
            let help = "write `env:VARIABLE` or `file:PATH`, and keep it there";
            return Err(Fault::new("a secret cannot stand in the document", help));
        }
        if text.contains(['\0', '\n', '\r']) {
            let help = "write it in one line";
            return Err(Fault::new("the value holds a line break or a zero byte", help));
        }
        Ok(Secret::Plain(text.to_owned()))
    }

    fn mend(&self, node: &Node) -> Option<String> {
        let scalar = matches!(node.value, Value::Bool(_) | Value::Number(_));
        scalar.then(|| "put it in quotes".to_owned())
    }

    fn schema(&self) -> String {
        let pattern = if self.plain { "" } else { r#","pattern":"^(env|file):.""# };
        format!(r#"{{"type":"string"{pattern}}}"#)
    }
}

/// Whether `name` can be that of an environment variable.
pub(crate) fn is_variable(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && b != b'=';
    !name.is_empty() && name.bytes().all(plain)
}

/// Whether a value of this name is likely to be a secret: `Authorization`, `X-Api-Key`,
/// `GITHUB_TOKEN`.
pub(crate) fn names_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = ["auth", "authorization", "bearer", "cookie", "jwt", "key", "pat", "pwd"];
    let parts = ["apikey", "credential", "passphrase", "passwd", "password", "secret", "token"];
    lower.split(['-', '_', '.']).any(|word| words.contains(&word))
        || parts.iter().any(|part| lower.contains(part))
}

/// Whether `node` is a text that does not merely say where a secret is.
pub(crate) fn is_plain(node: &Node) -> bool {
    match &node.value {
        Value::Text(Text { text, .. }) => match text.strip_prefix("env:") {
            Some(variable) => !is_variable(variable),
            None => !text.starts_with("file:"),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in
            ["Authorization", "cookie", "X-Api-Key", "GITHUB_TOKEN", "apiKey", "db_password"]
        {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["Accept-Language", "X-Author", "MONKEY", "PATH", "X-Tenant", "LOG_LEVEL"] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn plain_values_are_never_shown() {
        let plain = Secret::Plain("hunter2".to_owned());
        assert_eq!(format!("{plain:?}"), "Plain(…)");
        assert_eq!(plain.json(Show::NoSecrets), "\"…\"");
        assert_eq!(plain.json(Show::All), "\"hunter2\"");
    }
}
