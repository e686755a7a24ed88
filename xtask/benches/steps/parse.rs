//! Bytes to message, strictly; and the same bytes by `serde_json`, which refuses less.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use toolgate_protocol::{Message, Side};
use xtask::Result;
use xtask::bench::envelope::tool_call;

use crate::message;
use crate::stopwatch::Stopwatch;

pub(crate) fn small(times: u32) -> Result<Duration> {
    ours(&message::small(), times)
}

pub(crate) fn text(times: u32) -> Result<Duration> {
    ours(&message::text(), times)
}

pub(crate) fn rows(times: u32) -> Result<Duration> {
    ours(&message::rows(), times)
}

pub(crate) fn serde_small(times: u32) -> Result<Duration> {
    serde(&message::small(), times)
}

pub(crate) fn serde_text(times: u32) -> Result<Duration> {
    serde(&message::text(), times)
}

pub(crate) fn serde_rows(times: u32) -> Result<Duration> {
    serde(&message::rows(), times)
}

fn ours(bytes: &Bytes, times: u32) -> Result<Duration> {
    let watch = Stopwatch::start();
    for _ in 0..times {
        let message = Message::read(black_box(bytes.clone()), Side::Client);
        let message = message.map_err(|refusal| format!("{refusal:?}"))?;
        black_box(message.tool_call().ok_or("no call")?);
    }
    watch.spent()
}

fn serde(bytes: &Bytes, times: u32) -> Result<Duration> {
    let watch = Stopwatch::start();
    for _ in 0..times {
        black_box(tool_call(black_box(bytes))?.ok_or("no call")?);
    }
    watch.spent()
}
