//! A call that is kept open while a person decides.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use toolgate_protocol::{Era, elicitation};
use toolgate_store::Question;

use crate::denial::{Denial, Effect};
use crate::gate::Gate;
use crate::outbox::Answer;
use crate::quota::Taken;
use crate::ways::{Open, Told, ask_client};

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
    /// The question that the client has been asked, or could not be.
    asked: Option<String>,
    /// Whoever sits there did not approve.
    declined: bool,
    /// Whoever sits there is at a page.
    opened: bool,
}

#[derive(Debug)]
struct Waiting {
    question: Question,
    expires: Instant,
    until: Instant,
}

/// How waiting ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The client hears the question, and comes back.
    Asked(Answer),
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

    /// How much of the time since this was asked last was waiting.
    pub(crate) fn take_time(&mut self) -> Duration {
        std::mem::take(&mut self.lasted)
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
        let question = &self.waiting.as_ref()?.question;
        Some(if self.declined { claim.not_here(question) } else { claim.pending(question) })
    }

    /// Waits until the call is to be decided again, or not to be kept any longer. Whoever sits at
    /// the client is asked first, if there is a way; as long as the question stands there, the call
    /// is kept.
    pub(super) async fn wait(&mut self, scene: Scene<'_>, claim: &Claim) -> Ended {
        let Some(client) = scene.client else { return Ended::Over };
        if client.request.is_cancelled() {
            return Ended::Gone;
        }
        let Some(Waiting { question, until, .. }) = &self.waiting else { return Ended::Over };
        let (question, is_over) = (question.clone(), *until <= Instant::now());
        let is_new = self.asked.as_ref() != Some(&question.id);
        if is_over && !is_new {
            return Ended::Over;
        }
        if self.places.is_none() {
            self.places = scene.gate.approvals.places();
        }
        if self.places.is_none() {
            return Ended::Over;
        }
        let since = Instant::now();
        let open = Open {
            call: claim.call(),
            id: &question.id,
            left_ms: question.left_ms,
            in_client: claim.is_for_client(scene.gate),
            alone: claim.is_for_client_alone(),
        };
        let asking = is_new.then(|| ask_client(client.session, client.request, open));
        let ended = self.turns(client, scene, asking).await;
        self.lasted = since.elapsed();
        ended
    }

    async fn turns(
        &mut self,
        client: Client<'_>,
        Scene { gate, snapshot, .. }: Scene<'_>,
        asking: Option<impl Future<Output = Told>>,
    ) -> Ended {
        let Some(Waiting { question, expires, until }) = &self.waiting else { return Ended::Over };
        let (id, expires, until) = (question.id.clone(), *expires, *until);
        let mut changes = gate.approvals.hub.changes();
        let mut asking = std::pin::pin!(asking);
        loop {
            let turned = !gate.approvals.hub.is_open(&id);
            // Whoever is not there to hear the answer is not executed for.
            if turned && client.request.is_heard() {
                self.leave_page(client, &id);
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
                () = gate.freezes() => return Ended::Turned,
                told = told(asking.as_mut()), if asking.is_some() => {
                    asking.set(None);
                    if let Some(ended) = self.hear(told, &id) {
                        return ended;
                    }
                }
                looked = changes.changed(), if !turned => if looked.is_err() {
                    return Ended::Over;
                },
                () = tokio::time::sleep(LISTEN_EVERY), if turned => {}
                () = sleep_until(until), if asking.is_none() => return Ended::Over,
                () = sleep_until(expires), if !turned => return Ended::Turned,
                () = sleep_until(tell), if self.progress.is_some() => {
                    self.tell(client, &id, until).await;
                }
            }
        }
    }

    /// What the client says ends the wait, unless others are to be waited for.
    fn hear(&mut self, told: Told, id: &str) -> Option<Ended> {
        self.asked = Some(id.to_owned());
        match told {
            Told::Again(answer) => Some(Ended::Asked(answer)),
            Told::No => {
                self.declined = true;
                Some(Ended::Over)
            }
            Told::Opened => {
                self.opened = true;
                None
            }
            // What is recorded is found at the next look.
            Told::Elsewhere | Told::Left | Told::Settled | Told::Unknown => None,
        }
    }

    /// MCP 2025-11-25: the page has served its purpose.
    fn leave_page(&mut self, client: Client<'_>, id: &str) {
        if std::mem::take(&mut self.opened) && client.request.era == Era::Legacy {
            client.request.replies.weak().aside(elicitation::complete(id));
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

async fn told(asking: Pin<&mut Option<impl Future<Output = Told>>>) -> Told {
    match asking.as_pin_mut() {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}
