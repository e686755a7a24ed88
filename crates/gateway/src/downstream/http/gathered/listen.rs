//! `subscriptions/listen` at all servers: one acknowledgement, then whatever any of them tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;
use toolgate_json::{Value, quote};
use toolgate_protocol::{Message, Side, answer, splice};

use crate::outbox::{Answer, Inward, Mail, Outbox};
use crate::request::Request;

use super::own::{self, Asked};
use super::reach::Target;
use super::{Gathered, lists};

/// A server that listens.
struct Ear {
    target: Target,
    mail: Inward,
    asked: Asked,
    acknowledged: Message,
}

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const URIS: &str = "resourceSubscriptions";

impl Gathered {
    pub(super) async fn listen(self: &Arc<Self>, message: Message, request: &Arc<Request>) {
        self.know_places(&message).await;
        let message = Arc::new(message);
        let begun = own::each(self.hall.rooms.servers(), |server| {
            let (gathered, message) = (Arc::clone(self), Arc::clone(&message));
            async move { gathered.listen_at(&server, &message).await }
        });
        let (mut ears, mut refusal) = (Vec::new(), None);
        for (server, begun) in begun.await {
            match begun.unwrap_or_else(|| Err(lists::Left::new("it does not answer"))) {
                Ok(ear) => ears.push(ear),
                Err(left) => {
                    self.hall.left_out(&server, &left.why);
                    refusal = refusal.or(left.reply);
                }
            }
        }
        if ears.is_empty() {
            let text = "no server of this grant is available";
            let none = || self.error(request, answer::UPSTREAM_FAILED, text);
            let answer = refusal.map_or_else(none, |reply| lists::hand_on(&reply, request));
            return self.settle(request, Some(answer)).await;
        }
        request.replies.aside(acknowledgement(&ears, request)).await;
        let ended = self.hear_all(ears, request).await;
        self.settle(request, ended).await;
    }

    /// Until the last server has ended its subscription: its answer.
    async fn hear_all(self: &Arc<Self>, ears: Vec<Ear>, request: &Arc<Request>) -> Option<Answer> {
        let mut hearing = JoinSet::new();
        for ear in ears {
            let (gathered, request) = (Arc::clone(self), Arc::clone(request));
            hearing.spawn(async move { gathered.hear(ear, &request).await });
        }
        let mut last = None;
        while let Some(ended) = hearing.join_next().await {
            last = ended.ok().flatten().or(last);
        }
        last
    }

    async fn hear(&self, mut ear: Ear, request: &Request) -> Option<Answer> {
        while let Some(mail) = ear.asked.next(&mut ear.mail).await {
            match mail {
                Mail::Aside(bytes) => self.pass_on(&ear.target, bytes, request).await,
                Mail::Answer(answer) => {
                    self.hall.left_out(&ear.target.server, "it ended its subscription");
                    return Some(answer);
                }
            }
        }
        None
    }

    async fn listen_at(&self, server: &str, message: &Message) -> Result<Ear, lists::Left> {
        let target = self.reach(server).await.map_err(lists::Left::new)?;
        let text = self.part_of(server, message);
        let message = Message::read(text, Side::Client)
            .map_err(|refusal| lists::Left::new(refusal.text.into_owned()))?;
        let (outbox, mut mail) = Outbox::new();
        let inner = target.session.take(message, outbox, None).await;
        let inner = inner.ok_or_else(|| lists::Left::new("it was not asked"))?;
        let asked = Asked::new(&target.session, inner);
        match asked.next(&mut mail).await {
            Some(Mail::Aside(bytes)) => match Message::read(bytes, Side::Server) {
                Ok(acknowledged) if acknowledged.is_method(ACKNOWLEDGED) => {
                    Ok(Ear { target, mail, asked, acknowledged })
                }
                _ => Err(lists::Left::new("it did not acknowledge the subscription")),
            },
            Some(Mail::Answer(answer)) => Err(lists::Left::answered(answer)),
            None => Err(lists::Left::new("it did not answer")),
        }
    }

    /// The places of the URIs that the client wants to hear of.
    async fn know_places(self: &Arc<Self>, message: &Message) {
        let known = |uri: Value<'_>| uri.as_str().is_some_and(|u| self.places.of_uri(&u).is_some());
        let unknown = uris(message).is_some_and(|uris| !uris.items().all(known));
        if unknown {
            let resources = self.gather(toolgate_protocol::gather::ListKind::Resources, message);
            let templates = self.gather(toolgate_protocol::gather::ListKind::Templates, message);
            tokio::join!(resources, templates);
        }
    }

    /// The request with those URIs only that are this server's.
    fn part_of(&self, server: &str, message: &Message) -> Bytes {
        let Some(uris) = uris(message) else { return message.bytes().clone() };
        let own = |uri: &Value<'_>| {
            uri.as_str().and_then(|uri| self.places.of_uri(&uri)).as_deref() == Some(server)
        };
        let own: Vec<&[u8]> = uris.items().filter(own).map(Value::raw).collect();
        let list = [b"[", own.join(&b","[..]).as_slice(), b"]"].concat();
        splice(message.bytes(), &[(uris.span(), &list)])
    }
}

fn uris(message: &Message) -> Option<Value<'_>> {
    message.params()?.get("notifications")?.get(URIS)
}

/// What any of them will tell.
fn acknowledgement(ears: &[Ear], request: &Request) -> Bytes {
    let honored = ears.iter().filter_map(|ear| ear.acknowledged.params()?.get("notifications"));
    let (mut members, mut uris) = (BTreeMap::<String, &[u8]>::new(), Vec::<&[u8]>::new());
    for (key, value) in honored.flat_map(Value::entries) {
        let Some(key) = key.as_str() else { continue };
        if key == URIS {
            uris.extend(value.items().map(Value::raw));
        } else if value.as_bool() == Some(true) {
            members.insert(key.into_owned(), b"true");
        }
    }
    let list = [b"[", uris.join(&b","[..]).as_slice(), b"]"].concat();
    if !uris.is_empty() {
        members.insert(URIS.to_owned(), &list);
    }
    let mut out = br#"{"jsonrpc":"2.0","method":"#.to_vec();
    quote(ACKNOWLEDGED, &mut out);
    out.extend_from_slice(br#","params":{"notifications":{"#);
    for (i, (key, value)) in members.iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"" } else { b"," });
        quote(key, &mut out);
        out.push(b':');
        out.extend_from_slice(value);
    }
    out.extend_from_slice(br#"},"_meta":{"io.modelcontextprotocol/subscriptionId":"#);
    out.extend_from_slice(&request.id_raw);
    out.extend_from_slice(b"}}}");
    Bytes::from(out)
}
