//! The servers of an MCP client, from the file in which it keeps them.
//!
//! Read are the forms of Claude Code and Desktop, Cursor, VS Code, Codex, Gemini CLI, Windsurf and
//! Zed, those that resemble them, and toolgate's own configuration.

mod entry;
mod jsonc;
mod toml;
mod variables;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use self::entry::Entry;
use self::variables::Scope;
use super::secrets::Secrets;
use super::target::{Place, Source, Target};
use crate::config;
use crate::config::secret::Secret;
use crate::config::server::{Reach, Server};
use crate::exit::{Exit, Failure};
use crate::wire;

/// What a file names.
#[derive(Debug, Default)]
pub(crate) struct ClientFile {
    pub(crate) targets: Vec<Target>,
    /// Servers that the client does not start either, by name.
    pub(crate) disabled: Vec<String>,
}

/// Where servers stand, from the root of the document. The first that is there counts.
const PLACES: [&[&str]; 8] = [
    &["mcpServers"],
    &["context_servers"],
    &["mcp_servers"],
    &["mcp", "servers"],
    &["mcp.servers"],
    &["amp.mcpServers"],
    &["servers"],
    &["mcp"],
];
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Folders in which projects keep settings for one program.
const SETTINGS: [&str; 6] = [".codex", ".continue", ".cursor", ".gemini", ".vscode", ".zed"];

/// All servers of a file. Nothing is started.
pub(crate) fn read(path: &Path) -> Result<ClientFile, Failure> {
    let shown = path.display();
    let failed = |why: String| Failure::new(Exit::Usage, format!("`{shown}`: {why}"));
    let has_ending = |endings: &[&str]| {
        path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one))
    };
    if has_ending(&["yaml", "yml"]) {
        return own(path);
    }
    let text = text(path).map_err(failed)?;
    let json = if has_ending(&["toml"]) {
        toml::to_json(&text).map_err(failed)?.into_bytes()
    } else {
        jsonc::plain(&text)
    };
    let document = Document::parse(Bytes::from(json), Reading::Plain).map_err(|error| {
        let line = line_of(&text, error.at);
        failed(format!(
            "line {line}: {error}; a client's configuration is JSON, or TOML in `.toml`"
        ))
    })?;
    if is_own(document.root()) {
        return own(path);
    }
    let (found, names) = (ClientFile::default(), BTreeSet::new());
    let reader = Reader { path, text: &text, workspace: workspace(path), found, names };
    let file = reader.file(document.root()).ok_or_else(|| {
        let known = "`mcpServers`, `servers`, `context_servers`, `mcp_servers`";
        failed(format!("no servers in it: a client's configuration has them under {known}"))
    })?;
    if file.targets.is_empty() {
        let why = if file.disabled.is_empty() { "it names no server" } else { "all are disabled" };
        return Err(failed(why.to_owned()));
    }
    Ok(file)
}

fn text(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("it is longer than {} MiB", FILE_BYTES_MAX >> 20));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

/// From 1; `at` is in bytes.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].split(|byte| *byte == b'\n').count()
}

/// The folder of the project that a file belongs to.
fn workspace(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let inside = folder.file_name().is_some_and(|name| SETTINGS.iter().any(|one| name == *one));
    match folder.parent() {
        Some(project) if inside => project.to_owned(),
        _ => folder.to_owned(),
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    workspace: PathBuf,
    found: ClientFile,
    /// Of all that was found.
    names: BTreeSet<String>,
}

impl Reader<'_> {
    fn file(mut self, root: Value<'_>) -> Option<ClientFile> {
        let there = PLACES.iter().find_map(|place| {
            let found = place.iter().try_fold(root, |at, key| at.get(key))?;
            (found.kind() == Kind::Object).then_some(found)
        });
        for (name, entry) in there.into_iter().flat_map(Value::entries) {
            self.take(name, entry, None);
        }
        // Claude Code keeps the servers of each project beside the user's own.
        let projects = root.get("projects").into_iter().flat_map(Value::entries);
        let mut is_there = there.is_some();
        for (project, settings) in projects {
            let Some(servers) = settings.get("mcpServers") else { continue };
            is_there = true;
            let project = project.as_str();
            for (name, entry) in servers.entries() {
                self.take(name, entry, project.as_deref());
            }
        }
        is_there.then_some(self.found)
    }

    fn take(&mut self, name: Value<'_>, entry: Value<'_>, project: Option<&str>) {
        let line = line_of(self.text, name.span().start);
        let Some(name) = name.as_str() else { return };
        let entry = Entry(entry);
        if entry.is_disabled() {
            self.found.disabled.push(name.into_owned());
            return;
        }
        let workspace = project.map_or(&*self.workspace, Path::new);
        let scope = Scope { workspace, bare: self.is_of(".gemini") };
        let mut secrets = Secrets::default();
        let source = entry.read(&scope, self.is_of(".gemini"), &mut secrets);
        let source = source.map(|mut spec| {
            if project.is_some() || self.is_of_a_project() {
                entry::start_in(&mut spec, workspace);
            }
            Source::Live(Box::new(spec))
        });
        let name = unique(&name, project, &mut self.names);
        let line = if self.path.extension().is_some_and(|end| end == "toml") {
            toml::line(self.text, &name)
        } else {
            line
        };
        let place = Some(Place { file: self.path.to_owned(), line });
        self.found.targets.push(Target { name, source, place, secrets });
    }

    /// Whether the file lies in a folder of this name.
    fn is_of(&self, folder: &str) -> bool {
        self.path.parent().and_then(Path::file_name).is_some_and(|name| name == folder)
    }

    /// A project's servers start in its folder, a user's wherever the client is.
    fn is_of_a_project(&self) -> bool {
        let home = env::var_os("HOME").map(PathBuf::from);
        let inside = SETTINGS.iter().any(|folder| self.is_of(folder));
        let shared = self.path.file_name().is_some_and(|name| name == ".mcp.json");
        (inside || shared) && home.is_none_or(|home| home != self.workspace)
    }
}

/// Two projects may have servers of one name.
fn unique(name: &str, project: Option<&str>, names: &mut BTreeSet<String>) -> String {
    let folder = project.and_then(|project| Path::new(project).file_name()?.to_str());
    let mut tried = name.to_owned();
    let mut number = 1;
    while !names.insert(tried.clone()) {
        number += 1;
        tried = match folder {
            Some(folder) if number == 2 => format!("{name}@{folder}"),
            _ => format!("{name}-{number}"),
        };
    }
    tried
}

/// toolgate's own has the program and its arguments in one list.
fn is_own(root: Value<'_>) -> bool {
    let servers = root.get("servers").into_iter().flat_map(Value::entries);
    let mut commands = servers.filter_map(|(_, entry)| entry.get("command"));
    root.get("mcpServers").is_none() && commands.any(|command| command.kind() == Kind::Array)
}

/// Servers of `toolgate.yaml`.
fn own(path: &Path) -> Result<ClientFile, Failure> {
    let (config, _) =
        config::read(path).map_err(|error| Failure::new(Exit::Policy, error.to_string()))?;
    let targets = config.servers.into_iter().map(|(name, server)| of_own(name, server, path));
    let targets: Vec<Target> = targets.collect();
    if targets.is_empty() {
        let text = format!("`{}`: it names no server", path.display());
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(ClientFile { targets, disabled: Vec::new() })
}

fn of_own(name: String, server: Server, path: &Path) -> Target {
    let mut secrets = Secrets::default();
    of_settings(&server, &mut secrets);
    let mut target = Target::live(name, wire::upstream(server));
    target.place = Some(Place { file: path.to_owned(), line: 1 });
    target.secrets = secrets;
    target
}

/// What must not be shown of a server's settings.
pub(crate) fn of_settings(server: &Server, secrets: &mut Secrets) {
    let mut add = |name: &str, secret: &Secret| {
        if let Secret::Plain(value) = secret {
            secrets.add(name, value);
        }
    };
    match &server.reach {
        Reach::Command(command) => {
            command.env.iter().for_each(|(name, secret)| add(name, secret));
            secrets.add_args(&command.args);
        }
        Reach::Url(remote) => {
            remote.headers.iter().for_each(|header| add(&header.name, &header.value));
            secrets.add_url(&remote.url);
        }
    }
}

#[cfg(test)]
mod tests;
