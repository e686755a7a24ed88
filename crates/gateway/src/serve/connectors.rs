//! One way to each server, whoever takes it: what a start taught about the server holds for all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::pins::ToolsChanged;
use crate::upstream::Connector;

#[derive(Default)]
pub(super) struct Connectors(Mutex<HashMap<String, Known>>);

/// A server as it was set up when somebody last came for it.
struct Known {
    spec: String,
    made: watch::Receiver<Option<Made>>,
}

type Made = Result<Way, String>;

#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) connector: Connector,
    pub(super) tools_changed: ToolsChanged,
}

impl Connectors {
    /// The way to a server. `build` reads files, which may take for ever: that holds nobody up but
    /// whoever wants this very server, and those only so long.
    pub(super) async fn of(
        &self,
        (server, spec): (&str, &str),
        build: impl FnOnce() -> Made + Send + 'static,
        patience: Duration,
    ) -> Made {
        let mut made = self.begin(server, spec, build);
        match tokio::time::timeout(patience, made.wait_for(Option::is_some)).await {
            Ok(Ok(made)) => made.clone().unwrap_or_else(|| Err(BUG.to_owned())),
            Ok(Err(_)) => Err(BUG.to_owned()),
            Err(_) => Err(format!(
                "its secrets could not be read within {} s; a file system hangs, or a file is a \
                 pipe that nobody writes to",
                patience.as_secs_f64()
            )),
        }
    }

    /// One thread for each server, however many wait. A server that was set up anew is another
    /// server; what failed is tried again.
    fn begin(
        &self,
        server: &str,
        spec: &str,
        build: impl FnOnce() -> Made + Send + 'static,
    ) -> watch::Receiver<Option<Made>> {
        let mut known = self.known();
        if let Some(known) = known.get(server).filter(|known| known.spec == spec && !known.failed())
        {
            return known.made.clone();
        }
        let (tell, made) = watch::channel(None);
        let spec = spec.to_owned();
        known.insert(server.to_owned(), Known { spec, made: made.clone() });
        tokio::task::spawn_blocking(move || tell.send_replace(Some(build())));
        made
    }

    /// The connections that no room ends.
    pub(super) fn shared(&self) -> Vec<Connector> {
        let made = |known: &Known| {
            let made = known.made.borrow();
            made.as_ref()?.as_ref().ok().map(|made| made.connector.clone())
        };
        self.known().values().filter_map(made).collect()
    }

    /// Forgets servers that are gone.
    pub(super) fn keep(&self, is_there: impl Fn(&str) -> bool) {
        self.known().retain(|server, _| is_there(server));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn failed(&self) -> bool {
        match &*self.made.borrow() {
            Some(made) => made.is_err(),
            None => self.made.has_changed().is_err(),
        }
    }
}

const BUG: &str = "a bug stopped its reader";
