//! `server login` and `logout`: a person's consent for the gateway, kept sealed.

use std::path::Path;

use toolgate_gateway::{Login, UpstreamSpec, Vault};

use crate::exit::{Exit, Failure};
use crate::{output, place, wire};

pub(super) fn login(state: &Path, name: &str) -> Result<(), Failure> {
    let directory = place::read(state)?;
    let server = super::known(&directory, name)?;
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let spec = wire::read_server(state, &server.spec).map_err(usage)?.upstream;
    let UpstreamSpec::Url(spec) = spec else {
        return Err(usage(format!("server `{name}` is a command; nobody logs in to it")));
    };
    let Some(auth) = &spec.auth else {
        return Err(usage(format!("server `{name}` has no `auth` in its settings; add it there")));
    };
    let asked = Login { server: name, url: &spec.url, auth, vault: vault(state) };
    let open = |url: &str| {
        output::tell("Open this address in a browser on this machine, and agree:");
        output::tell(url);
    };
    let done = place::block_on(toolgate_gateway::login(asked, open))?;
    done.map_err(|error| Failure::new(Exit::Unreachable, error.to_string()))
}

/// Nothing kept is nothing to forget.
pub(super) fn logout(state: &Path, name: &str) -> Result<(), Failure> {
    let forgotten = place::block_on(vault(state).forget(name))?;
    forgotten.map(drop).map_err(|error| Failure::new(Exit::State, error.to_string()))
}

fn vault(state: &Path) -> Vault {
    Vault::new(state, None)
}
