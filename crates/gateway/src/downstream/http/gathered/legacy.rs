//! A legacy client's connections: one for each server, opened when first needed and again when it
//! is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinSet;
use toolgate_protocol::gather::has;
use toolgate_protocol::version::Version;

use crate::clock;
use crate::downstream::http::Room;
use crate::downstream::http::sessions::Sessions;
use crate::outbox::Outbox;

use super::hall::Hall;
use super::inner::{Hello, Inner, Place};
use super::inward;
use super::questions::Questions;
use super::table::Table;

#[derive(Debug)]
pub(super) struct Legacy {
    pub(super) hall: Arc<Hall>,
    pub(super) questions: Questions,
    pub(super) table: Arc<Table>,
    /// For what belongs to no request of the client.
    pub(super) unsolicited: Outbox,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    hello: Option<Arc<Hello>>,
    /// What the client was told that all servers speak.
    chosen: Option<Version>,
    /// The client said that it is ready.
    ready: bool,
    /// The client's last `logging/setLevel`.
    level: Option<Bytes>,
    /// The client has our answer to its hello.
    introduced: bool,
    over: bool,
    slots: HashMap<String, watch::Receiver<Standing>>,
}

#[derive(Clone, Debug)]
enum Standing {
    Failed { why: Arc<str>, at_ns: u64 },
    Open(Arc<Inner>),
    Opening,
}

/// How long a server may take to come up. Nobody waits so long for it; it comes late.
const OPEN_MAX: Duration = Duration::from_mins(1);
const TELL_MAX: Duration = Duration::from_secs(10);
/// A server that failed is left alone so long.
const RETRY_NS: u64 = 1_000_000_000;

impl Legacy {
    pub(super) fn new(hall: Arc<Hall>, unsolicited: Outbox, table: Arc<Table>) -> Self {
        let (questions, state) = (Questions::default(), Mutex::default());
        Self { hall, questions, table, unsolicited, state }
    }

    /// False if the client has said hello before.
    pub(super) fn greet(&self, hello: Hello) -> bool {
        let mut state = self.state();
        let first = state.hello.is_none();
        state.hello.get_or_insert_with(|| Arc::new(hello));
        first
    }

    fn hello(&self) -> Option<Arc<Hello>> {
        self.state().hello.clone()
    }

    pub(super) fn choose(&self, version: Version) {
        self.state().chosen = Some(version);
    }

    pub(super) fn chosen(&self) -> Option<Version> {
        self.state().chosen
    }

    /// The client is ready: every server hears it, those that come later too.
    pub(super) async fn begin(&self) {
        self.state().ready = true;
        self.tell_all(|inner| async move { inner.begin().await }).await;
    }

    /// What has no answer, to every server at the same time: one that hangs stops no other.
    pub(super) async fn tell_all<F>(&self, tell: impl Fn(Arc<Inner>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut telling: JoinSet<()> = self.inners().into_iter().map(tell).collect();
        let told = async { while telling.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(TELL_MAX, told).await;
    }

    pub(super) fn note_introduced(&self) {
        self.state().introduced = true;
    }

    /// A request of ours, for servers that come later too.
    pub(super) fn set_level(&self, request: Bytes) {
        self.state().level = Some(request);
    }

    /// All connections that are open.
    fn inners(&self) -> Vec<Arc<Inner>> {
        let state = self.state();
        let standings = state.slots.values().map(|slot| slot.borrow().clone());
        standings.filter_map(Standing::open).collect()
    }

    pub(super) fn end(&self) {
        let mut state = self.state();
        state.over = true;
        state.slots.clear();
    }

    /// The connection if it is there already.
    pub(super) fn open_now(&self, server: &str) -> Option<Arc<Inner>> {
        let room = self.hall.rooms.room_now(server)?;
        let state = self.state();
        let inner = state.slots.get(server)?.borrow().clone().open()?;
        inner.touch();
        state.is_usable(&inner, &room).then_some(inner)
    }

    /// The connection, opened first if need be. Whoever waits sets a bound.
    pub(super) async fn reach(self: &Arc<Self>, server: &str) -> Result<Arc<Inner>, String> {
        let mut slot = self.slot(server).await?;
        let standing = slot.wait_for(|standing| !matches!(standing, Standing::Opening)).await;
        match standing.map(|standing| standing.clone()) {
            Ok(Standing::Open(inner)) => {
                inner.touch();
                Ok(inner)
            }
            Ok(Standing::Failed { why, .. }) => Err(why.to_string()),
            Ok(Standing::Opening) | Err(_) => Err("it did not come up".to_owned()),
        }
    }

    async fn slot(self: &Arc<Self>, server: &str) -> Result<watch::Receiver<Standing>, String> {
        let room = self.hall.rooms.room(server).await?;
        let mut state = self.state();
        if state.over {
            return Err("the session is over".to_owned());
        }
        if let Some(slot) = state.slots.get(server).filter(|slot| state.will_do(slot, &room)) {
            return Ok(slot.clone());
        }
        let (tell, slot) = watch::channel(Standing::Opening);
        let before = state.slots.insert(server.to_owned(), slot.clone());
        drop(state);
        drop(before);
        tokio::spawn(Arc::clone(self).open(server.to_owned(), room, tell));
        Ok(slot)
    }

    async fn open(self: Arc<Self>, server: String, room: Arc<Room>, tell: watch::Sender<Standing>) {
        let connect = self.connect(&room);
        let opened = tokio::time::timeout(OPEN_MAX, connect).await;
        let opened = opened.unwrap_or_else(|_| Err("it did not come up in time".to_owned()));
        let opened = opened.and_then(|inner| match self.hall.rooms.room_now(&server) {
            Some(now) if Arc::ptr_eq(&now, &room) => Ok(Arc::new(inner)),
            Some(_) | None => Err("it was set up anew".to_owned()),
        });
        match opened {
            Ok(inner) => self.settle_in(&server, &inner, &tell).await,
            Err(why) => {
                let (why, at_ns) = (why.into(), clock::boot_ns());
                tell.send_replace(Standing::Failed { why, at_ns });
            }
        }
    }

    /// What the other servers have heard, this one hears too; and the client hears that there
    /// may be more now.
    async fn settle_in(&self, server: &str, inner: &Arc<Inner>, tell: &watch::Sender<Standing>) {
        let (ready, level, introduced) = {
            let state = self.state();
            (state.ready, state.level.clone(), state.introduced)
        };
        if ready {
            inner.begin().await;
        }
        tell.send_replace(Standing::Open(Arc::clone(inner)));
        self.hall.is_back(server);
        // It may have become ready in between.
        if self.state().ready {
            inner.begin().await;
        }
        if let Some(level) = level {
            inner.tell(level).await;
        }
        for what in ["tools", "prompts", "resources"] {
            if introduced && has(inner.introduction.document(), what) {
                let method = format!("notifications/{what}/list_changed");
                let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#);
                self.unsolicited.aside(Bytes::from(text)).await;
            }
        }
    }

    async fn connect(self: &Arc<Self>, room: &Arc<Room>) -> Result<Inner, String> {
        let hello = self.hello().ok_or("the client has not said hello")?;
        let mut asked = self.chosen();
        loop {
            let place = self.join(room).await?;
            let id = self.hall.own_id();
            let inner = Inner::shake(place, (&hello, asked), &id).await?;
            match self.chosen() {
                Some(chosen) if inner.version != chosen && asked != Some(chosen) => {
                    asked = Some(chosen);
                }
                Some(chosen) if inner.version != chosen => {
                    let version = inner.version;
                    return Err(format!("it speaks {version}, and the others speak {chosen}"));
                }
                Some(_) | None => return Ok(inner),
            }
        }
    }

    async fn join(self: &Arc<Self>, room: &Arc<Room>) -> Result<Place, String> {
        let places = room.presence.session().map_err(|rejection| rejection.1.to_owned())?;
        let (client, asides, mail) =
            Sessions::open(room, places).await.map_err(|error| error.text)?;
        room.presence.sessions.keep(&client);
        let place = Place::new(Arc::clone(room), client, asides);
        let session = place.session.as_ref().map(Arc::downgrade).ok_or("it is no server")?;
        tokio::spawn(inward::pass(Arc::downgrade(self), session, mail));
        Ok(place)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn will_do(&self, slot: &watch::Receiver<Standing>, room: &Arc<Room>) -> bool {
        match &*slot.borrow() {
            Standing::Failed { at_ns, .. } => clock::boot_ns().saturating_sub(*at_ns) < RETRY_NS,
            Standing::Open(inner) => self.is_usable(inner, room),
            Standing::Opening => true,
        }
    }

    fn is_usable(&self, inner: &Inner, room: &Arc<Room>) -> bool {
        inner.is_in(room) && self.chosen.is_none_or(|chosen| inner.version == chosen)
    }
}

impl Standing {
    fn open(self) -> Option<Arc<Inner>> {
        match self {
            Self::Open(inner) => Some(inner),
            Self::Failed { .. } | Self::Opening => None,
        }
    }
}
