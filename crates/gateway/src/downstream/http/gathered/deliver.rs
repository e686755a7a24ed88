//! Requests that one server is to answer.

use std::sync::Arc;

use toolgate_json::Value;
use toolgate_protocol::gather::ListKind;
use toolgate_protocol::{Era, Message, Side, answer};

use crate::outbox::{Inward, Mail, Outbox};
use crate::request::{Ear, Request};

use super::own::Asked;
use super::reach::Target;
use super::route::Route;
use super::{Gathered, inward};

impl Gathered {
    /// Hands a call on if its server is there and nothing needs to be asked first; gives the
    /// route back otherwise.
    pub(super) async fn hand_on(
        self: &Arc<Self>,
        route: Route,
        request: &Arc<Request>,
    ) -> Option<Route> {
        let Route::Named { server, name, message } = route else { return Some(route) };
        let ready = message.is_method("tools/call") && self.suspects(&server, &name).is_empty();
        let Some(target) = ready.then(|| self.ready(&server)).flatten() else {
            return Some(Route::Named { server, name, message });
        };
        let (mail, asked) = self.start(&target, message, request).await;
        let (gathered, waiting) = (Arc::clone(self), Arc::clone(request));
        let follow = async move { gathered.follow(&target, mail, &waiting, asked).await };
        self.table.set_task(request, tokio::spawn(follow).abort_handle());
        None
    }

    /// To the server that `name` begins with.
    pub(super) async fn named(
        self: &Arc<Self>,
        (server, name): (&str, &str),
        message: Message,
        request: &Arc<Request>,
    ) {
        if !self.hall.rooms.servers().iter().any(|known| known == server) {
            let what = if message.is_method("tools/call") { "tool" } else { "prompt" };
            let text = format!("Unknown {what}: {name}");
            let unknown = self.error(request, answer::INVALID_PARAMS, &text);
            return self.settle(request, Some(unknown)).await;
        }
        let target = match self.reach_for_client(server).await {
            Ok(target) => target,
            Err(why) => return self.unavailable(request, server, &why).await,
        };
        if message.is_method("tools/call")
            && let Some(denial) = self.confused(server, name, &message).await
        {
            let denied = target.session.refuse(request, message, denial).await;
            return self.settle(request, denied).await;
        }
        self.deliver(&target, message, request).await;
    }

    pub(super) async fn to_task(
        self: &Arc<Self>,
        task: &str,
        message: Message,
        request: &Arc<Request>,
    ) {
        match self.places.of_task(task) {
            Some(server) => self.to(&server, message, request).await,
            None => self.nowhere(request, "unknown task, or one that two servers gave").await,
        }
    }

    /// To the server that lists the URI; all are asked for their lists if none is known.
    pub(super) async fn to_uri(
        self: &Arc<Self>,
        uri: &str,
        message: Message,
        request: &Arc<Request>,
    ) {
        let mut server = self.places.of_uri(uri);
        if server.is_none() {
            let resources = self.gather(ListKind::Resources, &message);
            let templates = self.gather(ListKind::Templates, &message);
            tokio::join!(resources, templates);
            server = self.places.of_uri(uri);
        }
        if let Some(server) = server {
            self.to(&server, message, request).await;
        } else {
            let text = "Resource not found: no server lists it";
            let legacy = self.era() == Era::Legacy && message.is_method("resources/read");
            let code = if legacy { RESOURCE_NOT_FOUND } else { answer::INVALID_PARAMS };
            let unknown = self.error(request, code, text);
            self.settle(request, Some(unknown)).await;
        }
    }

    async fn to(self: &Arc<Self>, server: &str, message: Message, request: &Arc<Request>) {
        match self.reach_for_client(server).await {
            Ok(target) => self.deliver(&target, message, request).await,
            Err(why) => self.unavailable(request, server, &why).await,
        }
    }

    async fn deliver(self: &Arc<Self>, target: &Target, message: Message, request: &Arc<Request>) {
        let (mail, asked) = self.start(target, message, request).await;
        self.follow(target, mail, request, asked).await;
    }

    async fn start(
        &self,
        target: &Target,
        message: Message,
        request: &Arc<Request>,
    ) -> (Inward, Option<Asked>) {
        self.table.set_server(request, &target.session);
        let (outbox, mail) = Outbox::new();
        let outbox = outbox.hearing(request.replies.heard().cloned());
        let inner = target.session.take(message, outbox, None).await;
        let inner = inner.inspect(|inner| {
            inner.hear_through(Ear::Request(Arc::downgrade(request)));
        });
        (mail, inner.map(|inner| Asked::new(&target.session, inner)))
    }

    /// Brings everything that the server says about a request to its client, to the answer.
    async fn follow(
        &self,
        target: &Target,
        mut mail: Inward,
        request: &Arc<Request>,
        asked: Option<Asked>,
    ) {
        let Some(asked) = asked else { return self.settle(request, None).await };
        let mut streamed = false;
        loop {
            let next = tokio::select! {
                biased;
                next = asked.next(&mut mail) => next,
                () = asked.request.streamed(), if !streamed => {
                    streamed = true;
                    request.note_streamed();
                    continue;
                }
            };
            match next {
                Some(Mail::Aside(bytes)) => self.pass_on(target, bytes, request).await,
                Some(Mail::Answer(answer)) => {
                    self.learn(&target.server, &answer.bytes);
                    return self.settle(request, Some(answer)).await;
                }
                None => return self.settle(request, None).await,
            }
        }
    }

    /// What a server says about a request before it answers.
    pub(super) async fn pass_on(&self, target: &Target, bytes: bytes::Bytes, request: &Request) {
        if let Some(bytes) = self.aside(target, bytes) {
            request.replies.aside(bytes).await;
        }
    }

    fn aside(&self, target: &Target, bytes: bytes::Bytes) -> Option<bytes::Bytes> {
        match self.as_legacy() {
            Some(legacy) => inward::translate(legacy, &target.session, bytes),
            None => inward::notification(bytes),
        }
    }

    /// A task that a server has begun is asked for at that server.
    fn learn(&self, server: &str, answer: &bytes::Bytes) {
        if memchr::memmem::find(answer, b"taskId").is_none() {
            return;
        }
        let Ok(answer) = Message::read(answer.clone(), Side::Server) else { return };
        let task = answer.result().and_then(|result| {
            let holder = result.get("task").unwrap_or(result);
            holder.get("taskId").and_then(Value::as_str)
        });
        if let Some(task) = task {
            self.places.learn_task(server, &task);
        }
    }

    async fn unavailable(&self, request: &Arc<Request>, server: &str, why: &str) {
        let text = format!("server `{server}` is not available: {why}");
        let answer = self.error(request, answer::UPSTREAM_FAILED, &text);
        self.settle(request, Some(answer)).await;
    }

    async fn nowhere(&self, request: &Arc<Request>, text: &str) {
        let answer = self.error(request, answer::INVALID_PARAMS, text);
        self.settle(request, Some(answer)).await;
    }
}

/// MCP 2024-11-05 to 2025-11-25.
const RESOURCE_NOT_FOUND: i32 = -32002;
