//! Sizes, times and counts, each with its bounds.

use std::time::Duration;

use toolgate_json::Decimal;
use toolgate_policy::document::outline::{Node, Value, quoted};

use super::form::{Fault, Reads};
use crate::json::{self, Object};

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;

pub(crate) const SECOND_MS: u64 = 1000;
pub(crate) const MINUTE_MS: u64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: u64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;

const SIZE_UNITS: [(&str, u64); 4] = [("GiB", GIB), ("MiB", MIB), ("KiB", KIB), ("B", 1)];
const TIME_UNITS: [(&str, u64); 5] =
    [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)];

/// So many of something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// `512KiB`, `4MiB`, `1GiB`, or a number of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// `250ms`, `30s`, `10m`, `12h`, `30d`, or a number of seconds. The bounds are milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    pub(crate) min_ms: u64,
    pub(crate) max_ms: u64,
}

impl Reads for Count {
    type Value = u64;

    fn due(&self) -> String {
        "a whole number".to_owned()
    }

    fn fits(&self, node: &Node) -> bool {
        matches!(node.value, Value::Number(_))
    }

    fn read(&self, node: &Node) -> Result<u64, Fault> {
        let literal = node.number().unwrap_or_default();
        let help = format!("a whole number from {} to {}", self.min, self.max);
        let count = whole(literal).filter(|count| (self.min..=self.max).contains(count));
        count.ok_or_else(|| Fault::new(format!("{} is out of bounds", quoted(literal)), help))
    }

    fn mend(&self, node: &Node) -> Option<String> {
        let is_count = node.text().and_then(whole).is_some();
        is_count.then(|| "write it without quotes".to_owned())
    }

    fn schema(&self) -> String {
        whole_schema(self.min, self.max)
    }
}

impl Reads for Size {
    type Value = u64;

    fn due(&self) -> String {
        "a size such as `4MiB`".to_owned()
    }

    fn fits(&self, node: &Node) -> bool {
        matches!(node.value, Value::Number(_) | Value::Text(_))
    }

    fn read(&self, node: &Node) -> Result<u64, Fault> {
        let written = written(node);
        let bytes = whole(written).or_else(|| measure(written, &SIZE_UNITS)).ok_or_else(|| {
            Fault::new(format!("{} is no size", quoted(written)), size_help(written))
        })?;
        within(bytes, (self.min, self.max), written, size)
    }

    fn schema(&self) -> String {
        either(&whole_schema(self.min, self.max), "^[0-9]+(B|KiB|MiB|GiB)$")
    }
}

impl Reads for Time {
    type Value = Duration;

    fn due(&self) -> String {
        "a length of time such as `30s`".to_owned()
    }

    fn fits(&self, node: &Node) -> bool {
        matches!(node.value, Value::Number(_) | Value::Text(_))
    }

    fn read(&self, node: &Node) -> Result<Duration, Fault> {
        let written = written(node);
        let seconds = whole(written).and_then(|seconds| seconds.checked_mul(SECOND_MS));
        let length_ms = seconds.or_else(|| sum_ms(written)).ok_or_else(|| {
            let help = "write it as `250ms`, `30s`, `10m`, `12h` or `30d`; a number is seconds";
            Fault::new(format!("{} is no length of time", quoted(written)), help)
        })?;
        within(length_ms, (self.min_ms, self.max_ms), written, time).map(Duration::from_millis)
    }

    fn schema(&self) -> String {
        let seconds = whole_schema(self.min_ms.div_ceil(SECOND_MS), self.max_ms / SECOND_MS);
        either(&seconds, "^([0-9]+(ms|s|m|h|d))+$")
    }
}

/// As a document would have it: whole seconds as a number.
pub(crate) fn time_json(length: Duration) -> String {
    match length.subsec_millis() {
        0 => length.as_secs().to_string(),
        _ => json::string(&format!("{}ms", length.as_millis())),
    }
}

fn written(node: &Node) -> &str {
    node.number().or_else(|| node.text()).unwrap_or_default()
}

/// A JSON number that is whole: `10`, `1e3`.
fn whole(literal: &str) -> Option<u64> {
    Decimal::parse(literal)?.scaled(0)?.try_into().ok()
}

/// Digits and one unit.
fn measure(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    count.parse::<u64>().ok()?.checked_mul(*unit)
}

/// `1h30m`: one measure after the other.
fn sum_ms(text: &str) -> Option<u64> {
    let mut sum = None;
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit())?;
        let length = rest[unit..].find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len() - unit);
        let (first, others) = rest.split_at(unit + length);
        sum = Some(measure(first, &TIME_UNITS)?.checked_add(sum.unwrap_or(0))?);
        rest = others;
    }
    sum
}

fn within(
    amount: u64,
    (min, max): (u64, u64),
    written: &str,
    show: fn(u64) -> String,
) -> Result<u64, Fault> {
    if (min..=max).contains(&amount) {
        return Ok(amount);
    }
    let what = if amount < min { "too little" } else { "too much" };
    let help = format!("from {} to {}", show(min), show(max));
    Err(Fault::new(format!("{} is {what}", quoted(written)), help))
}

/// `4 mb` is almost right.
fn size_help(written: &str) -> String {
    let compact = written.replace(' ', "").to_ascii_lowercase();
    let digits = compact.find(|c: char| !c.is_ascii_digit()).unwrap_or(compact.len());
    let (count, unit) = compact.split_at(digits);
    let unit = match unit {
        "k" | "kb" | "ki" | "kib" => "KiB",
        "m" | "mb" | "mi" | "mib" => "MiB",
        "g" | "gb" | "gi" | "gib" => "GiB",
        _ => "",
    };
    if count.is_empty() || unit.is_empty() {
        return "write it as `512KiB`, `4MiB` or `1GiB`; a number is bytes".to_owned();
    }
    format!("did you mean `{count}{unit}`?")
}

fn size(bytes: u64) -> String {
    show(bytes, &SIZE_UNITS)
}

fn time(length_ms: u64) -> String {
    show(length_ms, &TIME_UNITS)
}

/// In the largest unit that fits.
fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fitting = units.iter().find(|(_, unit)| amount >= *unit && amount.is_multiple_of(*unit));
    fitting.map_or_else(|| amount.to_string(), |(name, unit)| format!("{}{name}", amount / unit))
}

fn whole_schema(min: u64, max: u64) -> String {
    Object::new().text("type", "integer").plain("minimum", min).plain("maximum", max).finish()
}

fn either(number: &str, pattern: &str) -> String {
    let text = Object::new().text("type", "string").text("pattern", pattern).finish();
    Object::new().raw("anyOf", json::array([number.to_owned(), text])).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_add_up() {
        assert_eq!(sum_ms("250ms"), Some(250));
        assert_eq!(sum_ms("1h30m"), Some(90 * MINUTE_MS));
        assert_eq!(sum_ms("30d"), Some(30 * DAY_MS));
        for wrong in ["", "5", "m", "1.5h", "1h 30m", "5w", "-1s", "99999999999999999999s"] {
            assert_eq!(sum_ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn amounts_are_shown_in_their_largest_unit() {
        assert_eq!(size(4 * MIB), "4MiB");
        assert_eq!(size(1500), "1500B");
        assert_eq!(time(90 * SECOND_MS), "90s");
        assert_eq!(time(0), "0");
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for (length, json) in [(1500, "\"1500ms\""), (30_000, "30"), (0, "0")] {
            assert_eq!(time_json(Duration::from_millis(length)), json);
        }
    }
}
