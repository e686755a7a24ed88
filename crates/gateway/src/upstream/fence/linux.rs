//! Linux: Landlock for files and TCP, seccomp for every other socket.

#[path = "sockets.rs"]
mod sockets;

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

use crate::upstream::command::Sandbox;

/// Before it (Linux 6.2) a file that may only be read could be cut short.
const FILES: ABI = ABI::V3;
/// Where programs, libraries and their settings are, and what a process knows of itself. Another
/// process's secrets under `/proc` are out of reach: Landlock forbids tracing it.
const SYSTEM: &[&str] = &[
    "/bin",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/proc",
    "/run/systemd/resolve",
    "/sbin",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/usr",
];
const DEVICES: &[&str] = &["/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];

/// Every process but our direct child is out of reach of this.
pub(super) fn die_with_parent() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// No program gives more rights than its caller has: not `sudo`, not a set-user-id bit.
pub(super) fn keep_privileges_low() -> io::Result<()> {
    Ok(set_no_new_privs(true)?)
}

/// The superuser's rights go past Landlock here and there: with `CAP_PERFMON` every process's
/// variables can be read.
fn drop_capabilities() -> io::Result<()> {
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    Ok(set_capabilities(None, none)?)
}

/// Asks the kernel without binding ourselves.
pub(super) fn probe(sandbox: &Sandbox) -> Result<(), String> {
    ruleset(sandbox).map_err(|error| unsupported(&error))?;
    if sandbox.network { Ok(()) } else { sockets::probe() }
}

pub(super) fn apply(sandbox: &Sandbox, program: &OsStr) -> Result<(), String> {
    drop_capabilities().map_err(|error| format!("capabilities cannot be dropped: {error}"))?;
    let rules = ruleset(sandbox).map_err(|error| unsupported(&error))?;
    let rules = open(rules, sandbox, program)?;
    let status = rules.restrict_self().map_err(|error| unsupported(&error))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("the kernel has no Landlock; a sandbox needs Linux 6.2 or newer".to_owned());
    }
    if sandbox.network { Ok(()) } else { sockets::refuse() }
}

/// Nothing is allowed yet. Files are fenced in altogether or not at all; TCP and signals where the
/// kernel can, since seccomp keeps every socket from coming into being anyway.
fn ruleset(sandbox: &Sandbox) -> Result<RulesetCreated, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(FILES))?
        .set_compatibility(CompatLevel::BestEffort);
    if !sandbox.network {
        rules = rules.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    rules.scope(Scope::AbstractUnixSocket | Scope::Signal)?.create()
}

fn open(
    rules: RulesetCreated,
    sandbox: &Sandbox,
    program: &OsStr,
) -> Result<RulesetCreated, String> {
    let (all, read) = (AccessFs::from_all(FILES), AccessFs::from_read(FILES));
    let mut rules = rules;
    for path in SYSTEM.iter().map(Path::new).filter(|path| path.exists()) {
        rules = beneath(rules, path, read)?;
    }
    for path in DEVICES.iter().map(Path::new).filter(|path| path.exists()) {
        rules = beneath(rules, path, all)?;
    }
    rules = beneath(rules, Path::new(program), read)?;
    for path in &sandbox.read {
        rules = beneath(rules, path, read)?;
    }
    for path in &sandbox.write {
        rules = beneath(rules, path, all)?;
    }
    Ok(rules)
}

fn beneath(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, String> {
    let said = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
    // First, since its error has fewer words.
    let metadata = std::fs::metadata(path).map_err(|error| said(&error))?;
    let access = if metadata.is_dir() { access } else { access & AccessFs::from_file(FILES) };
    let opened = PathFd::new(path).map_err(|error| said(&error))?;
    rules.add_rule(PathBeneath::new(opened, access)).map_err(|error| said(&error))
}

fn unsupported(error: &RulesetError) -> String {
    format!("the kernel's Landlock cannot do it: {error}; a sandbox needs Linux 6.2 or newer")
}
