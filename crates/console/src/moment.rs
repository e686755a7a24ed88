//! Times for people and for programs.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};

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

/// RFC 3339, a date with a time in UTC, a date, or an age such as `90m`, `24h`, `7d`.
pub(crate) fn parse(text: &str, now_ms: u64) -> Option<u64> {
    if let Some(age_ms) = age_ms(text) {
        return Some(now_ms.saturating_sub(age_ms));
    }
    let civil = || text.trim_end_matches("UTC").trim_end().parse::<DateTime>().ok();
    let at = text.parse::<Timestamp>().ok();
    let at = at.or_else(|| Some(civil()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))?;
    u64::try_from(at.as_millisecond()).ok()
}

fn age_ms(text: &str) -> Option<u64> {
    let lengths = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let (letter, unit_s) = lengths.into_iter().find(|(letter, _)| text.ends_with(*letter))?;
    let digits = text.strip_suffix(letter)?;
    let count = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>());
    count?.ok()?.checked_mul(unit_s)?.checked_mul(1000)
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

    #[test]
    fn times_are_read_as_people_type_them() {
        let now_ms = 1_795_258_245_120;
        let read = |text| parse(text, now_ms).map(readable);
        for text in ["2026-11-21T10:50:45.120Z", "2026-11-21T10:50:45", "2026-11-21 10:50:45 UTC"] {
            assert_eq!(read(text).as_deref(), Some("2026-11-21 10:50:45 UTC"), "{text}");
        }
        assert_eq!(read("2026-11-21T10:50").as_deref(), Some("2026-11-21 10:50:00 UTC"));
        assert_eq!(read("2026-11-21").as_deref(), Some("2026-11-21 00:00:00 UTC"));
        assert_eq!(read("24h").as_deref(), Some("2026-11-20 10:50:45 UTC"));
        for text in ["", "m", "-5m", "yesterday", "5x", "99999999999999999999d"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
