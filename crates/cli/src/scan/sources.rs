//! From what was typed to what is scanned.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use toolgate_gateway::{CommandSpec, Transport, UpstreamSpec, UrlSpec};

use super::client_file;
use super::fence;
use super::saved::Saved;
use super::secrets::Secrets;
use super::target::{Place, Source, Target};
use crate::args::{ScanArgs, TransportArg};
use crate::exit::{Exit, Failure};
use crate::{config, header, named, output, place, sealed, server_name, wire};

/// What is to be scanned.
pub(crate) struct Sources {
    pub(crate) targets: Vec<Target>,
    /// They come from a file that may name any number of them.
    pub(crate) many: bool,
}

const TOOLS_BYTES_MAX: u64 = 256 << 20;

/// Nothing is started yet.
pub(crate) fn of(args: &ScanArgs) -> Result<Sources, Failure> {
    let mut sources = match (&args.tools, &args.config) {
        (Some(path), _) => one(saved(path, args.server.clone())?),
        (None, Some(path)) => of_file(path, args.server.as_deref())?,
        (None, None) => one(live(args)?),
    };
    let from_file = args.config.is_some();
    for target in &mut sources.targets {
        if let Ok(Source::Live(spec)) = &mut target.source {
            fence::around(spec, !args.no_fence);
            if from_file {
                fence::pass_registries(spec);
            }
        }
    }
    Ok(sources)
}

fn one(target: Target) -> Sources {
    Sources { targets: vec![target], many: false }
}

fn live(args: &ScanArgs) -> Result<Target, Failure> {
    let given = |name: &Option<String>| {
        name.clone().map(|name| named::one_word("--server", name)).transpose()
    };
    if let Some(url) = &args.url {
        let headers = args.headers.iter().map(|typed| header::read(typed));
        let transport = match args.transport {
            None | Some(TransportArg::Http) => Transport::Http,
            Some(TransportArg::Sse) => Transport::Sse,
        };
        let headers = headers.collect::<Result<_, _>>()?;
        let name = given(&args.server)?.unwrap_or_else(|| server_name::of_url(url));
        let spec = UrlSpec { url: url.clone(), headers, auth: None, transport };
        let mut target = Target::live(name, UpstreamSpec::Url(spec));
        target.secrets.add_url(url);
        return Ok(target);
    }
    if let Some((program, rest)) = args.command.split_first() {
        if Path::new(program).is_dir() {
            let shown = output::visible(&program.to_string_lossy());
            let text = format!("`{shown}` is a folder, no command that starts a server");
            return Err(Failure::new(Exit::Usage, text));
        }
        let name = given(&args.server)?.unwrap_or_else(|| server_name::of_command(program, rest));
        let mut spec = CommandSpec::supervised(program.clone(), rest.to_vec());
        // It was typed here, so it finds what it would find here.
        spec.inherit_env = true;
        let mut target = Target::live(name, UpstreamSpec::Command(spec));
        let words: Vec<String> = rest.iter().map(|arg| arg.to_string_lossy().into()).collect();
        target.secrets.add_args(&words);
        return Ok(target);
    }
    if let Some(name) = &args.server {
        return registered(args, name);
    }
    let text = "nothing to scan; give a command after `--`, or one of `--url URL`, \
                        `--config FILE`, `--tools FILE`, `--server NAME`; \
                see `toolgate scan --help`";
    Err(Failure::new(Exit::Usage, text))
}

/// A server of the state directory.
fn registered(args: &ScanArgs, name: &str) -> Result<Target, Failure> {
    let state = crate::state::directory(args.state.clone())?;
    let directory = place::read(&state)?;
    let server = directory.servers.get(name).ok_or_else(|| {
        let text = format!("there is no server `{name}`; `toolgate server list` has them all");
        Failure::new(Exit::Usage, text)
    })?;
    let unusable = |why| Failure::new(Exit::Usage, format!("server `{name}`: {why}"));
    stored(&state, name, &server.spec).map_err(unusable)
}

/// A server by its settings as they are stored.
pub(crate) fn stored(state: &Path, name: &str, spec: &str) -> Result<Target, String> {
    let mut settings = config::server_from_json(spec)?;
    sealed::unseal(state, &mut settings)?;
    let mut secrets = Secrets::default();
    client_file::of_settings(&settings, &mut secrets);
    let mut target = Target::live(name.to_owned(), wire::upstream(settings));
    target.secrets = secrets;
    Ok(target)
}

fn saved(path: &Path, name: Option<String>) -> Result<Target, Failure> {
    let shown =
        if path.as_os_str() == "-" { "standard input".into() } else { path.to_string_lossy() };
    let failed = |why: String| Failure::new(Exit::Usage, format!("`{shown}`: {why}"));
    let saved = Saved::read(bytes(path).map_err(failed)?).map_err(failed)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.filter(|stem| stem != "-");
    let name = match name {
        Some(name) => named::one_word("--server", name)?,
        None => saved.server().or(stem).unwrap_or_else(|| "server".to_owned()),
    };
    let file = (path.as_os_str() != "-").then(|| path.to_owned());
    let place = file.map(|file| Place { file, line: 1 });
    Ok(Target { name, source: Ok(Source::Saved(saved)), place, secrets: Secrets::default() })
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(TOOLS_BYTES_MAX + 1).read_to_end(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(TOOLS_BYTES_MAX + 1).read_to_end(&mut text))
    };
    let count = read.map_err(|error| error.to_string())?;
    if count as u64 > TOOLS_BYTES_MAX {
        return Err(format!("it is longer than {} MiB", TOOLS_BYTES_MAX >> 20));
    }
    Ok(text)
}

/// All servers of a file, or one of them.
fn of_file(path: &Path, only: Option<&str>) -> Result<Sources, Failure> {
    let mut file = client_file::read(path)?;
    if let Some(name) = only {
        let all: Vec<String> = file
            .targets
            .iter()
            .map(|target| format!("`{}`", output::visible(&target.name)))
            .collect();
        file.targets.retain(|target| target.name == name);
        if file.targets.is_empty() {
            let text = format!(
                "`{}` has no server `{}`; it has {}",
                path.display(),
                output::visible(name),
                all.join(", ")
            );
            return Err(Failure::new(Exit::Usage, text));
        }
        return Ok(Sources { targets: file.targets, many: false });
    }
    let starts = file.targets.iter();
    let starts = starts.filter(|target| match &target.source {
        Ok(Source::Live(spec)) => matches!(**spec, UpstreamSpec::Command(_)),
        Ok(Source::Saved(_)) | Err(_) => false,
    });
    let starts = super::table::counted(starts.count(), "command");
    let mut text = format!("runs {starts} of `{}`, as its client does", path.display());
    if !file.disabled.is_empty() {
        let names: Vec<_> = file.disabled.iter().map(|name| output::visible(name)).collect();
        text += "; leaves out what is disabled: ";
        text += &names.join(", ");
    }
    output::tell(&format!("toolgate: {text}"));
    Ok(Sources { targets: file.targets, many: true })
}
