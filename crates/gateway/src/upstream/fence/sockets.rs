//! No sockets but unix sockets, by a seccomp filter that the server and all it starts inherit.

use std::collections::BTreeMap;

use rustix::io::Errno;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// `AF_UNIX`
const UNIX: u64 = 1;
#[cfg(target_arch = "x86_64")]
const SOCKET: i64 = 41;
#[cfg(not(target_arch = "x86_64"))]
const SOCKET: i64 = 198;
/// It makes sockets without asking for one.
const IO_URING_SETUP: i64 = 425;
/// The same calls under another name, where the kernel has that.
const X32: i64 = 0x4000_0000;

/// Whether filters are to be had here.
pub(super) fn probe() -> Result<(), String> {
    filter()?;
    if std::path::Path::new("/proc/sys/kernel/seccomp/actions_avail").exists() {
        Ok(())
    } else {
        Err("the kernel has no seccomp filters, which `network: false` needs".to_owned())
    }
}

pub(super) fn refuse() -> Result<(), String> {
    seccompiler::apply_filter(&filter()?)
        .map_err(|error| format!("the kernel took no seccomp filter: {error}"))
}

fn filter() -> Result<BpfProgram, String> {
    let unknown = |error: seccompiler::BackendError| format!("no seccomp filter: {error}");
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(unknown)?;
    let other = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, UNIX)
        .and_then(|other| SeccompRule::new(vec![other]))
        .map_err(unknown)?;
    let mut rules = BTreeMap::from([(SOCKET, vec![other.clone()]), (IO_URING_SETUP, Vec::new())]);
    if cfg!(target_arch = "x86_64") {
        rules.insert(SOCKET | X32, vec![other]);
        rules.insert(IO_URING_SETUP | X32, Vec::new());
    }
    let refusal = SeccompAction::Errno(Errno::PERM.raw_os_error().unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch)
        .and_then(TryInto::try_into)
        .map_err(unknown)
}
