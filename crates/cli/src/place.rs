//! The state directory of a command, and the directory of servers, policies and grants in it.

use std::path::{Path, PathBuf};

use toolgate_store::{
    Act, ChangeError, Directory, DirectoryReader, Durability, OpenError, Options, Store,
};

use crate::args::PlaceArgs;
use crate::config;
use crate::exit::{Exit, Failure};
use crate::{ancestry, state, who};

/// What was given, else what the configuration says, else the usual place.
pub(crate) fn state_of(place: &PlaceArgs) -> Result<PathBuf, Failure> {
    // One that is broken is told of, though it would not be needed.
    let config = place.config.as_deref().map(config::read).transpose();
    let config = config.map_err(|error| Failure::new(Exit::Policy, error.to_string()))?;
    let of_config = config.and_then(|(config, _)| config.state);
    state::directory(place.state.clone().or(of_config))
}

/// What stands in the directory now.
pub(crate) fn read(state: &Path) -> Result<Directory, Failure> {
    Ok(reader(state)?.read()?)
}

pub(crate) fn reader(state: &Path) -> Result<DirectoryReader, OpenError> {
    DirectoryReader::open(state)
}

/// Does all acts, or none. A gateway that runs on the same state takes them up by itself.
pub(crate) fn change(state: &Path, acts: Vec<Act>) -> Result<(), Failure> {
    ancestry::refuse_servers(state, "change what a person has set up")?;
    let store = Store::open(state, Options { durability: Durability::Full })?;
    let by = who::operator();
    let (changed, finished) = block_on(async {
        let changed = store.change(acts, &by).await;
        (changed, store.finish().await)
    })?;
    finished.map_err(|error| Failure::new(Exit::State, error.to_string()))?;
    match changed {
        Ok(_) => Ok(()),
        Err(ChangeError::Rejected(why)) => Err(Failure::new(Exit::Usage, why.to_string())),
        Err(ChangeError::Unavailable(why)) => Err(Failure::new(Exit::State, why.to_string())),
    }
}

/// For the little of a command that waits.
pub(crate) fn block_on<T>(what: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(what))
}
