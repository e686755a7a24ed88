//! JSON and numbers as any reader might take them: nothing is lost, nothing is decided.
//!
//! The oracle of the grid reads with this what the upstream received. It shares no code with the
//! gate: what judges it must not share its mistakes.

use std::cmp::Ordering;

/// A JSON value whose objects keep all their members and whose numbers keep their spelling.
#[derive(Clone, Debug)]
pub(crate) enum Exact {
    Null,
    Number(String),
    Object(Vec<(String, Exact)>),
    /// A list, true or false: nothing that a rule of the grid looks into.
    Other,
    Text(String),
}

impl Exact {
    /// None where the text is not one JSON value.
    pub(crate) fn read(text: &str) -> Option<Exact> {
        let mut reader = Reader { rest: text };
        let value = reader.value()?;
        reader.space();
        reader.rest.is_empty().then_some(value)
    }

    /// The members with this very name.
    pub(crate) fn named<'a>(&'a self, name: &str) -> Vec<&'a Exact> {
        self.members().filter(|(key, _)| key == name).map(|(_, value)| value).collect()
    }

    /// The members whose name some reader takes for this one.
    pub(crate) fn alike<'a>(&'a self, name: &str) -> Vec<&'a Exact> {
        self.members().filter(|(key, _)| fold(key) == name).map(|(_, value)| value).collect()
    }

    fn members(&self) -> impl Iterator<Item = &(String, Exact)> {
        let members: &[_] = if let Exact::Object(members) = self { members } else { &[] };
        members.iter()
    }
}

/// Case, compatibility forms and invisible characters, as far as the grid has them.
fn fold(key: &str) -> String {
    let seen = key.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}'));
    let plain = seen.map(|c| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap().to_ascii_lowercase()
        }
        _ => c.to_ascii_lowercase(),
    });
    plain.collect()
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Exact> {
        self.space();
        match self.rest.chars().next()? {
            '{' => self.object(),
            '[' => self.array(),
            '"' => self.text().map(Exact::Text),
            't' => self.word("true").then_some(Exact::Other),
            'f' => self.word("false").then_some(Exact::Other),
            'n' => self.word("null").then_some(Exact::Null),
            _ => {
                let end =
                    self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
                let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                Number::read(number).map(|_| Exact::Number(number.to_owned()))
            }
        }
    }

    fn object(&mut self) -> Option<Exact> {
        let mut members = Vec::new();
        self.word("{");
        while !self.word("}") {
            if !members.is_empty() && !self.word(",") {
                return None;
            }
            self.space();
            let key = self.text()?;
            if !self.word(":") {
                return None;
            }
            members.push((key, self.value()?));
        }
        Some(Exact::Object(members))
    }

    fn array(&mut self) -> Option<Exact> {
        let mut first = true;
        self.word("[");
        while !self.word("]") {
            if !std::mem::take(&mut first) && !self.word(",") {
                return None;
            }
            self.value()?;
        }
        Some(Exact::Other)
    }

    fn text(&mut self) -> Option<String> {
        let mut escaped = false;
        let end = self.rest.strip_prefix('"')?.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        let (literal, rest) = self.rest.split_at(end + 2);
        self.rest = rest;
        serde_json::from_str(literal).ok()
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }
}

/// A decimal of any length: `0.digits × 10^point`, no zero at either end of the digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    digits: String,
    point: i64,
}

impl Number {
    /// None where the text is no JSON number.
    pub(crate) fn read(literal: &str) -> Option<Number> {
        let negative = literal.starts_with('-');
        let unsigned = literal.strip_prefix('-').unwrap_or(literal);
        let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if whole.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let power: i64 = power.parse().ok()?;
        let digits = all.trim_start_matches('0');
        let point = i64::try_from(whole.len()).ok()? + power
            - i64::try_from(all.len() - digits.len()).ok()?;
        let digits = digits.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Number { negative: false, digits, point: 0 });
        }
        Some(Number { negative, digits, point })
    }

    /// What a reader with 64-bit floats makes of the literal; none where that is infinite.
    pub(crate) fn as_double(literal: &str) -> Option<Number> {
        let double: f64 = literal.parse().ok()?;
        // So many places write any double exactly.
        double.is_finite().then(|| Number::read(&format!("{double:.1074}"))).flatten()
    }

    /// Whether all readers agree on the literal: the double nearest to it is written like it.
    pub(crate) fn is_known(literal: &str) -> bool {
        let double: f64 = literal.parse().unwrap();
        double.is_finite() && Number::read(&format!("{double:e}")) == Number::read(literal)
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// In units of 10⁻¹⁸; none where it is negative, finer than that, or beyond what is counted.
    pub(crate) fn units(&self) -> Option<u128> {
        let length = i64::try_from(self.digits.len()).unwrap();
        let zeros = u32::try_from(self.point + 18 - length);
        match zeros {
            _ if self.digits.is_empty() => Some(0),
            _ if self.negative => None,
            Ok(zeros) => self.digits.parse::<u128>().ok()?.checked_mul(10_u128.checked_pow(zeros)?),
            Err(_) => None,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let sign = |number: &Number| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        match (sign(self), sign(other)) {
            (1, 1) => size,
            (-1, -1) => size.reverse(),
            (one, another) => one.cmp(&another),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An oracle that reads wrongly proves nothing.
#[test]
fn numbers_are_read_exactly() {
    let order = [
        "-1e400",
        "-1",
        "-0.01",
        "0",
        "1e-400",
        "0.1",
        "0.10000000000000001",
        "19.99",
        "500",
        "500.00000000000000001",
        "501",
        "9007199254740992",
        "9007199254740993",
        "1e400",
    ];
    let numbers: Vec<_> = order.iter().map(|literal| Number::read(literal).unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    for (a, b) in [("1E2", "100"), ("1999e-2", "19.99"), ("-0", "0"), ("0.50", "5e-1")] {
        assert_eq!(Number::read(a), Number::read(b), "{a} {b}");
    }
    for no in ["", "-", "+1", ".5", "1e", "0x1", "NaN", "1_0"] {
        assert_eq!(Number::read(no), None, "{no}");
    }
    assert_eq!(Number::as_double("9007199254740993"), Number::read("9007199254740992"));
    assert_eq!(Number::as_double("1e400"), None);
    assert!(Number::as_double("0.1").unwrap() > Number::read("0.1").unwrap());
    for known in ["0.1", "19.99", "1E2", "-0", "9007199254740992", "1e22"] {
        assert!(Number::is_known(known), "{known}");
    }
    for unknown in ["9007199254740993", "1e400", "1e-400", "0.10000000000000001"] {
        assert!(!Number::is_known(unknown), "{unknown}");
    }
    assert_eq!(Number::read("0.000000000000000001").unwrap().units(), Some(1));
    assert_eq!(Number::read("0.0000000000000000001").unwrap().units(), None);
    assert_eq!(Number::read("19.99").unwrap().units(), Some(19_990_000_000_000_000_000));
}

#[test]
fn every_member_is_kept() {
    let read = Exact::read(r#" {"a":1.0,"A":"\"x","\u0061":[true,null,{}],"ａ":2} "#).unwrap();
    assert_eq!(read.named("a").len(), 2);
    assert_eq!(read.alike("a").len(), 4);
    assert!(matches!(read.named("A")[..], [Exact::Text(text)] if text == "\"x"));
    assert!(Exact::read("{} x").is_none() && Exact::read("[1,]").is_none());
}
