//! JSON read as loosely as any reader might: duplicate keys kept, in their order.
//!
//! What a message could mean to somebody is more than what it means to `serde_json`: some readers
//! take the first of two equal keys, Go's takes keys in any case, Python's servers end a line at
//! a bare carriage return. [`Loose::could_run`] collects every tool name that any of them would
//! see.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use serde_json::de::Deserializer;

/// A JSON value whose objects keep all their members.
#[derive(Clone, Debug)]
pub enum Loose {
    Array(Vec<Loose>),
    Object(Vec<(String, Loose)>),
    Other(Value),
}

impl Loose {
    pub fn read(bytes: &[u8]) -> Option<Loose> {
        let mut reader = Deserializer::from_slice(bytes);
        serde::de::Deserialize::deserialize(&mut reader).ok()
    }

    /// The last member whose key equals `key` but for case, as Go's reader has it.
    pub fn folded(&self, key: &str) -> Option<&Loose> {
        self.all(key).into_iter().last()
    }

    /// All members whose key equals `key` but for case.
    pub fn all(&self, key: &str) -> Vec<&Loose> {
        match self {
            Loose::Object(members) => members
                .iter()
                .filter(|(name, _)| fold(name) == key)
                .map(|(_, value)| value)
                .collect(),
            Loose::Array(_) | Loose::Other(_) => Vec::new(),
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Loose::Other(Value::String(text)) => Some(text),
            Loose::Array(_) | Loose::Object(_) | Loose::Other(_) => None,
        }
    }

    /// The names of all tools that some reader would run because of these bytes.
    pub fn could_run(bytes: &[u8]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
        for text in std::iter::once(bytes).chain(lines) {
            // Bad UTF-8 is replaced by some readers, not refused.
            let text = String::from_utf8_lossy(text);
            let values =
                Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<Loose>();
            for value in values.map_while(Result::ok) {
                value.collect(&mut names);
            }
        }
        names
    }

    fn collect(&self, names: &mut BTreeSet<String>) {
        if let Loose::Array(items) = self {
            for item in items {
                item.collect(names);
            }
        }
        let calls =
            self.all("method").into_iter().any(|method| method.as_str() == Some("tools/call"));
        if !calls {
            return;
        }
        for params in self.all("params") {
            names.extend(
                params.all("name").into_iter().filter_map(Loose::as_str).map(str::to_owned),
            );
        }
    }
}

/// Simple case folding, with the two letters that fold into ASCII.
fn fold(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            'ſ' => 's',
            '\u{212a}' => 'k',
            _ => c.to_ascii_lowercase(),
        })
        .collect()
}

impl<'de> serde::Deserialize<'de> for Loose {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Loose, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> serde::de::Visitor<'de> for Visitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Other(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Loose::Other(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose::Other(value.into()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Loose, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Loose::Array(array))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Loose, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Loose::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::Loose;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        let names: Vec<_> = Loose::could_run(bytes).into_iter().collect();
        assert_eq!(names, expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn every_reading_counts() {
        check(br#"{"method":"tools/call","params":{"name":"a"}}"#, &["a"]);
        check(br#"{"method":"tools/call","params":{"name":"a","n\u0061me":"b"}}"#, &["a", "b"]);
        check(br#"{"method":"ping","Method":"tools\/call","params":{"NAME":"a"}}"#, &["a"]);
        check("{\"method\":\"tools/call\",\"param\u{17f}\":{\"name\":\"a\"}}".as_bytes(), &["a"]);
        check(br#"[[{"method":"tools/call","params":{"name":"a"}}]]"#, &["a"]);
        check(
            b"{\"method\":\"ping\"\r{\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}\r}",
            &["a"],
        );
        check(br#"{"method":"ping"}{"method":"tools/call","params":{"name":"a"}}"#, &["a"]);
        check(br#"{"method":"tools/list","params":{"name":"a"}}"#, &[]);
    }
}
