//! The commands that the tasks run, and where they run them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use toolgate_json::{Document, Reading, Value};

use crate::Result;

/// The root of the workspace.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo puts what it builds.
pub fn target_directory() -> Result<PathBuf> {
    let metadata = cargo_metadata()?;
    let directory = metadata.root().get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(&*directory.ok_or("cargo metadata names no target directory")?))
}

/// `cargo metadata` of the workspace's own packages.
pub fn cargo_metadata() -> Result<Document> {
    let text = output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--offline"]))?;
    Document::parse(text.into(), Reading::Plain)
        .map_err(|error| format!("cargo metadata is not JSON: {error:?}").into())
}

/// The cargo that runs us, in the root of the workspace.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Runs the command with our own stdout and stderr.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", shown(command)).into()) }
}

/// Runs the command and returns what it printed on stdout.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    if !output.status.success() {
        return Err(format!("{}: {}", shown(command), output.status).into());
    }
    Ok(output.stdout)
}

/// Whether the program is installed: it starts and exits with success.
pub fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
