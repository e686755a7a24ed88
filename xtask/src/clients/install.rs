//! Installs the SDKs, once, from the package registries that pip, npm and cargo are set up for.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::place::{Place, sources, tests};
use crate::{Result, command};

struct Part {
    /// The folder under `target/clients`.
    name: &'static str,
    what: &'static str,
    /// It is installed anew whenever this file of `tests` changes.
    manifest: &'static str,
    install: fn(&Place, &Path) -> Result,
}

const PYTHON_1: Part = Part {
    name: "python-1",
    what: "Python SDK, 1.x line (PyPI, about 60 MB)",
    manifest: "clients/python/requirements-1.txt",
    install: environment,
};

const PYTHON_2: Part = Part {
    name: "python-2",
    what: "Python SDK, 2.x line, mcp-server-git and -time (PyPI, about 70 MB)",
    manifest: "clients/python/requirements-2.txt",
    install: environment,
};

const NEWER_NODE: Part = Part {
    name: "newer-node",
    what: "Node.js 24, for the Inspector and the conformance suite (PyPI, about 200 MB)",
    manifest: "clients/python/requirements-node.txt",
    install: newer_node,
};

const NODE: Part = Part {
    name: "node",
    what: "TypeScript SDKs, Inspector, server-everything, -filesystem, -memory (npm, about 150 MB)",
    manifest: "clients/node/package-lock.json",
    install: packages,
};

const CONFORMANCE: Part = Part {
    name: "conformance",
    what: "the official conformance suite (npm, about 60 MB)",
    manifest: "conformance/package-lock.json",
    install: packages,
};

const SITE: Part = Part {
    name: "python-site",
    what: "Playwright, which drives a browser (PyPI, about 130 MB)",
    manifest: "clients/python/requirements-site.txt",
    install: environment,
};

const CONSOLE: Part = Part {
    name: "console",
    what: "axe-core, which checks pages for accessibility (npm, about 3 MB)",
    manifest: "console/package-lock.json",
    install: packages,
};

const OPENAPI: Part = Part {
    name: "python-openapi",
    what: "schemathesis, which asks an API by its own document (PyPI, about 60 MB)",
    manifest: "clients/python/requirements-openapi.txt",
    install: environment,
};

const OTLP: Part = Part {
    name: "python-otlp",
    what: "OpenTelemetry's protobuf definitions (PyPI, about 20 MB)",
    manifest: "clients/python/requirements-otlp.txt",
    install: environment,
};

/// What the clients and the servers on the official SDKs need, and their scripts.
pub(crate) fn run(place: &Place) -> Result {
    install(place, &[PYTHON_1, PYTHON_2, NEWER_NODE, NODE])?;
    copy_scripts(&sources().join("python"), &place.path("python"))?;
    copy_scripts(&sources().join("node"), &place.path("node"))
}

/// What the conformance suite needs, and its server.
pub(crate) fn conformance(place: &Place) -> Result {
    install(place, &[PYTHON_1, NEWER_NODE, CONFORMANCE])?;
    copy_scripts(&tests().join("conformance"), &place.path("conformance"))
}

/// What drives a browser.
pub(crate) fn browser(place: &Place) -> Result {
    install(place, &[SITE])
}

/// What drives the console: a browser, a client, checkers of pages and of the API.
pub(crate) fn console(place: &Place) -> Result {
    install(place, &[SITE, PYTHON_1, CONSOLE, OPENAPI])
}

/// What the collector needs.
pub(crate) fn otlp(place: &Place) -> Result {
    install(place, &[OTLP])
}

/// Says what is missing and installs it.
fn install(place: &Place, parts: &[Part]) -> Result {
    let missing: Vec<&Part> = parts.iter().filter(|part| !is_installed(place, part)).collect();
    announce(place, &missing);
    for part in missing {
        let folder = place.path(part.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        eprintln!("installing {}", part.what);
        (part.install)(place, &tests().join(part.manifest))?;
        fs::copy(tests().join(part.manifest), stamp(place, part))?;
    }
    Ok(())
}

fn announce(place: &Place, missing: &[&Part]) {
    if !missing.is_empty() {
        eprintln!("To install into {}:", place.root().display());
    }
    for part in missing {
        eprintln!("  {}", part.what);
    }
}

/// Builds the pair on the Rust SDK and, if wanted, the gate and its sentinel.
pub(crate) fn build(place: &Place, with_gate: bool) -> Result {
    eprintln!("building the client and the server on the Rust SDK");
    let manifest = sources().join("rmcp/Cargo.toml");
    command::run(
        command::cargo()
            .args(["build", "--quiet", "--locked", "--manifest-path"])
            .arg(manifest)
            .arg("--target-dir")
            .arg(place.path("rmcp")),
    )?;
    if !with_gate {
        return Ok(());
    }
    gate(place)
}

/// Builds the gate and its sentinel.
pub(crate) fn gate(place: &Place) -> Result {
    eprintln!("building the gate");
    let parts = ["--package=toolgate", "--package=toolgate-testkit", "--bins"];
    let release = place.is_released().then_some("--release");
    command::run(command::cargo().args(["build", "--quiet"]).args(parts).args(release))
}

fn is_installed(place: &Place, part: &Part) -> bool {
    let wanted = fs::read(tests().join(part.manifest));
    matches!((fs::read(stamp(place, part)), wanted), (Ok(has), Ok(wanted)) if has == wanted)
}

/// Written last: its presence says that the installation came to its end.
fn stamp(place: &Place, part: &Part) -> std::path::PathBuf {
    place.path(part.name).join("installed")
}

/// A virtual environment in the folder that is called like the manifest.
fn environment(place: &Place, manifest: &Path) -> Result {
    let name = manifest.file_stem().unwrap_or_default().to_string_lossy();
    let folder = place.path(name.replace("requirements", "python"));
    command::run(python3().args(["-m", "venv"]).arg(&folder))?;
    command::run(pip(&folder.join("bin/python")).arg("--requirement").arg(manifest))
}

fn newer_node(place: &Place, manifest: &Path) -> Result {
    let folder = place.path("newer-node");
    command::run(
        pip(&place.python(1)).arg("--target").arg(folder).arg("--requirement").arg(manifest),
    )
}

/// The packages of the lock file, into the folder that is called like the one it is in.
fn packages(place: &Place, lock: &Path) -> Result {
    let from = lock.parent().unwrap_or(lock);
    let folder = place.path(from.file_name().unwrap_or_default());
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(from.join(name), folder.join(name))?;
    }
    command::run(npm("npm", place).args(["ci", "--loglevel=error"]).current_dir(&folder))
}

/// npm or npx, with their cache among the rest of what is installed.
pub(crate) fn npm(program: &str, place: &Place) -> Command {
    let mut command = Command::new(program);
    command.env("npm_config_cache", place.path("npm-cache"));
    command.env("npm_config_prefer_offline", "true").env("npm_config_update_notifier", "false");
    command
}

fn python3() -> Command {
    Command::new("python3")
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    command
}

/// A script finds its packages where it lies; so the scripts go to the packages.
fn copy_scripts(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let is_script = path.extension().is_some_and(|end| end == "py" || end == "mjs");
        if let Some(name) = path.file_name().filter(|_| is_script) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
