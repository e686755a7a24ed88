//! Times as people type and read them.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A moment in milliseconds since the Unix epoch, from `2026-11-21T10:00:00Z` or from an age:
/// `30s`, `10m`, `2h`, `7d`, `1w` before `now`.
pub(crate) fn moment(text: &str, now: Timestamp) -> Result<u64, String> {
    let moment = match age(text) {
        Some(age) => now.checked_sub(age).map_err(|e| e.to_string())?,
        None => text.parse::<Timestamp>().map_err(|_| {
            format!(
                "`{text}` is not a time; use an age like `10m`, `2h`, `7d`, or RFC 3339 like \
                 `2026-11-21T10:00:00Z`"
            )
        })?,
    };
    Ok(u64::try_from(moment.as_millisecond()).unwrap_or(0))
}

/// A moment to come: RFC 3339, or so long after `now`.
pub(crate) fn coming(text: &str, now: Timestamp) -> Result<u64, String> {
    let moment = match age(text) {
        Some(age) => now.checked_add(age).map_err(|e| e.to_string())?,
        None => text.parse::<Timestamp>().map_err(|_| {
            format!(
                "`{text}` is not a time; use a length like `12h`, `30d`, or RFC 3339 like \
                 `2026-12-31T23:59:59Z`"
            )
        })?,
    };
    if moment <= now {
        return Err(format!("`{text}` is over already; name a time to come"));
    }
    Ok(u64::try_from(moment.as_millisecond()).unwrap_or(0))
}

/// `30s`, `10m`, `2h`, `7d`, `1w`, in seconds.
pub(crate) fn length_s(text: &str) -> Option<u64> {
    age(text).and_then(|age| u64::try_from(age.as_secs()).ok())
}

fn age(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let unit_s = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    let count = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>());
    count?.ok()?.checked_mul(unit_s).map(SignedDuration::from_secs)
}

/// For a line: `2026-11-21 10:45:03`, in the zone of this machine.
pub(crate) fn local(time_ms: u64) -> String {
    let zone = TimeZone::system();
    timestamp(time_ms).to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// For machines: RFC 3339, UTC, milliseconds.
pub(crate) fn utc(time_ms: u64) -> String {
    format!("{:.3}", timestamp(time_ms))
}

/// A time that no calendar holds reads as the epoch.
fn timestamp(time_ms: u64) -> Timestamp {
    let ms = i64::try_from(time_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

/// A duration in the largest unit that keeps it short: `850 µs`, `12.3 ms`, `4.2 s`.
pub(crate) fn span(duration_us: u64) -> String {
    let tenths = |unit: u64| (duration_us / unit, duration_us % unit * 10 / unit);
    match duration_us {
        0..1_000 => format!("{duration_us} µs"),
        1_000..1_000_000 => {
            let (whole, tenth) = tenths(1_000);
            format!("{whole}.{tenth} ms")
        }
        _ => {
            let (whole, tenth) = tenths(1_000_000);
            format!("{whole}.{tenth} s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_count_back_from_now() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let at = |text| utc(moment(text, now).unwrap());
        assert_eq!(at("30s"), "2026-11-21T09:59:30.000Z");
        assert_eq!(at("10m"), "2026-11-21T09:50:00.000Z");
        assert_eq!(at("2h"), "2026-11-21T08:00:00.000Z");
        assert_eq!(at("7d"), "2026-11-14T10:00:00.000Z");
        assert_eq!(at("2026-11-21T12:00:00+02:00"), "2026-11-21T10:00:00.000Z");
    }

    #[test]
    fn nonsense_is_refused_with_examples() {
        for text in ["", "m", "-5m", "5x", "yesterday", "99999999999999999999d", "2026-11-21"] {
            let error = moment(text, Timestamp::UNIX_EPOCH).unwrap_err();
            assert!(error.contains("`10m`") || error.contains("range"), "{text}: {error}");
        }
    }

    #[test]
    fn spans_are_short() {
        assert_eq!(span(7), "7 µs");
        assert_eq!(span(12_345), "12.3 ms");
        assert_eq!(span(61_050_000), "61.0 s");
    }
}
