//! Bytes to message, strictly; and the same bytes by `serde_json`, which refuses less.

use std::hint::black_box;

use bytes::Bytes;
use toolgate_protocol::{Message, Side};
use xtask::bench::envelope::tool_call;

use crate::Work;

pub(crate) fn ours(bytes: Bytes) -> Work {
    Box::new(move |times| {
        for _ in 0..times {
            let message = Message::read(black_box(bytes.clone()), Side::Client);
            let message = message.map_err(|refusal| format!("{refusal:?}"))?;
            black_box(message.tool_call().ok_or("no call")?);
        }
        Ok(())
    })
}

pub(crate) fn serde(bytes: Bytes) -> Work {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(tool_call(black_box(&bytes))?.ok_or("no call")?);
        }
        Ok(())
    })
}
