//! New decisions as they are recorded: server-sent events, for the script of the log's page.
//!
//! Nothing waits in memory for a reader who is slow: what it did not take in time it misses, and is
//! told how many there were.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, broadcast, watch};
use toolgate_store::DirectoryReader;

use crate::cookie::Cookie;
use crate::door::Asked;
use crate::flow::{Pen, flow};
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::log::{End, Filter, Found, Query, Row};
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::session::{Session, Sessions};
use crate::watch::Batch;

use super::foreign::Foreign;
use super::log;

/// More onlookers than these would take the places of those who ask for pages.
const ONLOOKERS_MAX: usize = 64;
/// What came while nobody was connected is told up to so many decisions.
const CAUGHT_UP_MAX: usize = 200;
/// Whether the session goes on is looked at this often; the reader hears that the line is alive.
const TICK: Duration = Duration::from_secs(5);

const ALIVE: &str = ": alive\n\n";

static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(ONLOOKERS_MAX)));

pub(super) async fn follow(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let form = log::query(asked)?;
    let filter = Filter::read(&form)?;
    let place = Arc::clone(&PLACES).try_acquire_owned().map_err(|_| {
        let text = format!("{ONLOOKERS_MAX} browsers look on already; try again later");
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_many", text);
        Refusal { retry_after_s: Some(10), ..refusal }
    })?;
    let after = match last_event(asked.headers) {
        Some(seq) => Some(seq),
        None => form.one("after").map(log::seq).transpose()?,
    };
    let (batches, seen) = house.pulse.follow();
    let query = Query { filter: filter.clone(), before: None, after, count: CAUGHT_UP_MAX };
    let found = match after {
        Some(_) => log::find(house, query).await?,
        None => Found { newest: seen, ..Found::default() },
    };
    let (pen, body) = flow();
    let watch = Watch::of(house, somebody, asked);
    let onlooker = Onlooker { filter, pen, behind: found.newest, expected: None };
    let leaving = asked.line.leaving();
    tokio::spawn(async move {
        let _place = place;
        onlooker.run(found, batches, (watch, leaving)).await;
    });
    Ok(reply::flowing("text/event-stream; charset=utf-8", body))
}

/// Where the browser was when the last connection ended.
fn last_event(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

struct Onlooker {
    filter: Filter,
    pen: Pen,
    /// Up to this entry everything was told.
    behind: u64,
    /// How many decisions should have been told of before the next batch.
    expected: Option<u64>,
}

/// Whether somebody may still look on.
struct Watch {
    sessions: Sessions,
    name: Option<String>,
    session: Option<Session>,
    state: std::path::PathBuf,
}

impl Onlooker {
    /// Until the reader goes away, the connection is closed, or the session ends.
    async fn run(
        mut self,
        found: Found,
        mut batches: broadcast::Receiver<Arc<Batch>>,
        (watch, mut leaving): (Watch, watch::Receiver<bool>),
    ) {
        let more = found.older.is_some();
        let rows: Vec<String> = found.rows.iter().rev().map(json_of).collect();
        let first =
            format!("retry: 1000\n\n{}", event(self.behind, &rows, &[], Missed { count: 0, more }));
        if !self.send(first).await {
            return;
        }
        let mut ticks = tokio::time::interval(TICK);
        loop {
            let going_on = tokio::select! {
                batch = batches.recv() => self.tell(batch).await,
                _ = ticks.tick() => watch.goes_on().await && self.send(ALIVE.to_owned()).await,
                () = left(&mut leaving) => false,
                () = self.pen.closed() => false,
            };
            if !going_on {
                return;
            }
        }
    }

    async fn tell(&mut self, batch: Result<Arc<Batch>, RecvError>) -> bool {
        let batch = match batch {
            Ok(batch) => batch,
            // How many were missed is told with the next one.
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        };
        let missed = self.expected.map_or(0, |expected| batch.before.saturating_sub(expected));
        self.expected = Some(batch.before + u64::try_from(batch.fresh.len()).unwrap_or(0));
        let fresh = batch
            .fresh
            .iter()
            .filter(|it| it.row.seq > self.behind && self.filter.wants(&it.row, &it.entry));
        let rows: Vec<String> = fresh.map(|fresh| json_of(&fresh.row)).collect();
        self.behind = self.behind.max(batch.seq);
        if rows.is_empty() && batch.ends.is_empty() && missed == 0 {
            return true;
        }
        let missed = Missed { count: missed, more: false };
        self.send(event(self.behind, &rows, &batch.ends, missed)).await
    }

    /// False if nobody reads any more.
    async fn send(&self, text: String) -> bool {
        self.pen.send(Ok(Bytes::from(text))).await.is_ok()
    }
}

impl Watch {
    fn of(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Self {
        Self {
            sessions: house.sessions.clone(),
            name: Cookie::Session.read(asked.headers, house.edge.secure),
            session: somebody.session.clone(),
            state: house.state.clone(),
        }
    }

    async fn goes_on(&self) -> bool {
        let (Some(name), Some(session)) = (&self.name, self.session.clone()) else { return false };
        let state = self.state.clone();
        let look = move || {
            let reader = DirectoryReader::open(&state).ok()?;
            reader.account(&session.account).ok()?.filter(|account| session.is_of(account))
        };
        let account = tokio::task::spawn_blocking(look).await;
        self.sessions.goes_on(name) && account.is_ok_and(|account| account.is_some())
    }
}

/// Decisions that are not told of: how many, or that there are more than were counted.
#[derive(Clone, Copy)]
struct Missed {
    count: u64,
    more: bool,
}

/// Returns once the connection is to be closed.
async fn left(leaving: &mut watch::Receiver<bool>) {
    drop(leaving.wait_for(|leaving| *leaving).await);
}

/// One event: its id is the newest entry that it tells of.
fn event(seq: u64, rows: &[String], ends: &[(u64, End)], missed: Missed) -> String {
    let ends = ends.iter().map(|(opened, end)| {
        let words = json::string(&end.words());
        format!("[{opened},{words}]")
    });
    let data = Object::new()
        .raw("rows", &json::array(rows.iter().cloned()))
        .raw("ends", &json::array(ends))
        .raw("missed", &missed.count.to_string())
        .raw("more", if missed.more { "true" } else { "false" })
        .finish();
    format!("id: {seq}\ndata: {data}\n\n")
}

/// As the page's own rows have it; other people's words in pieces.
fn json_of(row: &Row) -> String {
    Object::new()
        .raw("seq", &row.seq.to_string())
        .text("id", &row.id)
        .text("time", &moment::readable(row.wall_ms))
        .text("effect", row.word.as_str())
        .text("shadow", row.shadow)
        .raw("tool", &pieces(&row.tool))
        .raw("server", &pieces(&row.server))
        .raw("grant", &pieces(&row.grant))
        .raw("principal", &pieces(&row.principal))
        .raw("why", &pieces(&log::why(row)))
        .text("end", &row.end.map(End::words).unwrap_or_default())
        .finish()
}

fn pieces(text: &str) -> String {
    let piece = |piece: &super::foreign::Piece| {
        let text = json::string(&piece.text);
        if piece.mark { format!("[{text},{}]", piece.breaks) } else { text }
    };
    json::array(Foreign::of(text).0.iter().map(piece))
}
