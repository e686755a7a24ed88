//! Arguments as careless servers read them: whatever the case of a key, whatever the type, and the
//! last of two.

use toolgate_json::{Kind, Value};

/// The arguments of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a>(Option<Value<'a>>);

impl<'a> Arguments<'a> {
    pub(super) fn of(value: Option<Value<'a>>) -> Self {
        Self(value)
    }

    /// As Go fills a structure: keys match in any case, and the last one counts.
    pub(super) fn get(self, name: &str) -> Option<Value<'a>> {
        let members = self.0?.entries();
        let same = |key: Value<'_>| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
        members.filter(|(key, _)| same(*key)).last().map(|(_, value)| value)
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Any value as a text; an empty one if there is none.
    pub(super) fn text(self, name: &str) -> String {
        self.get(name).map(text).unwrap_or_default()
    }

    /// The items of a list, or the one value that is there.
    pub(super) fn texts(self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(list) if list.kind() == Kind::Array => list.items().map(text).collect(),
            Some(one) => vec![text(one)],
            None => Vec::new(),
        }
    }

    /// `true`, and whatever scripts take for it.
    pub(super) fn truth(self, name: &str) -> bool {
        let text = self.text(name);
        self.has(name) && !matches!(text.as_str(), "" | "0" | "false" | "no" | "null")
    }

    /// A number, also in quotes or alone in a list.
    pub(super) fn number(self, name: &str) -> Option<f64> {
        self.texts(name).first()?.trim().parse().ok()
    }

    /// Everything, as it was written.
    pub(super) fn all(self) -> String {
        self.0.map(|all| String::from_utf8_lossy(all.raw()).into_owned()).unwrap_or_default()
    }
}

fn text(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => text.into_owned(),
        None => String::from_utf8_lossy(value.raw()).into_owned(),
    }
}
