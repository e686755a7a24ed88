//! Credentials that the console was given: in the state directory, sealed, under names that the
//! settings of their servers have in their place.

use std::path::Path;

use toolgate_store::{SecretError, Secrets, Token};

use crate::config::secret::Secret;
use crate::config::server::{Reach, Server};

/// Keeps a value; gives what stands for it. Each has a name of its own, so that whoever follows
/// the settings sees that there is another one.
pub(crate) fn seal(state: &Path, server: &str, value: &str) -> Result<Secret, String> {
    let random = Token::random().ok_or("the system has no random bytes")?;
    let digits = random.as_str().rsplit('_').next().unwrap_or_default();
    let name = format!("header/{server}/{}", &digits[..digits.len().min(16)]);
    let kept = Secrets::open(state, None).and_then(|secrets| secrets.put(&name, value.as_bytes()));
    kept.map_err(|error| error.to_string())?;
    Ok(Secret::Sealed(name))
}

/// Puts the values in place of their names.
pub(crate) fn unseal(state: &Path, server: &mut Server) -> Result<(), String> {
    let Reach::Url(remote) = &mut server.reach else { return Ok(()) };
    let sealed = |secret: &Secret| matches!(secret, Secret::Sealed(_));
    if !remote.headers.iter().any(|header| sealed(&header.value)) {
        return Ok(());
    }
    let failed = |error: SecretError| error.to_string();
    let secrets = Secrets::open(state, None).map_err(failed)?;
    for header in &mut remote.headers {
        let Secret::Sealed(name) = &header.value else { continue };
        let gone = || format!("the credential `{}` is not kept here any more", header.name);
        let value = secrets.get(name).map_err(failed)?.ok_or_else(gone)?;
        let value = String::from_utf8(value).map_err(|_| gone())?;
        header.value = Secret::Plain(value);
    }
    Ok(())
}

/// Drops what a server's settings name and `still` does not.
pub(crate) fn forget(state: &Path, server: &Server, still: Option<&Server>) -> Result<(), String> {
    let still: Vec<&str> = still.into_iter().flat_map(names).collect();
    let mut over = names(server).filter(|name| !still.contains(name)).peekable();
    if over.peek().is_none() {
        return Ok(());
    }
    let secrets = Secrets::open(state, None).map_err(|error| error.to_string())?;
    let mut forgotten = over.map(|name| secrets.forget(name));
    forgotten.try_for_each(|done| done.map(drop).map_err(|error| error.to_string()))
}

fn names(server: &Server) -> impl Iterator<Item = &str> {
    let headers = match &server.reach {
        Reach::Url(remote) => remote.headers.as_slice(),
        Reach::Command(_) => &[],
    };
    headers.iter().filter_map(|header| match &header.value {
        Secret::Sealed(name) => Some(name.as_str()),
        Secret::Env(_) | Secret::File(_) | Secret::Plain(_) => None,
    })
}
