//! From a command to a running server under supervision.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::{RunError, RunErrorKind};
use crate::report::report_seldom;

use super::backoff::Backoff;
use super::child::Child;
use super::command::CommandSpec;
use super::common::Common;
use super::host::Host;
use super::keeper::Process;
use super::process::{self, Ready};
use super::stderr::Words;
use super::supervisor::Supervisor;
use super::{Sharing, result_bytes_max};

/// One server's command, and how its starts went.
#[derive(Debug)]
pub(crate) struct Launch {
    server: Arc<str>,
    spec: CommandSpec,
    backoff: Arc<Backoff>,
    common: Common,
    host: Host,
    preparing: Arc<Semaphore>,
}

impl Launch {
    pub(super) fn new(server: &str, spec: &CommandSpec) -> Self {
        Self {
            server: server.into(),
            spec: spec.clone(),
            backoff: Arc::default(),
            common: Common::default(),
            host: Host::default(),
            preparing: Arc::new(Semaphore::new(PREPARING_MAX)),
        }
    }

    pub(super) fn probe(&self) -> Result<(), RunError> {
        process::probe(&self.spec)
    }

    pub(super) fn common(&self) -> Option<Common> {
        self.spec.shared.then(|| self.common.clone())
    }

    pub(super) fn host(&self) -> Option<Host> {
        self.spec.shared.then(|| self.host.clone())
    }

    pub(super) async fn start(
        &self,
        gate: &Gate,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Result<(Child, Process), RunError> {
        let started = Instant::now();
        self.backoff.check(&self.server, started)?;
        let is_common = self.spec.shared && sharing == Sharing::Shared;
        let places = gate.processes.take(is_common).map_err(|bound| self.full(bound))?;
        let ready = self.prepare(gate).await;
        let spawned = ready.and_then(|ready| ready.spawn(places)).inspect_err(|error| {
            self.backoff.failed(started, Instant::now(), error.text.clone());
            // Who started the one server by hand hears it as the answer.
            if gate.request_timeout.is_some() {
                report_seldom(&format!("server `{}` is not started: {}", self.server, error.text));
            }
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
        let line_bytes_max = result_bytes_max(gate);
        let child =
            Child::new(line_bytes_max, (spawned.stdin, spawned.stdout), words, inbox, sharing);
        tokio::spawn(supervisor.run(child.watched()));
        Ok((child, spawned.process))
    }

    fn full(&self, bound: &str) -> RunError {
        let text = format!(
            "server `{}` is not started: there are as many processes of servers as there may be \
             (`limits.{bound}`); try again when one has ended",
            self.server
        );
        report_seldom(&text);
        RunError::new(RunErrorKind::Unreachable, text)
    }

    /// Reads secrets and looks for programs and folders, on threads that may hang without holding
    /// anybody else up. How many may hang is bounded.
    async fn prepare(&self, gate: &Gate) -> Result<Ready, RunError> {
        let patience = self.spec.start_timeout.unwrap_or(PREPARE_WAIT).min(PREPARE_WAIT);
        let patience = patience.min(gate.request_timeout.unwrap_or(PREPARE_WAIT));
        let spec = self.spec.clone();
        let preparing = async {
            let place = Arc::clone(&self.preparing).acquire_owned().await;
            let prepare = move || {
                let _place = place;
                process::prepare(spec)
            };
            tokio::task::spawn_blocking(prepare).await
        };
        match tokio::time::timeout(patience, preparing).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(_)) => Err(RunError::new(RunErrorKind::Unexpected, "a bug stopped its start")),
            Err(_) => {
                let text = format!(
                    "its secrets, program and folders could not be read within {} s; a file system \
                     hangs, or a secret's file is a pipe that nobody writes to",
                    patience.as_secs_f64()
                );
                Err(RunError::new(RunErrorKind::Unreachable, text))
            }
        }
    }
}

/// How long it may take until a process can be started.
const PREPARE_WAIT: Duration = Duration::from_secs(10);
/// Starts of one server that may be at it at the same time.
const PREPARING_MAX: usize = 2;
