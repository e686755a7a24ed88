//! `path_sensitive`: does a path lead to keys, credentials, or the system's own folders?
//!
//! It asks what any program could make of the text: both slashes separate, names are compared
//! without case. What steps upwards, or is encoded, depends on who reads it, and is unknown.

use super::Match;
use crate::fold::{composed, folded};

pub(super) fn judge(path: &str) -> Match {
    let judged = judge_spelled(path);
    if path.is_ascii() || judged != Match::No {
        return judged;
    }
    // A fullwidth `．` or `／` is a plain character to one file system and not to another.
    let composed = composed(path);
    if composed == path || judge_spelled(&composed) == Match::No {
        Match::No
    } else {
        Match::Unknown
    }
}

/// Folders at the top that belong to the system.
const SYSTEM: [&str; 9] =
    ["boot", "dev", "etc", "private", "proc", "root", "run", "sys", "windows"];

/// Files and folders that hold keys and credentials, or are run when somebody logs in.
const NAMES: [&str; 34] = [
    "_netrc",
    "authorized_keys",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
    ".aws",
    ".azure",
    ".bash_history",
    ".bash_profile",
    ".bashrc",
    ".boto",
    ".docker",
    ".env",
    ".envrc",
    ".git-credentials",
    ".gnupg",
    ".htpasswd",
    ".kube",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".password-store",
    ".pgpass",
    ".profile",
    ".pypirc",
    ".s3cfg",
    ".ssh",
    ".terraform.d",
    ".vault-token",
    ".zprofile",
    ".zsh_history",
    ".zshenv",
    ".zshrc",
];

/// The same, below a folder that holds other things too.
const PAIRS: [(&str, &str); 8] = [
    (".cargo", "credentials"),
    (".cargo", "credentials.toml"),
    (".config", "gcloud"),
    (".config", "gh"),
    (".git", "config"),
    (".git", "hooks"),
    ("var", "lib"),
    ("var", "run"),
];

fn judge_spelled(path: &str) -> Match {
    let mut parts: Vec<_> = path.split(['/', '\\']).collect();
    let drive = parts.first().is_some_and(|first| is_drive(first));
    let absolute = drive || path.starts_with(['/', '\\']);
    let rest = if drive { path.get(2..).unwrap_or_default() } else { path };
    if drive {
        parts.remove(0);
    }
    let names = parts.iter().filter(|part| !matches!(**part, "" | "."));
    let names: Vec<String> = names.map(|part| name_of(part)).collect();
    let first = names.first().map_or("", String::as_str);
    let pair = |two: &[String]| PAIRS.contains(&(&two[0], &two[1]));
    if absolute && SYSTEM.contains(&first)
        || names.iter().any(|name| is_sensitive(name))
        || names.windows(2).any(pair)
    {
        return Match::Yes;
    }
    let strange = names.is_empty() && !absolute && path != "."
        || path.trim() != path
        || rest.contains(is_magic)
        // The name of a host, or of a device.
        || path.starts_with("//")
        || path.starts_with(r"\\")
        || names.iter().any(|name| is_doubtful(name))
        || absolute && first.contains(WILD)
        || path.starts_with('~') && path != "~" && !path.starts_with("~/");
    if strange { Match::Unknown } else { Match::No }
}

const WILD: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// Some program gives it a meaning beyond its own: `%2e`, `file:`, `$HOME`, `` `cmd` ``.
fn is_magic(c: char) -> bool {
    matches!(c, '%' | ':' | '$' | '`') || c.is_control()
}

/// `C:`
fn is_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

/// As file systems without case compare it; Windows drops dots and spaces at the end. Of a step
/// upwards nothing is left.
fn name_of(part: &str) -> String {
    folded(part).trim_end_matches(['.', ' ']).to_owned()
}

fn is_sensitive(name: &str) -> bool {
    let example = [".example", ".sample", ".template"].iter().any(|end| name.ends_with(end));
    let keys = ["id_rsa.", "id_dsa.", "id_ecdsa.", "id_ed25519."];
    NAMES.contains(&name)
        || name.starts_with(".env.") && !example
        || keys.iter().any(|key| name.starts_with(key))
}

/// A step upwards, or a pattern that may stand for a name that is sensitive.
fn is_doubtful(name: &str) -> bool {
    let Some(at) = name.find(WILD) else { return name.is_empty() };
    let start = &name[..at];
    !start.is_empty() && NAMES.iter().any(|known| known.starts_with(start))
}
