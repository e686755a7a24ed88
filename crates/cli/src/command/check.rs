//! `check`: every mistake of a policy or a configuration, at once.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use toolgate_policy::document::{self, Diagnostic, Severity};

use crate::args::CheckArgs;
use crate::config;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::output;

pub(super) fn execute(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let mut policies: Vec<Checked> =
        args.files.iter().map(|file| Checked::policy(file)).collect::<Result<_, _>>()?;
    let config = args.config.as_deref().map(Checked::config).transpose()?;
    let (config, named) = config.unzip();
    if let Some(path) = named.flatten() {
        policies.push(Checked { is_named: true, ..Checked::policy(&path)? });
    }
    if args.json {
        output::print(&envelope(&policies, config.as_ref()))?;
    } else {
        for document in policies.iter().chain(&config) {
            document.tell(args.print)?;
        }
    }
    let valid = policies.iter().chain(&config).all(|document| document.canonical.is_some());
    Ok(if valid { Exit::Ok } else { Exit::Policy }.into())
}

/// One document and what was found in it.
struct Checked {
    name: String,
    text: String,
    findings: Vec<Diagnostic>,
    /// Nothing if the document has errors.
    canonical: Option<String>,
    /// Another document names it; nobody asked to see it.
    is_named: bool,
}

impl Checked {
    fn policy(path: &Path) -> Result<Self, Failure> {
        let (name, text) = read(path, "policy")?;
        let (canonical, findings) = match document::read(&name, &text) {
            Ok((policy, remarks)) => (Some(policy.canonical().to_owned()), remarks),
            Err(errors) => (None, errors),
        };
        Ok(Self { name, text, findings, canonical, is_named: false })
    }

    /// Also the policy that it names. A text on standard input stands in no folder, so what it
    /// refers to is not looked at.
    fn config(path: &Path) -> Result<(Self, Option<PathBuf>), Failure> {
        let (name, text) = read(path, "configuration")?;
        let folder = config::folder_of(path)
            .map_err(|error| Failure::new(Exit::Policy, format!("{name}: {error}")))?;
        let (read, named) = if path == Path::new("-") {
            (config::read_text(&name, &text, Some(&folder)), None)
        } else {
            config::check_text(&name, &text, &folder)
        };
        let (canonical, findings) = match read {
            Ok((config, remarks)) => (Some(config.json()), remarks),
            Err(errors) => (None, errors),
        };
        Ok((Self { name, text, findings, canonical, is_named: false }, named))
    }

    /// Findings go to standard error, what was asked for to standard output.
    fn tell(&self, print: bool) -> Result<(), Failure> {
        if !self.findings.is_empty() {
            let findings = document::render(&self.findings, &self.text, output::colour());
            output::tell(findings.trim_end());
        }
        match &self.canonical {
            Some(_) if print && self.is_named => Ok(()),
            Some(canonical) if print => output::print(&json::indented(canonical)),
            Some(_) => output::print(&format!("{}: ok{}\n", self.name, self.remarks())),
            None => {
                let count = self.count(Severity::Error);
                output::tell(&format!("toolgate: {}: {}", self.name, counted(count, "error")));
                Ok(())
            }
        }
    }

    fn remarks(&self) -> String {
        let of = |severity, word| match self.count(severity) {
            0 => String::new(),
            count => format!(", {}", counted(count, word)),
        };
        of(Severity::Warning, "warning") + &of(Severity::Note, "note")
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn json(&self) -> String {
        Object::new()
            .text("file", &self.name)
            .plain("valid", self.canonical.is_some())
            .raw("diagnostics", json::array(self.findings.iter().map(Diagnostic::json)))
            .finish()
    }
}

fn read(path: &Path, what: &str) -> Result<(String, String), Failure> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        ("<stdin>".to_owned(), read)
    } else {
        (path.display().to_string(), fs::read(path))
    };
    let failure = |what: String| Failure::new(Exit::Policy, what);
    let bytes = bytes.map_err(|e| failure(format!("cannot read the {what} `{name}`: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        failure(format!("the {what} `{name}` is not UTF-8 at byte {at}; save it as UTF-8"))
    })?;
    Ok((name, text))
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn envelope(policies: &[Checked], config: Option<&Checked>) -> String {
    let policies = json::array(policies.iter().map(Checked::json));
    let envelope = Object::new().plain("version", 1).raw("policies", policies);
    envelope.maybe_raw("config", config.map(Checked::json)).finish() + "\n"
}
