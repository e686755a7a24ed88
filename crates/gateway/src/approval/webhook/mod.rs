//! Tells somebody elsewhere that a question waits for a person: a message, signed with a secret
//! that both know, beside the calls and never in their way.

mod delivery;
mod message;
mod secret;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use toolgate_policy::Webhook;
use toolgate_store::{Asking, Question};

use crate::random;
use crate::report::report_seldom;

pub use secret::read_secret;

use message::Message;

/// All that is under way. What has no room is not sent, and said.
#[derive(Debug)]
pub(crate) struct Webhooks {
    places: Arc<Semaphore>,
}

/// One that hangs keeps a place for minutes; a flood of questions is capped elsewhere.
const UNDER_WAY_MAX: usize = 64;

/// How long a process that stops waits for them.
const FINISH: Duration = Duration::from_secs(1);

impl Default for Webhooks {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(UNDER_WAY_MAX)) }
    }
}

impl Webhooks {
    /// Lets what is under way arrive, a moment.
    pub(crate) async fn finish(&self) {
        let all = u32::try_from(UNDER_WAY_MAX).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(FINISH, self.places.acquire_many(all)).await;
    }

    /// Returns at once.
    pub(crate) fn tell(&self, to: &Arc<Webhook>, question: &Question, asking: &Asking) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return report_seldom("a webhook was not told of a question: too many are under way");
        };
        let Ok(name) = random::hex::<16>() else { return };
        let message = Message::of(format!("msg_{name}"), question, asking);
        let (to, left) = (Arc::clone(to), Duration::from_millis(question.left_ms));
        tokio::spawn(async move {
            delivery::deliver(to, message, left).await;
            drop(place);
        });
    }
}
