//! Amounts, windows and durations as documents write them.

use std::num::NonZeroU64;

use toolgate_json::Decimal;

use crate::amount::Amount;
use crate::document::findings::{Findings, quoted};
use crate::document::node::Node;

/// 366 days.
pub(crate) const WINDOW_S_MAX: u64 = 366 * DAY_S;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 3600;
const DAY_S: u64 = 86_400;

/// The exact number at `node`, if it is one that can be counted.
pub(crate) fn amount(node: &Node, findings: &mut Findings) -> Option<Amount> {
    let decimal = Decimal::parse(node.number()?)?;
    let amount = Amount::new(&decimal);
    if amount.is_none() {
        let what = if decimal.is_negative() {
            "an amount cannot be negative"
        } else {
            "an amount has at most 18 decimal places and is below 3.4e20"
        };
        findings.error(node.span, what);
    }
    amount
}

/// `minute`, `hour`, `day` or a number of seconds.
pub(crate) fn window_s(node: &Node, findings: &mut Findings) -> Option<NonZeroU64> {
    if let Some(word) = node.text() {
        return length_s(word);
    }
    let literal = node.number()?;
    let seconds = Decimal::parse(literal)
        .and_then(|decimal| decimal.scaled(0))
        .and_then(|seconds| u64::try_from(seconds).ok())
        .filter(|seconds| *seconds <= WINDOW_S_MAX)
        .and_then(NonZeroU64::new);
    if seconds.is_none() {
        findings
            .error(node.span, format!("a window of {} seconds is not possible", quoted(literal)))
            .help(format!("whole seconds from 1 to {WINDOW_S_MAX}, which are 366 days"));
    }
    seconds
}

pub(crate) fn length_s(word: &str) -> Option<NonZeroU64> {
    let length = match word {
        "minute" => MINUTE_S,
        "hour" => HOUR_S,
        "day" => DAY_S,
        _ => return None,
    };
    NonZeroU64::new(length)
}

/// The word for a window, if there is one.
pub(crate) fn window_word(length_s: NonZeroU64) -> Option<&'static str> {
    match length_s.get() {
        MINUTE_S => Some("minute"),
        HOUR_S => Some("hour"),
        DAY_S => Some("day"),
        _ => None,
    }
}

/// `30m`, `1h30m`: how long a question stands.
pub(crate) fn duration_s(text: &str) -> Option<NonZeroU64> {
    sum_s(text).filter(|seconds| *seconds <= WINDOW_S_MAX).and_then(NonZeroU64::new)
}

/// The same, or no time at all: `0s`.
pub(crate) fn pause_s(text: &str) -> Option<u64> {
    sum_s(text).filter(|seconds| *seconds <= WINDOW_S_MAX && !text.is_empty())
}

fn sum_s(text: &str) -> Option<u64> {
    let mut sum = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => MINUTE_S,
            b'h' => HOUR_S,
            b'd' => DAY_S,
            _ => return None,
        };
        sum = sum.checked_add(count.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    Some(sum)
}
