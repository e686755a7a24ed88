//! Installs the SDKs, once, from the package registries that pip, npm and cargo are set up for.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::place::{Place, sources};
use crate::{Result, command};

struct Part {
    /// The folder under `target/clients`.
    name: &'static str,
    what: &'static str,
    /// It is installed anew whenever this file of `tests/clients` changes.
    manifest: &'static str,
    install: fn(&Place, &Path) -> Result,
}

const PARTS: &[Part] = &[
    Part {
        name: "python-1",
        what: "Python SDK, 1.x line (PyPI, about 60 MB)",
        manifest: "python/requirements-1.txt",
        install: environment,
    },
    Part {
        name: "python-2",
        what: "Python SDK, 2.x line (PyPI, about 60 MB)",
        manifest: "python/requirements-2.txt",
        install: environment,
    },
    Part {
        name: "newer-node",
        what: "Node.js 24, for the Inspector (PyPI, about 200 MB)",
        manifest: "python/requirements-node.txt",
        install: newer_node,
    },
    Part {
        name: "node",
        what: "TypeScript SDKs, Inspector, server-everything (npm, about 140 MB)",
        manifest: "node/package-lock.json",
        install: packages,
    },
];

/// Says what is missing, installs it, and copies the scripts to where their packages are.
pub(crate) fn run(place: &Place) -> Result {
    let missing: Vec<&Part> = PARTS.iter().filter(|part| !is_installed(place, part)).collect();
    announce(place, &missing);
    for part in missing {
        let folder = place.path(part.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        println!("installing {}", part.what);
        (part.install)(place, &sources().join(part.manifest))?;
        fs::copy(sources().join(part.manifest), stamp(place, part))?;
    }
    copy_scripts(&sources().join("python"), &place.path("python"))?;
    copy_scripts(&sources().join("node"), &place.path("node"))
}

fn announce(place: &Place, missing: &[&Part]) {
    if !missing.is_empty() {
        println!("To install into {}:", place.root().display());
    }
    for part in missing {
        println!("  {}", part.what);
    }
}

/// Builds the pair on the Rust SDK and, if wanted, the gate and its sentinel.
pub(crate) fn build(place: &Place, with_gate: bool) -> Result {
    println!("building the client and the server on the Rust SDK");
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
    println!("building the gate");
    command::run(command::cargo().args([
        "build",
        "--quiet",
        "--package=toolgate",
        "--package=toolgate-testkit",
        "--bins",
    ]))
}

fn is_installed(place: &Place, part: &Part) -> bool {
    let wanted = fs::read(sources().join(part.manifest));
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

fn packages(place: &Place, _lock: &Path) -> Result {
    let folder = place.path("node");
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(sources().join("node").join(name), folder.join(name))?;
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
