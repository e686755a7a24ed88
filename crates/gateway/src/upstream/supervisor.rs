//! Watches one process: it has to answer in time, to be used, and not to die at its start.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::report::report;

use super::backoff::Backoff;
use super::keeper::Stopper;
use super::life::{Life, Stage};
use super::stderr::Words;
use super::waiters::Waiters;

pub(super) struct Supervisor {
    pub(super) server: Arc<str>,
    pub(super) backoff: Arc<Backoff>,
    pub(super) stopper: Stopper,
    pub(super) words: Option<Words>,
    pub(super) start_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) started: Instant,
}

/// The server's side of a connection, as far as it is watched.
pub(super) struct Watched {
    pub(super) life: Arc<Life>,
    pub(super) waiters: Arc<Waiters>,
    pub(super) ended: watch::Receiver<bool>,
}

impl Supervisor {
    /// Until the server ends.
    pub(super) async fn run(self, watched: Watched) {
        let mut ended = watched.ended.clone();
        let answers = tokio::select! {
            answers = self.start(&watched) => answers,
            _ = ended.wait_for(|ended| *ended) => false,
        };
        // It may have answered with its last breath.
        if answers || watched.life.has_come_to(Stage::Answered) {
            self.backoff.works();
            tokio::select! {
                () = self.idle(&watched) => {}
                _ = ended.wait_for(|ended| *ended) => {}
            }
        } else if !watched.life.is_closing() {
            let why = self.last_words().await.unwrap_or_else(|| "it ended at its start".to_owned());
            self.backoff.failed(self.started, Instant::now(), why);
        }
    }

    /// Whether the first answer came in time. A server that does not give it is ended.
    async fn start(&self, watched: &Watched) -> bool {
        watched.life.comes_to(Stage::Asked).await;
        let answered = watched.life.comes_to(Stage::Answered);
        let Some(patience) = self.start_timeout else {
            answered.await;
            return true;
        };
        if timeout(patience, answered).await.is_ok() {
            return true;
        }
        let server = &self.server;
        let seconds = patience.as_secs_f64();
        let why = format!("server `{server}` gave no answer within {seconds} s of its start");
        report(&format!("{why}; it is ended"));
        self.backoff.failed(self.started, Instant::now(), why.clone());
        watched.life.close();
        watched.waiters.end(&why);
        self.stopper.stop();
        false
    }

    /// Returns once it has ended a server that nobody uses.
    async fn idle(&self, watched: &Watched) {
        let Some(patience) = self.idle_timeout else { return std::future::pending().await };
        loop {
            let idle = watched.life.idle();
            let left = patience.saturating_sub(idle);
            if !left.is_zero() {
                sleep(left.max(LOOK)).await;
            } else if watched.waiters.is_idle() {
                watched.waiters.end("the server was ended, since nobody used it");
                self.stopper.stop();
                return;
            } else {
                sleep(patience.max(LOOK)).await;
            }
        }
    }

    async fn last_words(&self) -> Option<String> {
        self.words.as_ref()?.last().await
    }
}

const LOOK: Duration = Duration::from_millis(10);
