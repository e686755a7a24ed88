//! Tool definitions that rules and mirrored headers ask for, fetched by the gate itself.
//!
//! Clients need not list: the first call that needs a definition waits while the gate asks for
//! the list.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use toolgate_catalog::Fingerprint;
use toolgate_policy::{Call, Definition, Subject};
use toolgate_protocol::headers::Mirrors;

use crate::clock;
use crate::listing::{self, Tools};
use crate::session::Session;
use crate::snapshot::Snapshot;

#[derive(Debug, Default)]
pub(crate) struct Definitions {
    last: Mutex<Option<Arc<Listed>>>,
    /// Held while the list is asked for.
    asking: tokio::sync::Mutex<()>,
    asked: AtomicU64,
    /// When the client was last shown a list.
    shown_ns: AtomicU64,
}

/// What became of asking.
#[derive(Debug)]
struct Listed {
    /// What the server told last; nothing if it never did.
    tools: Option<Arc<Tools>>,
    /// Whether it told this time.
    answered: bool,
    /// What the inbox had counted when the list was asked for.
    tools_changed: u64,
    /// The directory in force when it was asked for.
    directory: Option<u64>,
    asked_ns: u64,
}

/// The server does not tell its tools.
#[derive(Debug)]
pub(crate) struct Unlisted;

/// Which list will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The last one, for a while.
    Kept,
    /// One on which a call may be refused.
    Recent,
    /// The same, asked for since the directory has been what it is now.
    Since(Option<u64>),
}

/// What a server says of one tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// There is none of that name.
    Absent,
    As(Fingerprint),
    /// It does not tell its tools.
    Nothing,
}

/// A list is asked for again after this long, since not every server tells of changes.
const KEPT_NS: u64 = 60_000_000_000;
/// Nobody is refused on a list that is older, so that who has just listed is right.
const REFUSES_NS: u64 = 1_000_000_000;
/// A server that does not answer is asked again after this long.
pub(crate) const RETRY_NS: u64 = 15_000_000_000;

impl Definitions {
    /// What the server says of the call's tool, if a rule wants to know.
    pub(crate) async fn of(
        &self,
        session: &Session,
        snapshot: &Snapshot,
        call: &Call,
    ) -> Definition {
        if call.subject != Subject::Tool || !snapshot.policy.needs_definition(&call.name) {
            return Definition::Unknown;
        }
        let current = |listed: &Listed| {
            listed.answered && listed.is_younger(KEPT_NS) && listed.is_unchanged(session)
        };
        let listed = self.listed(session, call, current).await;
        let tool = listed.tools.as_ref().and_then(|tools| tools.get(&call.name));
        match tool.and_then(|tool| tool.definition.as_ref()) {
            Some(definition) if listed.answered => Definition::Known(Arc::clone(definition)),
            _ => Definition::Unknown,
        }
    }

    /// The call's tool as its server tells it now; nothing for what is none.
    pub(crate) async fn now(&self, session: &Session, call: &Call) -> Option<Fingerprint> {
        if call.subject != Subject::Tool {
            return None;
        }
        match self.told(session, call, Trust::Recent).await {
            Told::As(fingerprint) => Some(fingerprint),
            Told::Absent | Told::Nothing => None,
        }
    }

    /// What the server says the call's tool is.
    pub(crate) async fn told(&self, session: &Session, call: &Call, trust: Trust) -> Told {
        let kept_ns = if trust == Trust::Kept { KEPT_NS } else { REFUSES_NS };
        let current = |listed: &Listed| {
            let known = match trust {
                Trust::Kept | Trust::Recent => true,
                Trust::Since(directory) => listed.directory >= directory,
            };
            let shown =
                trust == Trust::Kept || listed.asked_ns >= self.shown_ns.load(Ordering::Relaxed);
            known && shown && listed.is_younger(kept_ns) && listed.is_unchanged(session)
        };
        // Whoever waits behind a server that does not answer need not wait as long again.
        let hopeless = |listed: &Listed| !listed.answered && listed.is_younger(RETRY_NS);
        let will_do = |listed: &Listed| hopeless(listed) || (listed.answered && current(listed));
        let listed = self.listed(session, call, will_do).await;
        match listed.tools.as_ref().filter(|_| listed.answered) {
            Some(tools) => match tools.get(&call.name) {
                Some(tool) => Told::As(tool.fingerprint),
                None => Told::Absent,
            },
            None => Told::Nothing,
        }
    }

    /// The arguments that the call's tool wants mirrored; nothing if there are none. Only the
    /// first call waits for a server that is slow to tell: an older list serves until a new one
    /// is there, and a server that did not tell is asked again without a call that waits.
    pub(crate) async fn mirrors(
        &self,
        session: &Arc<Session>,
        call: &Call,
    ) -> Result<Option<Arc<Mirrors>>, Unlisted> {
        let listed = self.listed(session, call, |listed| listed.is_unchanged(session)).await;
        if !listed.is_younger(KEPT_NS) {
            self.renew(session, call);
        }
        listed.mirrors(&call.name)
    }

    /// The same by a list on which a call may be refused.
    pub(crate) async fn mirrors_now(
        &self,
        session: &Session,
        call: &Call,
    ) -> Result<Option<Arc<Mirrors>>, Unlisted> {
        let current =
            |listed: &Listed| listed.is_younger(REFUSES_NS) && listed.is_unchanged(session);
        self.listed(session, call, current).await.mirrors(&call.name)
    }

    /// The client has just read a list of its own: what it goes by may be newer than ours.
    pub(crate) fn note_shown(&self) {
        self.shown_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    /// The server does not agree: it is asked again before the next call.
    pub(crate) fn forget(&self) {
        self.last().take();
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// The last list if it will do, else a new one.
    async fn listed(
        &self,
        session: &Session,
        call: &Call,
        will_do: impl Fn(&Listed) -> bool,
    ) -> Arc<Listed> {
        if let Some(listed) = self.last().clone().filter(|listed| will_do(listed)) {
            return listed;
        }
        self.ask(session, &listing::meta(call), will_do).await
    }

    /// Asks for the list, unless somebody did in the meantime.
    async fn ask(
        &self,
        session: &Session,
        meta: &[u8],
        will_do: impl Fn(&Listed) -> bool,
    ) -> Arc<Listed> {
        let _asking = self.asking.lock().await;
        let before = self.last().clone();
        if let Some(listed) = before.clone().filter(|listed| will_do(listed)) {
            return listed;
        }
        let (tools_changed, asked_ns) = (session.inbox.tools_changed(), clock::boot_ns());
        let directory = session.gate.snapshot().directory;
        let told = listing::tools(session, meta).await;
        let told = told.map(|tools| session.gate.lists.once(tools));
        let answered = told.is_some();
        let tools = told.or_else(|| before?.tools.clone());
        let listed = Arc::new(Listed { tools, answered, tools_changed, directory, asked_ns });
        *self.last() = Some(Arc::clone(&listed));
        listed
    }

    /// Asks in the background, unless somebody does.
    fn renew(&self, session: &Arc<Session>, call: &Call) {
        if self.asking.try_lock().is_err() {
            return;
        }
        let (session, meta) = (Arc::clone(session), listing::meta(call));
        tokio::spawn(async move {
            let young = |listed: &Listed| listed.is_younger(KEPT_NS);
            session.definitions.ask(&session, &meta, young).await;
        });
    }

    fn last(&self) -> MutexGuard<'_, Option<Arc<Listed>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    fn is_younger(&self, age_ns: u64) -> bool {
        clock::boot_ns().saturating_sub(self.asked_ns) < age_ns
    }

    /// The server told of no change since.
    fn is_unchanged(&self, session: &Session) -> bool {
        self.tools_changed == session.inbox.tools_changed()
    }

    fn mirrors(&self, tool: &str) -> Result<Option<Arc<Mirrors>>, Unlisted> {
        let tools = self.tools.as_ref().ok_or(Unlisted)?;
        Ok(tools.get(tool).and_then(|tool| tool.mirrors.clone()))
    }
}
