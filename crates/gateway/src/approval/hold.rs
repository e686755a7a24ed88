//! A call that is kept open while a person decides.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use toolgate_store::Question;

use crate::denial::{Denial, Effect};
use crate::gate::Gate;
use crate::quota::Taken;
use crate::snapshot::Snapshot;

use super::ask::Claim;
use super::progress::Progress;
use super::{Client, Scene};

/// What one call waits for. It outlives a decision: the time that it has is that of the call.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    waiting: Option<Waiting>,
    began: Option<Instant>,
    progress: Option<Progress>,
    told: Option<Instant>,
    lasted: Duration,
    places: Option<[Taken; 2]>,
}

#[derive(Debug)]
struct Waiting {
    question: Question,
    expires: Instant,
    until: Instant,
}

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nobody waits for the call any more.
    Gone,
    /// The call is not kept open any longer.
    Over,
    /// Something has changed: the call is decided again.
    Turned,
}

/// Unless a policy says: shorter than any client waits.
const HOLD_S: u64 = 45;
/// Clients that hear of progress wait longer.
const HOLD_WITH_PROGRESS_S: u64 = 200;
const TELL_EVERY: Duration = Duration::from_secs(10);
/// A client that lost its stream may come back to it.
const LISTEN_EVERY: Duration = Duration::from_millis(100);

impl Hold {
    pub(super) fn is_about(&self, id: &str) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.question.id == id)
    }

    /// How much of the call's time was waiting.
    pub(crate) fn lasted(&self) -> Duration {
        self.lasted
    }

    pub(super) fn begin(&mut self, question: Question, claim: &Claim) {
        let now = Instant::now();
        if self.began.is_none() {
            self.progress = Progress::of(&claim.call().message);
        }
        let began = *self.began.get_or_insert(now);
        let max_s = if self.progress.is_some() { HOLD_WITH_PROGRESS_S } else { HOLD_S };
        let hold_s = claim.question.terms.hold_s.unwrap_or(HOLD_S).min(max_s);
        let until = began + Duration::from_secs(hold_s);
        let expires = now + Duration::from_millis(question.left_ms);
        self.waiting = Some(Waiting { question, expires, until });
    }

    /// The log's time is what counts.
    pub(super) fn renew(&mut self, left_ms: u64) {
        if let Some(waiting) = &mut self.waiting {
            waiting.expires = Instant::now() + Duration::from_millis(left_ms);
        }
    }

    /// Whatever was asked before is not what the call needs now.
    pub(crate) async fn withdraw(&mut self, gate: &Gate) {
        if let Some(waiting) = self.waiting.take() {
            // If it cannot be recorded, nothing is let through either.
            let _ = gate.store.withdraw(&waiting.question.id).await;
        }
    }

    /// A denial ends the question, unless it is the one that says that it stands.
    pub(crate) async fn settle(&mut self, gate: &Gate, denial: &Denial) {
        if denial.effect != Effect::Pending {
            self.withdraw(gate).await;
        }
    }

    pub(super) fn pending(&self, claim: &Claim) -> Option<Denial> {
        self.waiting.as_ref().map(|waiting| claim.pending(&waiting.question))
    }

    /// Waits until the call is to be decided again, or not to be kept any longer.
    pub(super) async fn wait(&mut self, scene: Scene<'_>) -> Ended {
        let Some(client) = scene.client else { return Ended::Over };
        if client.request.is_cancelled() {
            return Ended::Gone;
        }
        if self.waiting.as_ref().is_none_or(|waiting| waiting.until <= Instant::now()) {
            return Ended::Over;
        }
        if self.places.is_none() {
            self.places = scene.gate.approvals.places();
        }
        if self.places.is_none() {
            return Ended::Over;
        }
        let since = Instant::now();
        let ended = self.turns(client, scene.gate, scene.snapshot).await;
        self.lasted += since.elapsed();
        ended
    }

    async fn turns(
        &mut self,
        client: Client<'_>,
        gate: &Arc<Gate>,
        snapshot: &Arc<Snapshot>,
    ) -> Ended {
        let Some(Waiting { question, expires, until }) = &self.waiting else { return Ended::Over };
        let (id, expires, until) = (question.id.clone(), *expires, *until);
        let mut changes = gate.approvals.hub.changes();
        loop {
            let turned = !gate.approvals.hub.is_open(&id);
            // Whoever is not there to hear the answer is not executed for.
            if turned && client.request.is_heard() {
                return Ended::Turned;
            }
            let tell = self.tell_at();
            tokio::select! {
                biased;
                () = client.request.taken_back() => return Ended::Gone,
                () = gate.closed() => return Ended::Gone,
                () = client.session.left() => return Ended::Over,
                () = gate.stopped() => return Ended::Over,
                () = gate.other_than(snapshot) => return Ended::Turned,
                changed = changes.changed(), if !turned => if changed.is_err() {
                    return Ended::Over;
                },
                () = tokio::time::sleep(LISTEN_EVERY), if turned => {}
                () = sleep_until(until) => return Ended::Over,
                () = sleep_until(expires), if !turned => return Ended::Turned,
                () = sleep_until(tell), if self.progress.is_some() => {
                    self.tell(client, &id, until).await;
                }
            }
        }
    }

    fn tell_at(&self) -> Instant {
        self.told.map_or_else(Instant::now, |told| told + TELL_EVERY)
    }

    async fn tell(&mut self, client: Client<'_>, id: &str, until: Instant) {
        self.told = Some(Instant::now());
        let left = until.saturating_duration_since(Instant::now());
        if let Some(progress) = &mut self.progress
            && !client.request.replies.is_full()
        {
            client.request.replies.aside(progress.next(id, left.as_secs())).await;
        }
    }
}
