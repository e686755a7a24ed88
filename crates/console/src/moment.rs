//! Times for people and for programs.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// RFC 3339, UTC.
pub(crate) fn utc(ms: u64) -> String {
    stamp(ms).map_or_else(|| ms.to_string(), |at| format!("{at:.3}"))
}

/// `2026-11-21 10:45:00 UTC`.
pub(crate) fn readable(ms: u64) -> String {
    let text = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    stamp(ms).map_or_else(|| ms.to_string(), text)
}

/// The largest unit that says it: `40 s`, `9 min`, `3 h`, `2 days`.
pub(crate) fn span(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..120 => format!("{s} s"),
        120..7_200 => format!("{} min", s / 60),
        7_200..172_800 => format!("{} h", s / 3600),
        _ => format!("{} days", s / 86_400),
    }
}

fn stamp(ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(utc(1_795_258_245_120), "2026-11-21T10:50:45.120Z");
        assert_eq!(readable(1_795_258_245_120), "2026-11-21 10:50:45 UTC");
        let spans = [(0, "0 s"), (119_999, "119 s"), (120_000, "2 min"), (7_200_000, "2 h")];
        for (ms, text) in spans {
            assert_eq!(span(ms), text);
        }
    }
}
