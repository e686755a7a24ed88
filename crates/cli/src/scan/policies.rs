//! The recommended policies, as files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toolgate_catalog::Form;

use super::files;
use super::next::file_name;
use super::report::Report;
use crate::exit::{Exit, Failure};
use crate::output;

/// Where they go: one file for each server, in the order of the servers.
#[derive(Debug)]
pub(crate) struct Policies {
    folder: Option<PathBuf>,
    files: Vec<PathBuf>,
    pub(crate) form: Form,
}

impl Policies {
    /// Fails where writing is bound to fail, before anything is started.
    pub(crate) fn plan(
        out: &Path,
        servers: &[&str],
        many: bool,
        force: bool,
    ) -> Result<Self, Failure> {
        let form = form(out);
        let shown = out.display();
        let usage = |text: String| Failure::new(Exit::Usage, text);
        let planned = match (many, form) {
            (false, Some(form)) => Self { folder: None, files: vec![out.to_owned()], form },
            (false, None) => {
                return Err(usage(format!(
                    "`--policy {shown}`: end it with `.yaml` or `.json`, one of the two notations"
                )));
            }
            (true, Some(_)) => {
                return Err(usage(format!(
                    "`--policy {shown}`: each server has a policy of its own; name a folder, as \
                     `policies/`"
                )));
            }
            (true, None) if out.is_file() => {
                return Err(usage(format!("`--policy {shown}` is a file; name a folder")));
            }
            (true, None) => Self {
                folder: Some(out.to_owned()),
                files: names(servers).into_iter().map(|name| out.join(name)).collect(),
                form: Form::Yaml,
            },
        };
        for path in &planned.files {
            // A folder that is not there is made.
            if planned.folder.as_ref().is_none_or(|folder| folder.is_dir()) {
                files::check(path, force)?;
            }
        }
        Ok(planned)
    }

    /// Writes those of all servers that have tools, and says where.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        if let Some(folder) = &self.folder {
            fs::create_dir_all(folder).map_err(|error| {
                let text = format!("`{}` cannot be made: {error}", folder.display());
                Failure::new(Exit::Unexpected, text)
            })?;
        }
        for (server, path) in report.servers.iter().zip(&self.files) {
            let policy = server.outcome.as_ref().ok().and_then(|seen| seen.policy.as_ref());
            let Some(policy) = policy else { continue };
            files::write(path, policy)?;
            output::tell(&format!("toolgate: wrote {}", path.display()));
        }
        Ok(())
    }
}

/// By the ending.
fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "json" => Some(Form::Json),
        "yaml" | "yml" => Some(Form::Yaml),
        _ => None,
    }
}

/// One for each server, none of them twice.
fn names(servers: &[&str]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |server: &&str| {
        let name = file_name(server);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut free = [name.clone()].into_iter().chain(numbered);
        let name = free.find(|name| taken.insert(name.to_lowercase())).unwrap_or(name);
        format!("{name}.yaml")
    };
    servers.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_a_file_of_its_own() {
        assert_eq!(
            names(&["a/b", "a-b", "A-b", "c"]),
            ["a-b.yaml", "a-b-2.yaml", "A-b-3.yaml", "c.yaml"]
        );
    }

    #[test]
    fn one_server_wants_a_file_and_several_a_folder() {
        for (out, many, said) in [
            ("policy", false, "`.yaml`"),
            ("policy.txt", false, "`.yaml`"),
            ("policy.yaml", true, "name a folder"),
            ("no/such/policy.yaml", false, "no such folder"),
        ] {
            let failure = Policies::plan(Path::new(out), &["a"], many, false).unwrap_err();
            assert!(failure.text.contains(said), "{out}: {}", failure.text);
        }
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("policies");
        let planned = Policies::plan(&out, &["a", "b"], true, false).unwrap();
        assert_eq!(planned.files, [out.join("a.yaml"), out.join("b.yaml")]);
        fs::create_dir(&out).unwrap();
        fs::write(out.join("b.yaml"), "mine").unwrap();
        let failure = Policies::plan(&out, &["a", "b"], true, false).unwrap_err();
        assert!(failure.text.contains("b.yaml") && failure.text.contains("`--force`"));
        assert!(Policies::plan(&out, &["a", "b"], true, true).is_ok());
    }
}
