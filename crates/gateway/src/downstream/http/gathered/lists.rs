//! Lists of all servers as one.

use std::collections::HashSet;
use std::sync::Arc;

use toolgate_protocol::gather::{self, Entry, ListKind};
use toolgate_protocol::{Era, Message, Side, answer, list, splice};

use crate::outbox::Answer;
use crate::request::Request;
use crate::upstream::Reply;

use super::{Gathered, own, shadow};

/// What one server lists.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) server: String,
    pub(super) entries: Vec<Entry>,
    /// Whether it has such a list.
    pub(super) has: bool,
    ttl_ms: u32,
}

/// What all of them list.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) listed: Vec<Listed>,
    /// Those that did not tell.
    pub(super) left: Vec<String>,
    /// The first error that a server gave instead of a list.
    refusal: Option<Box<Reply>>,
}

/// Why a server is left out.
pub(super) struct Left {
    pub(super) why: String,
    /// What it said.
    pub(super) reply: Option<Box<Reply>>,
}

const PAGES_MAX: usize = 100;
const ENTRIES_MAX: usize = 10_000;
const BYTES_MAX: usize = 32 << 20;
/// A list that lacks a server is asked for again soon.
const PARTIAL_TTL_MS: u32 = 1000;

impl Gathered {
    pub(super) async fn list(
        self: &Arc<Self>,
        kind: ListKind,
        message: &Message,
        request: &Request,
    ) -> Answer {
        let found = self.gather(kind, message).await;
        if found.listed.is_empty()
            && let Some(reply) = found.refusal
        {
            return hand_on(&reply, request);
        }
        if found.listed.is_empty() && !found.left.is_empty() {
            let text = "no server of this grant is available";
            return self.error(request, answer::UPSTREAM_FAILED, text);
        }
        let mut seen = HashSet::new();
        let entries = found.listed.iter().flat_map(|one| &one.entries);
        let entries = entries.filter(|entry| kind.is_renamed() || seen.insert(&entry.name));
        let ttl = found.listed.iter().filter(|one| one.has).map(|one| one.ttl_ms).min();
        let ttl = if found.left.is_empty() { ttl } else { ttl.min(Some(PARTIAL_TTL_MS)) };
        let ttl = (self.era() == Era::Modern).then(|| ttl.unwrap_or_default());
        Answer::plain(answer::result(&request.id_raw, &gather::list(kind, entries, ttl)))
    }

    /// Asks all servers for all pages, and keeps what is learned of places.
    pub(super) async fn gather(self: &Arc<Self>, kind: ListKind, message: &Message) -> Found {
        let mut found = self.gather_from(self.hall.rooms.servers(), kind, message).await;
        if kind == ListKind::Tools {
            shadow::part(&self.hall, &mut found.listed);
        }
        self.places.note(kind, &found.listed, &found.left);
        found
    }

    pub(super) async fn gather_from(
        self: &Arc<Self>,
        servers: Vec<String>,
        kind: ListKind,
        message: &Message,
    ) -> Found {
        let meta = own::meta(message).filter(|_| self.era() == Era::Modern);
        let told = own::each(servers, |server| {
            let (gathered, meta) = (Arc::clone(self), meta.clone());
            async move { gathered.list_of(&server, kind, meta).await }
        });
        let mut found = Found::default();
        for (server, told) in told.await {
            match told.unwrap_or_else(|| Err(Left::new("it does not answer"))) {
                Ok(listed) => {
                    self.hall.is_back(&server);
                    found.listed.push(listed);
                }
                Err(left) => {
                    self.hall.left_out(&server, &left.why);
                    found.refusal = found.refusal.or(left.reply);
                    found.left.push(server);
                }
            }
        }
        found
    }

    /// All pages of one server.
    async fn list_of(
        &self,
        server: &str,
        kind: ListKind,
        meta: Option<Vec<u8>>,
    ) -> Result<Listed, Left> {
        let target = self.reach(server).await.map_err(Left::new)?;
        let mut listed =
            Listed { server: server.to_owned(), entries: Vec::new(), has: false, ttl_ms: u32::MAX };
        if !target.can(kind.capability()) {
            return Ok(listed);
        }
        let (mut cursor, mut bytes) = (None::<String>, 0);
        for _ in 0..PAGES_MAX {
            let cursor_member = cursor.as_deref().map(cursor_member);
            let members = cursor_member.as_deref().into_iter().chain(meta.as_deref());
            let members: Vec<_> = members.collect();
            let text = own::text(&self.hall.own_id(), kind.method(), &members);
            let reply =
                own::ask(&target.session, text, target.asides()).await.map_err(Left::new)?;
            let page = reply.message.document();
            if own::code(&reply.message) == Some(answer::METHOD_NOT_FOUND) && cursor.is_none() {
                return Ok(listed);
            }
            if let Some(error) = own::error(&reply.message) {
                let what = format!("it answered `{}` with an error", kind.method());
                return Err(Left::said(&what, &error, reply));
            }
            listed.has = true;
            listed.ttl_ms = listed.ttl_ms.min(gather::ttl_ms(page).unwrap_or_default());
            bytes += page.bytes().len();
            listed.entries.extend(gather::entries(kind, server, page));
            cursor = list::next_cursor(page).map(std::borrow::Cow::into_owned);
            if cursor.is_none() {
                return Ok(listed);
            }
            if bytes > BYTES_MAX || listed.entries.len() > ENTRIES_MAX {
                break;
            }
        }
        Err(Left::new(format!("its {} is too long", kind.method())))
    }
}

impl Left {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), reply: None }
    }

    pub(super) fn answered(answer: Answer) -> Self {
        let Ok(message) = Message::read(answer.bytes, Side::Server) else {
            return Self::new("its answer is unreadable");
        };
        let error = own::error(&message).unwrap_or_default();
        Self::said("it answered with an error", &error, Reply { message, status: answer.status })
    }

    fn said(what: &str, error: &str, reply: Reply) -> Self {
        let why = format!("{what}: {error}");
        // That it cannot be reached is our own word.
        let reply = Some(reply).filter(|r| own::code(&r.message) != Some(answer::UPSTREAM_FAILED));
        Self { why, reply: reply.map(Box::new) }
    }
}

fn cursor_member(cursor: &str) -> Vec<u8> {
    let mut out = br#""cursor":"#.to_vec();
    toolgate_json::quote(cursor, &mut out);
    out
}

/// A server's answer to a question of ours, under the client's id.
pub(super) fn hand_on(reply: &Reply, request: &Request) -> Answer {
    let id = reply.message.id().map(toolgate_json::Value::span);
    let edits: Vec<_> = id.into_iter().map(|span| (span, request.id_raw.as_slice())).collect();
    Answer { bytes: splice(reply.message.bytes(), &edits), status: reply.status }
}
