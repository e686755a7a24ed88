//! The server's side: what takes a [`Permit`] or a relay, and nothing else.

pub(crate) mod auth;
mod backoff;
mod child;
mod command;
mod common;
mod departure;
pub(crate) mod egress;
mod environment;
mod fence;
mod host;
mod ids;
mod incoming;
mod keeper;
mod launch;
mod life;
mod process;
mod queue;
mod remote;
mod sse;
mod stderr;
mod supervisor;
#[cfg(test)]
mod tests;
mod waiters;
mod wire;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{oneshot, watch};
use toolgate_protocol::{Era, Message, answer};

use crate::enforce::Permit;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::Transport;
use crate::options::{RunError, UpstreamSpec};
use crate::relay::{Outbound, Relay};
use crate::request::{Request, Sending};

use auth::Vault;
use child::Child;
pub use command::{CommandSpec, Resources, Sandbox, ServerStderr, Variable};
pub(crate) use common::Common;
pub use fence::{become_server, can_fence_files};
pub(crate) use host::{Host, Table};
pub(crate) use keeper::Process;
use launch::Launch;
pub(crate) use remote::resolve;
use remote::{Remote, Target};
use sse::Sse;

/// Whether requests keep the ids that their client gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Own,
    /// Several clients may use the same id at the same time.
    Shared,
}

/// A server may say so many times more at once than a client.
const RESULT_FACTOR: usize = 16;

fn result_bytes_max(gate: &Gate) -> usize {
    gate.message_bytes_max.saturating_mul(RESULT_FACTOR)
}

/// How to reach the server, once for every session. A clone is the same server: what one finds
/// out of its starts, the other knows.
#[derive(Clone, Debug)]
pub(crate) enum Connector {
    Command(Arc<Launch>),
    Url(Box<Target>, Transport),
}

/// One connection to a server.
#[derive(Debug)]
pub(crate) enum Upstream {
    Child(Child),
    Remote(Remote),
    Sse(Sse),
}

/// A server's answer to a request.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) message: Message,
    /// What an HTTP server answered with; nothing over stdio.
    pub(crate) status: Option<u16>,
}

impl Reply {
    /// What goes to an HTTP client: the server's own status, or, for an error that came over
    /// stdio, the one that MCP 2026-07-28 has for it.
    pub(crate) fn http_status(&self, era: Era) -> Option<u16> {
        let code = self.message.error().and_then(|error| error.get("code")?.as_number());
        match code.and_then(|code| code.parse().ok()) {
            Some(code) if era == Era::Modern => self.status.or(answer::http_status(code)),
            _ => self.status,
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The client took the request back before it was sent.
    Cancelled,
    /// A request without a decision that needs one by now, back unsent.
    Held(Box<Message>),
    /// The client left after it was sent.
    Left,
    /// It was sent, or part of it, and no answer came.
    Lost(String),
    /// A permit that grew old in the queue, back unused.
    Stale(Box<Permit>),
    /// It may have been sent, and no answer came in this time.
    TimedOut(Duration),
    /// Nothing was sent.
    Unsent(String),
}

/// What a started message brings. It goes on while it is awaited.
pub(crate) struct Pending {
    /// Over HTTP, the request itself: whoever waits for the answer drives it.
    exchange: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    reply: oneshot::Receiver<Result<Reply, Failure>>,
}

impl Future for Pending {
    type Output = Result<Reply, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.exchange.as_mut().is_some_and(|one| one.as_mut().poll(context).is_ready()) {
            self.exchange = None;
        }
        let ended = || Failure::Lost("the connection to the server ended".to_owned());
        let reply = Pin::new(&mut self.reply).poll(context);
        reply.map(|reply| reply.unwrap_or_else(|_| Err(ended())))
    }
}

impl Connector {
    /// Tokens of a server that wants them are kept in `vault`.
    pub(crate) fn new(server: &str, spec: &UpstreamSpec, vault: &Vault) -> Result<Self, RunError> {
        match spec {
            UpstreamSpec::Command(spec) => Ok(Self::Command(Arc::new(Launch::new(server, spec)))),
            UpstreamSpec::Url(spec) => {
                let target = Target::new(server, spec, vault)?;
                Ok(Self::Url(Box::new(target), spec.transport))
            }
        }
    }

    /// Opens a connection for one session, or one to be shared by requests of one principal.
    pub(crate) async fn connect(
        &self,
        gate: &Arc<Gate>,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Result<(Upstream, Option<Process>), RunError> {
        match self {
            Self::Command(launch) => {
                let (child, process) = launch.start(gate, inbox, sharing).await?;
                Ok((Upstream::Child(child), Some(process)))
            }
            Self::Url(target, Transport::Http) => {
                let remote = Remote::new(gate, (**target).clone(), inbox, sharing);
                Ok((Upstream::Remote(remote), None))
            }
            Self::Url(target, Transport::Sse) => {
                let sse = Sse::new(gate, (**target).clone(), inbox, sharing);
                Ok((Upstream::Sse(sse), None))
            }
        }
    }

    /// The one connection that everybody shares, if the operator said that they may.
    pub(crate) fn common(&self) -> Option<Common> {
        match self {
            Self::Command(launch) => launch.common(),
            Self::Url(..) => None,
        }
    }

    /// The same for clients with sessions.
    pub(crate) fn host(&self) -> Option<Host> {
        match self {
            Self::Command(launch) => launch.host(),
            Self::Url(..) => None,
        }
    }

    /// Ends what everybody shares.
    pub(crate) async fn end_shared(&self) {
        if let Some(common) = self.common() {
            common.end().await;
        }
        if let Some(host) = self.host() {
            host.end().await;
        }
    }

    /// Fails where connecting is bound to fail.
    pub(crate) fn probe(&self) -> Result<(), RunError> {
        match self {
            Self::Command(launch) => launch.probe(),
            Self::Url(..) => Ok(()),
        }
    }
}

impl Upstream {
    /// Whether the server is a process of ours.
    pub(crate) fn is_child(&self) -> bool {
        matches!(self, Self::Child(_))
    }

    /// Whether the server reads headers.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// Puts a request in the queue; its answer comes through what this returns.
    pub(crate) async fn start(
        &self,
        outbound: Outbound,
        request: Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        match self {
            Self::Child(child) => child.start(outbound, request, sending).await,
            Self::Remote(remote) => remote.start(outbound, request, sending).await,
            Self::Sse(sse) => sse.start(outbound, request, sending),
        }
    }

    /// Passes on what has no answer: a notification or a response.
    pub(crate) async fn tell(&self, relay: Relay) {
        match self {
            Self::Child(child) => child.tell(relay).await,
            Self::Remote(remote) => remote.tell(relay).await,
            Self::Sse(sse) => sse.tell(relay).await,
        }
    }

    /// The client no longer waits for what was started.
    pub(crate) fn abandon(&self, request: &Request) {
        match self {
            Self::Child(child) => child.abandon(request),
            Self::Remote(remote) => remote.abandon(request),
            Self::Sse(sse) => sse.abandon(request),
        }
    }

    /// The client took a request back: what was sent is not waited for.
    pub(crate) fn withdraw(&self, request: &Request) {
        match self {
            Self::Child(child) => child.withdraw(request),
            Self::Remote(remote) => remote.withdraw(request),
            Self::Sse(sse) => sse.withdraw(request),
        }
    }

    /// Lets the server know that nothing more will come, and gives it time for the answers it
    /// still owes.
    pub(crate) async fn close(&self, patience: Duration) {
        match self {
            Self::Child(child) => child.close(patience).await,
            Self::Remote(remote) => remote.close(patience).await,
            Self::Sse(sse) => sse.close(patience).await,
        }
    }

    /// The last line that a process wrote to its standard error, where that is captured.
    pub(crate) async fn last_words(&self) -> Option<String> {
        match self {
            Self::Child(child) => child.last_words().await,
            Self::Remote(_) | Self::Sse(_) => None,
        }
    }

    /// Becomes true once the server has said its last word.
    pub(crate) fn ended(&self) -> watch::Receiver<bool> {
        match self {
            Self::Child(child) => child.ended(),
            Self::Remote(remote) => remote.ended(),
            Self::Sse(sse) => sse.ended(),
        }
    }
}

impl Failure {
    /// In words.
    pub(crate) fn why(self) -> String {
        match self {
            Self::Cancelled | Self::Left => "it was not waited for".to_owned(),
            Self::Lost(why) | Self::Unsent(why) => why,
            Self::Held(_) | Self::Stale(_) => "it did not take the request in time".to_owned(),
            Self::TimedOut(time) => format!("it did not answer within {time:?}"),
        }
    }

    /// What the client hears; nothing where it no longer waits.
    pub(crate) fn answer(self, request: &Request) -> Option<Bytes> {
        let (code, text) = match self {
            Self::Cancelled | Self::Left => return None,
            Self::Lost(why) | Self::Unsent(why) => (answer::UPSTREAM_FAILED, why),
            Self::Held(_) | Self::Stale(_) => {
                let text = "the server did not take the request in time";
                (answer::UPSTREAM_FAILED, text.to_owned())
            }
            Self::TimedOut(time) => {
                let text = format!("the server did not answer within {time:?}");
                (answer::UPSTREAM_TIMEOUT, text)
            }
        };
        Some(answer::error(Some(&request.id_raw), code, &text, None))
    }
}
