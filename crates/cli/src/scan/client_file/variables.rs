//! Variables in clients' configurations, as the clients fill them in.

use std::env;
use std::path::Path;

/// Where a text stands that may have variables in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// The folder that a project's file belongs to.
    pub(super) workspace: &'a Path,
    /// `$NAME` is a variable too (Gemini CLI).
    pub(super) bare: bool,
}

impl Scope<'_> {
    /// `${NAME}`, `${NAME:-default}` (Claude Code), `${env:NAME}` (Cursor, VS Code, Windsurf),
    /// `{env:NAME}` (`OpenCode`), `${workspaceFolder}`, `${userHome}`.
    pub(super) fn fill_in(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['$', '{']) {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let opening = ["${", "{env:"].into_iter().find(|opening| from.starts_with(opening));
            let braced = opening.and_then(|opening| from[opening.len()..].split_once('}'));
            if let Some((inside, behind)) = braced {
                filled.push_str(&self.value(inside)?);
                rest = behind;
            } else if let Some((name, behind)) = bare(from).filter(|_| self.bare) {
                filled.push_str(&variable(name)?);
                rest = behind;
            } else {
                filled.push_str(&from[..1]);
                rest = &from[1..];
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, inside: &str) -> Result<String, String> {
        let folder = || self.workspace.to_string_lossy().into_owned();
        match inside {
            "workspaceFolder" | "workspaceRoot" => return Ok(folder()),
            "workspaceFolderBasename" => {
                let name = self.workspace.file_name().unwrap_or_default();
                return Ok(name.to_string_lossy().into_owned());
            }
            "userHome" => return variable("HOME"),
            "pathSeparator" | "/" => return Ok("/".to_owned()),
            _ => {}
        }
        if let Some(id) = inside.strip_prefix("input:") {
            return Err(format!("it needs the input `{id}`, which only its client asks for"));
        }
        if let Some((name, default)) = inside.split_once(":-") {
            return Ok(variable(name).unwrap_or_else(|_| default.to_owned()));
        }
        variable(inside.strip_prefix("env:").unwrap_or(inside))
    }
}

/// `$NAME` at the start of a text, and what is behind it.
fn bare(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
    (end > 0 && !rest.starts_with(|c: char| c.is_ascii_digit())).then(|| rest.split_at(end))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("it needs the environment variable `{name}`; set it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_variable_is_filled_in() {
        let scope = Scope { workspace: Path::new("/srv/shop"), bare: false };
        let home = env::var("HOME").unwrap();
        for (text, filled) in [
            ("${HOME}/x", format!("{home}/x")),
            ("a ${env:HOME} b", format!("a {home} b")),
            ("{env:HOME}", home.clone()),
            ("${NOT_SET_ANYWHERE:-de fault}", "de fault".to_owned()),
            ("${workspaceFolder}/a", "/srv/shop/a".to_owned()),
            ("${workspaceFolderBasename}", "shop".to_owned()),
            ("pa$$word {x} ${", "pa$$word {x} ${".to_owned()),
            ("$HOME", "$HOME".to_owned()),
        ] {
            assert_eq!(scope.fill_in(text).unwrap(), filled, "{text}");
        }
        let gemini = Scope { bare: true, ..scope };
        assert_eq!(gemini.fill_in("$HOME/x$1").unwrap(), format!("{home}/x$1"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let scope = Scope { workspace: Path::new("/"), bare: false };
        let said = scope.fill_in("${env:NOT_SET_ANYWHERE}").unwrap_err();
        assert!(said.contains("`NOT_SET_ANYWHERE`"), "{said}");
        let said = scope.fill_in("Bearer ${input:token}").unwrap_err();
        assert!(said.contains("`token`"), "{said}");
    }
}
