//! What the log's page shows, all of it, for other programs: read and sent bit by bit.

use std::collections::HashSet;
use std::io;

use bytes::Bytes;
use hyper::header::{CONTENT_DISPOSITION, HeaderValue};
use toolgate_store::{Entry, Format, Kind, Log};

use crate::door::Asked;
use crate::flow::{Pen, flow};
use crate::house::House;
use crate::line::LongWork;
use crate::log::{Filter, Row};
use crate::reply::{self, Refusal, Reply};

use super::log;

/// Sent at once.
const PIECE_BYTES: usize = 64 << 10;

pub(super) async fn export(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = log::query(asked)?;
    let format = form
        .one("format")
        .and_then(Format::parse)
        .ok_or_else(|| Refusal::bad_request("`format` is one of `cef`, `jsonl`, `ocsf`"))?;
    let filter = Filter::read(&form)?;
    let of = filter.clone();
    let ends = house.in_log(move |log| crate::log::bounds(log, &of)).await?;
    let (pen, body) = flow();
    let (state, work) = (house.state.clone(), asked.line.long_work());
    tokio::task::spawn_blocking(move || {
        let sent = Log::open(&state)
            .map_err(|error| error.to_string())
            .and_then(|log| Export { format, filter, pen: &pen }.run(&log, ends, work));
        if let Err(why) = sent {
            // The connection ends there, so that nobody takes it for all of it.
            let _ = pen.blocking_send(Err(io::Error::other(why)));
        }
    });
    let media = match format {
        Format::Cef => "text/plain; charset=utf-8",
        Format::Jsonl | Format::Ocsf => "application/jsonl",
    };
    let mut reply = reply::flowing(media, body);
    let name = format!("attachment; filename=\"toolgate-log.{}\"", file_end(format));
    if let Ok(name) = HeaderValue::from_str(&name) {
        reply.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(reply)
}

fn file_end(format: Format) -> &'static str {
    match format {
        Format::Cef => "cef.log",
        Format::Jsonl => "jsonl",
        Format::Ocsf => "ocsf.jsonl",
    }
}

struct Export<'a> {
    format: Format,
    filter: Filter,
    pen: &'a Pen,
}

impl Export<'_> {
    /// Outcomes stand behind the decisions they belong to, however late.
    fn run(&self, log: &Log, (oldest, newest): (u64, u64), _work: LongWork) -> Result<(), String> {
        let (mut piece, mut open) = (String::new(), HashSet::new());
        let behind = if self.filter.to_ms.is_some() { u64::MAX } else { newest };
        for entry in log.entries(oldest) {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.seq > behind || (entry.seq > newest && open.is_empty()) {
                break;
            }
            if self.wants(&entry, &mut open)
                && let Some(line) = self.format.line(&entry)
            {
                piece.push_str(&line);
                piece.push('\n');
            }
            if piece.len() >= PIECE_BYTES && !self.send(&mut piece) {
                return Ok(());
            }
        }
        self.send(&mut piece);
        Ok(())
    }

    /// False if nobody reads any more.
    fn send(&self, piece: &mut String) -> bool {
        self.pen.blocking_send(Ok(Bytes::from(std::mem::take(piece)))).is_ok()
    }

    fn wants(&self, entry: &Entry, open: &mut HashSet<u64>) -> bool {
        match &entry.kind {
            Kind::Closed(closed) => open.remove(&closed.opened),
            Kind::Answered(_) | Kind::Changed(_) | Kind::Note(_) => {
                self.filter.wants_note(entry.wall_ms)
            }
            Kind::Denied(_) | Kind::Opened(_) => {
                let row = Row::of(entry);
                let wanted = row.is_some_and(|row| self.filter.wants(&row, entry));
                if wanted && matches!(entry.kind, Kind::Opened(_)) {
                    open.insert(entry.seq);
                }
                wanted
            }
        }
    }
}
