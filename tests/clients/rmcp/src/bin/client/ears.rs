//! What the client hears of by itself: questions of the server, and progress.

#![expect(deprecated, reason = "since 2026-07-28; servers still ask for roots and sampling")]

use std::sync::{Arc, Mutex};

use rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
    ElicitRequestParams, ElicitResult, ElicitationAction, Implementation, ListRootsResult,
    ProgressNotificationParam, Root, SamplingMessage,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::json;

use crate::say;

/// What the client says when a server asks back, and the progress it heard of.
#[derive(Clone)]
pub(crate) struct Ears {
    answers: bool,
    declines: bool,
    progress: Arc<Mutex<Vec<f64>>>,
}

impl Ears {
    pub(crate) fn new(answers: bool, declines: bool) -> Self {
        Self { answers, declines, progress: Arc::default() }
    }

    /// The progress since the last question.
    pub(crate) fn progress(&self) -> Vec<f64> {
        std::mem::take(&mut *self.progress.lock().expect("nobody panics while noting"))
    }
}

impl ClientHandler for Ears {
    fn get_info(&self) -> ClientConfig {
        let capabilities = if self.answers {
            ClientCapabilities::builder()
                .enable_elicitation()
                .enable_roots()
                .enable_sampling()
                .build()
        } else {
            ClientCapabilities::default()
        };
        ClientConfig::new(capabilities, Implementation::new("rmcp", "0.1.0"))
    }

    async fn create_elicitation(
        &self,
        question: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let asked = serde_json::to_value(&question).unwrap_or_default();
        let (message, url) = (&asked["message"], &asked["url"]);
        say("asked", Ok(json!({"method": "elicitation/create", "message": message, "url": url})));
        if self.declines {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        }
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({"sure": true})))
    }

    async fn create_message(
        &self,
        _question: CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let message = SamplingMessage::assistant_text("yes from the model");
        Ok(CreateMessageResult::new(message, "none".to_owned()))
    }

    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(ListRootsResult::new(vec![Root::new("file:///nowhere")]))
    }

    async fn on_progress(
        &self,
        step: ProgressNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        self.progress.lock().expect("nobody panics while noting").push(step.progress);
    }
}
