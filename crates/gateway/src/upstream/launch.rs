//! From a command to a running server under supervision.

use std::sync::Arc;
use std::time::Instant;

use crate::inbox::Inbox;
use crate::options::RunError;

use super::Sharing;
use super::backoff::Backoff;
use super::child::Child;
use super::command::CommandSpec;
use super::common::Common;
use super::keeper::Process;
use super::process;
use super::stderr::Words;
use super::supervisor::Supervisor;

/// One server's command, and how its starts went.
#[derive(Debug)]
pub(crate) struct Launch {
    server: Arc<str>,
    spec: CommandSpec,
    backoff: Arc<Backoff>,
    common: Common,
}

impl Launch {
    pub(super) fn new(server: &str, spec: &CommandSpec) -> Self {
        Self {
            server: server.into(),
            spec: spec.clone(),
            backoff: Arc::default(),
            common: Common::default(),
        }
    }

    pub(super) fn probe(&self) -> Result<(), RunError> {
        process::probe(&self.spec)
    }

    pub(super) fn common(&self) -> Option<Common> {
        self.spec.shared.then(|| self.common.clone())
    }

    pub(super) fn start(
        &self,
        line_bytes_max: usize,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Result<(Child, Process), RunError> {
        let started = Instant::now();
        self.backoff.check(&self.server, started)?;
        let spawned = process::spawn(&self.spec).inspect_err(|error| {
            self.backoff.failed(started, Instant::now(), error.text.clone());
        })?;
        let server = Arc::clone(&self.server);
        let words = spawned.stderr.map(|stderr| Words::listen(Arc::clone(&server), stderr));
        let supervisor = Supervisor {
            server,
            backoff: Arc::clone(&self.backoff),
            stopper: spawned.process.stopper(),
            words: words.clone(),
            start_timeout: self.spec.start_timeout,
            idle_timeout: self.spec.idle_timeout,
            started,
        };
        let child =
            Child::new(line_bytes_max, (spawned.stdin, spawned.stdout), words, inbox, sharing);
        tokio::spawn(supervisor.run(child.watched()));
        Ok((child, spawned.process))
    }
}
