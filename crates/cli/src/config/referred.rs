//! What a configuration refers to: files, looked into where that shows nothing, and variables.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use toolgate_gateway::TlsFiles;
use toolgate_policy::document::outline::{Member, Node};
use toolgate_policy::document::{self, Severity, Span};

use super::reading::Reading;
use super::secret::{Secret, Source};
use super::{Config, tls};

/// Reports what `serve` would not find or could not use. Gives the policy that can be read, for
/// its own findings.
pub(super) fn check(
    document: &Node,
    config: &Config,
    reading: &mut Reading<'_>,
) -> Option<PathBuf> {
    if let (Some(tls), Some(node)) = (&config.tls, document.get("tls")) {
        check_tls(tls, node, reading);
    }
    for server in document.get("servers").map(Node::members).unwrap_or_default() {
        check_secrets(&server.node, reading);
    }
    if let Some(telemetry) = document.get("telemetry") {
        check_secrets(telemetry, reading);
    }
    let span = document.get("organization_policy")?.span;
    check_policy(config.organization_policy.as_deref()?, span, reading)
}

fn check_policy(path: &Path, span: Span, reading: &mut Reading<'_>) -> Option<PathBuf> {
    if !is_readable(path, span, reading) {
        return None;
    }
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|why| {
        let message = format!("cannot read the policy `{name}`: {why}");
        reading.findings.error(span, message).help("a policy is a text in UTF-8");
    });
    if let Err(told) = document::read(&name.to_string(), &text.ok()?) {
        let count = told.iter().filter(|one| one.severity == Severity::Error).count();
        let errors = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
        let message = format!("the policy `{name}` has {errors}");
        reading.findings.error(span, message).help("they are told above");
    }
    Some(path.to_owned())
}

fn check_tls(tls: &tls::Tls, node: &Node, reading: &mut Reading<'_>) {
    let span = |key| node.get(key).map_or(node.span, |file| file.span);
    let tls::Tls { cert, key, client_ca } = tls.clone();
    let files =
        [Some((&cert, "cert")), Some((&key, "key")), client_ca.as_ref().zip(Some("client_ca"))];
    let mut readable = true;
    for (path, key) in files.into_iter().flatten() {
        readable &= is_readable(path, span(key), reading);
    }
    let files = TlsFiles { cert, key, client_ca };
    if let Some((path, why)) = readable.then(|| files.fault()).flatten() {
        let at = if path == files.key {
            "key"
        } else if path == files.cert {
            "cert"
        } else {
            "client_ca"
        };
        let message = format!("cannot use `{}` for TLS: {why}", path.display());
        reading.findings.error(span(at), message).help("all of them are PEM files");
    }
}

/// Of one server, or of what is watched: in `env`, in `headers` and the secret of its client.
fn check_secrets(holder: &Node, reading: &mut Reading<'_>) {
    let named = ["env", "headers"].into_iter().filter_map(|key| holder.get(key));
    let secret = holder.get("auth").and_then(|auth| auth.member("client_secret"));
    for Member { node, .. } in named.flat_map(Node::members).chain(secret) {
        match reading.secret(Source { plain: true }, Some(node)) {
            // Readable is all there is to say: nobody is shown what is in it.
            Some(Secret::File(path)) => drop(is_readable(&path, node.span, reading)),
            Some(Secret::Env(variable)) if env::var_os(&variable).is_none() => {
                let message = format!("there is no environment variable `{variable}` here");
                let help = "`serve` needs it in its own environment";
                reading.findings.note(node.span, message).help(help);
            }
            Some(Secret::Env(_) | Secret::Plain(_) | Secret::Sealed(_)) | None => {}
        }
    }
}

/// Whether there is a file that can be opened. Whatever else stands at `path` is not opened: to
/// open a pipe is to wait for whoever writes to it.
fn is_readable(path: &Path, span: Span, reading: &mut Reading<'_>) -> bool {
    let name = path.display();
    let refused = match fs::metadata(path) {
        Ok(there) if there.is_dir() => format!("`{name}` is a folder, and a file is needed"),
        Ok(there) if !there.is_file() => {
            let message = format!("`{name}` is no regular file, so that nobody looked into it");
            let help = "a pipe or a device may make `serve` wait";
            reading.findings.warning(span, message).help(help);
            return false;
        }
        Ok(_) => match File::open(path) {
            Ok(_) => return true,
            Err(why) => format!("cannot read `{name}`: {why}"),
        },
        Err(why) => format!("cannot find `{name}`: {why}"),
    };
    let help = "a path starts from the folder of this document, and whoever runs `serve` reads it";
    reading.findings.error(span, refused).help(help);
    false
}
