//! Finding the binaries of this workspace from inside a test.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The path of a built binary of this crate: `sentinel`, `naive-proxy`, `echo-server`.
///
/// Under cargo it is brought up to date first, since cargo builds only the binaries of the crate
/// whose tests it runs; elsewhere it must lie beside the running executable.
pub fn bin(name: &str) -> PathBuf {
    built("toolgate-testkit", name)
}

/// The path of the built `toolgate`.
pub fn toolgate_bin() -> PathBuf {
    built("toolgate", "toolgate")
}

fn built(package: &str, name: &str) -> PathBuf {
    static BUILT: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    // Cargo sets this where the binary belongs to the crate under test.
    if let Some(path) = env::var_os(format!("CARGO_BIN_EXE_{name}")) {
        return path.into();
    }
    let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if let Some(path) = built.get(name) {
        return path.clone();
    }
    let folder = folder();
    if let Some(cargo) = env::var_os("CARGO") {
        build(&cargo, &folder, package, name);
    }
    let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "no `{}`: run `cargo build -p {package}`", path.display());
    built.insert(name.to_owned(), path.clone());
    path
}

/// The folder of the profile that the running executable was built with.
#[expect(clippy::expect_used, reason = "every test runs from a file in a folder")]
fn folder() -> PathBuf {
    let executable = env::current_exe().expect("the running executable has a path");
    let folder = executable.parent().expect("the executable lies in a folder");
    let inner = folder.ends_with("deps") || folder.ends_with("examples");
    if inner { folder.parent().unwrap_or(folder).to_owned() } else { folder.to_owned() }
}

#[expect(clippy::panic, reason = "without the binary no test can mean anything")]
fn build(cargo: &std::ffi::OsStr, folder: &Path, package: &str, name: &str) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", package, "--bin", name, "--profile", profile])
        .arg("--target-dir")
        .arg(folder.parent().unwrap_or(folder))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            panic!("`{name}` does not build: {}", String::from_utf8_lossy(&output.stderr))
        }
        Err(error) => panic!("cargo does not run: {error}"),
    }
}
