//! `2026-01-31T12:00:00Z` (RFC 3339, section 5.6, UTC and whole seconds only).

use crate::document::findings::{Findings, quoted};
use crate::document::node::Node;

const DAY_S: u64 = 86_400;

/// Seconds since the Unix epoch.
pub(super) fn read(node: &Node, findings: &mut Findings) -> Option<u64> {
    let text = node.text()?;
    let seconds = seconds(text);
    if seconds.is_none() {
        findings
            .error(node.span, format!("{} is no time", quoted(text)))
            .help("write it as `2026-01-31T12:00:00Z`");
    }
    seconds
}

fn seconds(text: &str) -> Option<u64> {
    let shape = "0000-00-00T00:00:00Z";
    let alike = |(a, b): (char, char)| if b == '0' { a.is_ascii_digit() } else { a == b };
    if text.len() != shape.len() || !text.chars().zip(shape.chars()).all(alike) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let fits = (1970..=2200).contains(&year) && (1..=12).contains(&month);
    if !fits || !(1..=length(year, month)).contains(&day) || hour > 23 || minute > 59 || second > 59
    {
        return None;
    }
    let years: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: u64 = (1..month).map(|month| length(year, month)).sum();
    Some((years + months + day - 1) * DAY_S + hour * 3600 + minute * 60 + second)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn length(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_is_read_exactly_or_not_at_all() {
        for (text, told) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T23:59:59Z", Some(951_868_799)),
            ("2026-01-01T12:00:00Z", Some(1_767_268_800)),
            ("2025-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-01T24:00:00Z", None),
            ("2026-01-01 12:00:00Z", None),
            ("2026-01-01T12:00:00", None),
            ("2026-01-01T12:00:00+01:00", None),
        ] {
            assert_eq!(seconds(text), told, "{text}");
        }
    }
}
