//! The handshake with all servers, and what they say of themselves together.

use std::sync::Arc;

use toolgate_protocol::gather::{self, Introduction};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Era, Message, answer};

use crate::outbox::Answer;
use crate::request::Request;
use crate::upstream::Reply;

use super::inner::{Hello, Inner};
use super::legacy::Legacy;
use super::lists::{Left, hand_on};
use super::{Gathered, own};

const SOFTWARE: &str = env!("CARGO_PKG_VERSION");
/// How long what is said of servers may be kept.
const TTL_MS: u32 = 60_000;
const PARTIAL_TTL_MS: u32 = 1000;

impl Gathered {
    /// `initialize`, up to 2025-11-25.
    pub(super) async fn introduce(
        self: &Arc<Self>,
        message: &Message,
        request: &Request,
    ) -> Answer {
        let invalid = |text| self.error(request, answer::INVALID_REQUEST, text);
        let Some(legacy) = self.as_legacy() else { return invalid("there is no handshake") };
        let Some(hello) = Hello::new(message) else {
            return invalid("the handshake is unreadable");
        };
        if !legacy.greet(hello) {
            return invalid("the session is initialized already");
        }
        let servers = self.hall.rooms.servers();
        let mut inners = self.shake(legacy, servers.clone()).await;
        let Some(chosen) = inners.iter().map(|(_, inner)| inner.version).min() else {
            let text = "no server of this grant is available";
            return self.error(request, answer::UPSTREAM_FAILED, text);
        };
        legacy.choose(chosen);
        let behind = inners.extract_if(.., |(_, inner)| inner.version != chosen);
        let behind: Vec<_> = behind.map(|(server, _)| server).collect();
        inners.extend(self.shake(legacy, behind).await);
        inners.sort_by_key(|(server, _)| servers.iter().position(|known| known == server));
        let told: Vec<_> =
            inners.iter().map(|(server, inner)| introduction(server, inner)).collect();
        let result = gather::initialized(chosen.as_str(), SOFTWARE, &told);
        legacy.note_introduced();
        Answer::plain(answer::result(&request.id_raw, &result))
    }

    async fn shake(
        self: &Arc<Self>,
        legacy: &Arc<Legacy>,
        servers: Vec<String>,
    ) -> Vec<(String, Arc<Inner>)> {
        let reached = own::each(servers, |server| {
            let legacy = Arc::clone(legacy);
            async move { legacy.reach(&server).await }
        });
        let mut inners = Vec::new();
        for (server, reached) in reached.await {
            match reached.unwrap_or_else(|| Err("it is slow to come up".to_owned())) {
                Ok(inner) => inners.push((server, inner)),
                Err(why) => self.hall.left_out(&server, &why),
            }
        }
        inners
    }

    /// `server/discover`, since 2026-07-28. A server that is there and does not know it speaks
    /// for all: a client that can do both then falls back to a handshake, which reaches all.
    pub(super) async fn discover(self: &Arc<Self>, message: &Message, request: &Request) -> Answer {
        let meta = own::meta(message).unwrap_or_default();
        let told = own::each(self.hall.rooms.servers(), |server| {
            let (gathered, meta) = (Arc::clone(self), meta.clone());
            async move { gathered.discover_one(&server, &meta).await }
        });
        let (mut replies, mut partial, mut refusal) = (Vec::new(), false, None);
        for (server, told) in told.await {
            match told.unwrap_or_else(|| Err(Left::new("it does not answer"))) {
                Ok(reply) => replies.push((server, reply)),
                Err(Left { why, reply }) => {
                    self.hall.left_out(&server, &why);
                    refusal = refusal.or(reply);
                    partial = true;
                }
            }
        }
        if let Some(reply) = refusal {
            return hand_on(&reply, request);
        }
        if replies.is_empty() {
            let text = "no server of this grant is available";
            return self.error(request, answer::UPSTREAM_FAILED, text);
        }
        let told: Vec<_> = replies
            .iter()
            .map(|(server, reply)| Introduction { server, answer: reply.message.document() })
            .collect();
        let ttl_ms = if partial { PARTIAL_TTL_MS } else { TTL_MS };
        let ttl_ms = ttl_ms
            .min(told.iter().filter_map(|t| gather::ttl_ms(t.answer)).min().unwrap_or_default());
        let mut versions = gather::versions(&told);
        versions.retain(|version| version.era() == Era::Modern);
        let result = gather::discovery(&versions, SOFTWARE, &told, ttl_ms);
        Answer::plain(answer::result(&request.id_raw, &result))
    }

    async fn discover_one(&self, server: &str, meta: &[u8]) -> Result<Reply, Left> {
        let target = self.reach(server).await.map_err(Left::new)?;
        let text = own::text(&self.hall.own_id(), "server/discover", &[meta]);
        let reply = own::ask(&target.session, text, target.asides()).await.map_err(Left::new)?;
        match own::error(&reply.message) {
            None => Ok(reply),
            Some(error) if own::code(&reply.message) == Some(answer::UPSTREAM_FAILED) => {
                Err(Left::new(error))
            }
            Some(error) => Err(Left {
                why: format!("it does not speak {}: {error}", Version::V2026_07_28),
                reply: Some(Box::new(reply)),
            }),
        }
    }

    /// `logging/setLevel`: to all servers that log, those that come later too.
    pub(super) async fn set_level(
        self: &Arc<Self>,
        message: &Message,
        request: &Request,
    ) -> Answer {
        let Some(legacy) = self.as_legacy() else {
            return self.error(request, answer::METHOD_NOT_FOUND, "Method not found");
        };
        let level = message.params().and_then(|params| params.get("level"));
        let Some(level) = level else {
            return self.error(request, answer::INVALID_PARAMS, "`level` must be a string");
        };
        let member = [&br#""level":"#[..], level.raw()].concat();
        let text = own::text(&self.hall.own_id(), "logging/setLevel", &[&member]);
        legacy.set_level(text.clone());
        let told = own::each(self.hall.rooms.servers(), |server| {
            let (gathered, text) = (Arc::clone(self), text.clone());
            async move {
                let target = gathered.ready(&server).filter(|target| target.can("logging"))?;
                own::ask(&target.session, text, target.asides()).await.ok()
            }
        });
        let told: Vec<Reply> = told.await.into_iter().filter_map(|(_, told)| told?).collect();
        let fine = told.is_empty() || told.iter().any(|reply| reply.message.error().is_none());
        match told.into_iter().next() {
            Some(refusal) if !fine => hand_on(&refusal, request),
            _ => Answer::plain(answer::result(&request.id_raw, b"{}")),
        }
    }
}

fn introduction<'a>(server: &'a str, inner: &'a Inner) -> Introduction<'a> {
    Introduction { server, answer: inner.introduction.document() }
}
