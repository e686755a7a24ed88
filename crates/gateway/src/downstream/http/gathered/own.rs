//! Requests of our own to one server, on behalf of a client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use toolgate_json::{Value, quote};
use toolgate_protocol::{Message, Side};

use crate::outbox::{Inward, Mail, Outbox};
use crate::request::Request;
use crate::session::Session;
use crate::upstream::Reply;

/// How long one server is waited for where others are asked too.
pub(super) const WAIT: Duration = Duration::from_secs(10);

/// Asks; what the server says before it answers goes to `asides`, or nowhere.
pub(super) async fn ask(
    session: &Arc<Session>,
    text: Bytes,
    asides: Option<&Outbox>,
) -> Result<Reply, String> {
    let message = Message::read(text, Side::Client).map_err(|refusal| refusal.text.into_owned())?;
    let (outbox, mut mail) = Outbox::new();
    let request = session.take(message, outbox, None).await.ok_or("it was not asked")?;
    let asked = Asked::new(session, request);
    while let Some(mail) = asked.next(&mut mail).await {
        match mail {
            Mail::Aside(bytes) => {
                if let Some(asides) = asides {
                    asides.aside(bytes).await;
                }
            }
            Mail::Answer(answer) => {
                let message = Message::read(answer.bytes, Side::Server)
                    .map_err(|refusal| refusal.text.into_owned())?;
                return Ok(Reply { message, status: answer.status });
            }
        }
    }
    Err("it did not answer".to_owned())
}

/// A request that nobody waits for any more is taken back.
pub(super) struct Asked {
    session: Arc<Session>,
    pub(super) request: Arc<Request>,
}

impl Asked {
    pub(super) fn new(session: &Arc<Session>, request: Arc<Request>) -> Self {
        Self { session: Arc::clone(session), request }
    }

    /// What comes next; nothing once it has ended without an answer.
    pub(super) async fn next(&self, mail: &mut Inward) -> Option<Mail> {
        tokio::select! {
            biased;
            mail = mail.recv() => mail,
            () = self.request.unanswered() => None,
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.request.is_settled() {
            self.session.abandon(&self.request);
        }
    }
}

/// Asks all servers at the same time and waits a bounded time for each. In order.
pub(super) async fn each<T, F>(
    servers: Vec<String>,
    ask: impl Fn(String) -> F,
) -> Vec<(String, Option<T>)>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut asked = JoinSet::new();
    for (place, server) in servers.iter().enumerate() {
        let answer = ask(server.clone());
        asked.spawn(async move { (place, tokio::time::timeout(WAIT, answer).await.ok()) });
    }
    let mut answers: Vec<_> = servers.into_iter().map(|server| (server, None)).collect();
    while let Some(answered) = asked.join_next().await {
        if let Ok((place, answer)) = answered {
            answers[place].1 = answer;
        }
    }
    answers
}

/// The text of a request; `members` are those of its `params`.
pub(super) fn text(id: &str, method: &str, members: &[&[u8]]) -> Bytes {
    let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    quote(id, &mut out);
    out.extend_from_slice(br#","method":"#);
    quote(method, &mut out);
    out.extend_from_slice(br#","params":{"#);
    out.extend_from_slice(&members.join(&b","[..]));
    out.extend_from_slice(b"}}");
    Bytes::from(out)
}

/// The `_meta` member of a request that stands for a client's: the same, but that nobody is told
/// of its progress. Nothing where the client's has none.
pub(super) fn meta(message: &Message) -> Option<Vec<u8>> {
    let mut out = br#""_meta":{"#.to_vec();
    let start = out.len();
    for (key, value) in message.meta()?.entries().filter(|(key, _)| !key.is("progressToken")) {
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
    }
    out.push(b'}');
    Some(out)
}

/// What an error says, for a person.
pub(super) fn error(message: &Message) -> Option<String> {
    let error = message.error()?;
    Some(error.get("message").and_then(Value::as_str).unwrap_or_default().into_owned())
}

pub(super) fn code(message: &Message) -> Option<i32> {
    message.error()?.get("code")?.as_number()?.parse().ok()
}
