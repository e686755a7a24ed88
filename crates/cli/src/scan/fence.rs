//! What a server may do while it is only looked at.
//!
//! It is somebody else's program, and listing tools needs little: to read, to connect, and to
//! write where package runners keep what they fetch.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use toolgate_gateway::{CommandSpec, Resources, Sandbox, UpstreamSpec, can_fence_files};

/// Of each process. JavaScript engines want a good part of it before they do anything.
const MEMORY_BYTES_MAX: u64 = 8 << 30;
/// Processor time: whoever needs more to list its tools is up to something.
const CPU_S_MAX: u64 = 300;
/// Of HOME: where npm, uv, pnpm, bun, deno, pip and go keep programs that they fetch.
const CACHES: [&str; 7] =
    [".npm", ".cache", ".local/share/uv", ".local/share/pnpm", ".bun", ".deno", "go/pkg"];
const TEMPORARY: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];
/// What package runners make themselves at their first start, which they could not do in a fence.
const MADE: [(&str, &[&str]); 3] = [
    ("npx", &[".npm"]),
    ("uv", &[".cache", ".local/share/uv"]),
    ("uvx", &[".cache", ".local/share/uv"]),
];

/// Puts a fence around a command; whether files are part of it depends on the system.
pub(super) fn around(spec: &mut UpstreamSpec, files: bool) {
    let UpstreamSpec::Command(spec) = spec else { return };
    // The scan's own patience is what counts.
    (spec.start_timeout, spec.idle_timeout) = (None, None);
    (spec.tied, spec.shared) = (true, false);
    let Resources { memory_bytes_max, cpu_s_max, .. } = &mut spec.resources;
    memory_bytes_max.get_or_insert(MEMORY_BYTES_MAX);
    cpu_s_max.get_or_insert(CPU_S_MAX);
    if files && spec.sandbox.is_none() && can_fence_files() {
        spec.sandbox =
            Some(Sandbox { network: true, read: vec!["/".into()], write: writable(spec) });
    }
}

fn writable(spec: &CommandSpec) -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let name = Path::new(&spec.program).file_name().unwrap_or_default();
    for (_, folders) in MADE.iter().filter(|(runner, _)| name == *runner) {
        for folder in home.iter().flat_map(|home| folders.iter().map(|folder| home.join(folder))) {
            // Where it cannot be made, the runner says so.
            let _ = fs::create_dir_all(folder);
        }
    }
    let of_home = home.iter().flat_map(|home| CACHES.map(|folder| home.join(folder)));
    let named = ["TMPDIR", "XDG_CACHE_HOME", "npm_config_cache", "UV_CACHE_DIR"];
    let named = named.into_iter().filter_map(env::var_os).map(PathBuf::from);
    let named = named.filter(|path| path.is_absolute());
    TEMPORARY
        .map(PathBuf::from)
        .into_iter()
        .chain(of_home)
        .chain(named)
        .filter(|path| path.is_dir())
        .collect()
}

/// For whoever has to say what may have kept a server from starting.
pub(super) fn is_around(spec: &UpstreamSpec) -> bool {
    matches!(spec, UpstreamSpec::Command(CommandSpec { sandbox: Some(_), .. }))
}

/// What package runners need to fetch through, in an environment that is otherwise short.
const PASSED: [&str; 20] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_CACHE_DIR",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "XDG_CACHE_HOME",
    "npm_config_cache",
    "npm_config_registry",
];

/// A client's servers find what the client would give them, and the way to the registries.
pub(super) fn pass_registries(spec: &mut UpstreamSpec) {
    use toolgate_gateway::{SecretSource, Variable};
    let UpstreamSpec::Command(spec) = spec else { return };
    for name in PASSED {
        let given = spec.env.iter().any(|variable| variable.name == name);
        if !given && !spec.inherit_env && env::var_os(name).is_some() {
            let (name, source) = (name.to_owned(), SecretSource::Env(name.to_owned()));
            spec.env.insert(0, Variable { name, source });
        }
    }
}
