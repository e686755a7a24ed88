//! JSON as we write it: members in the order given, on one line.

use std::fmt::Display;
use std::path::Path;

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value, quote};

/// An object under construction.
pub(crate) struct Object {
    text: Vec<u8>,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self { text: vec![b'{'] }
    }

    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        quote(value, &mut self.text);
        self
    }

    /// Nothing is written if there is none.
    pub(crate) fn maybe_text(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// Nothing is written if there is none.
    pub(crate) fn maybe_raw(self, key: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.raw(key, value),
            None => self,
        }
    }

    /// Nothing is written if there is none. Documents name no path that is not UTF-8.
    pub(crate) fn path(self, key: &str, path: Option<&Path>) -> Self {
        self.maybe_raw(key, path.map(|path| string(&path.to_string_lossy())))
    }

    /// A number or a truth value.
    pub(crate) fn plain(self, key: &str, value: impl Display) -> Self {
        self.raw(key, value.to_string())
    }

    /// A value that is JSON already.
    pub(crate) fn raw(mut self, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.key(key);
        self.text.extend_from_slice(value.as_ref());
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push(b'}');
        String::from_utf8_lossy(&self.text).into_owned()
    }

    fn key(&mut self, key: &str) {
        if self.text.len() > 1 {
            self.text.push(b',');
        }
        quote(key, &mut self.text);
        self.text.push(b':');
    }
}

/// An answer as scripts get it: an object that says which form it has.
pub(crate) fn versioned(object: &str) -> String {
    format!("{{\"version\":1,{}", object.trim_start_matches('{'))
}

/// An array of values that are JSON already.
pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// `text` as a JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut out = Vec::new();
    quote(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// A JSON text for people: two spaces per level. Text that is not JSON stays as it is.
pub(crate) fn indented(json: &str) -> String {
    let bytes = Bytes::copy_from_slice(json.as_bytes());
    let Ok(document) = Document::parse(bytes, Reading::Plain) else { return json.to_owned() };
    let mut out = Vec::new();
    indent(document.root(), 0, &mut out);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

/// The text of one member of an object that is JSON already.
pub(crate) fn text_member(json: &str, key: &str) -> Option<String> {
    let bytes = Bytes::copy_from_slice(json.as_bytes());
    let document = Document::parse(bytes, Reading::Plain).ok()?;
    Some(document.root().get(key)?.as_str()?.into_owned())
}

fn indent(value: Value<'_>, depth: usize, out: &mut Vec<u8>) {
    let new_line = |out: &mut Vec<u8>, first: bool, depth: usize| {
        out.extend_from_slice(if first { b"\n" } else { b",\n" });
        out.resize(out.len() + 2 * depth, b' ');
    };
    match value.kind() {
        Kind::Object if value.entries().next().is_some() => {
            out.push(b'{');
            for (i, (key, value)) in value.entries().enumerate() {
                new_line(out, i == 0, depth + 1);
                out.extend_from_slice(key.raw());
                out.extend_from_slice(b": ");
                indent(value, depth + 1, out);
            }
            new_line(out, true, depth);
            out.push(b'}');
        }
        Kind::Array if value.items().any(is_nested) => {
            out.push(b'[');
            for (i, item) in value.items().enumerate() {
                new_line(out, i == 0, depth + 1);
                indent(item, depth + 1, out);
            }
            new_line(out, true, depth);
            out.push(b']');
        }
        Kind::Array => {
            let items: Vec<_> = value.items().map(Value::raw).collect();
            out.push(b'[');
            out.extend_from_slice(&items.join(&b", "[..]));
            out.push(b']');
        }
        Kind::False | Kind::Null | Kind::Number | Kind::Object | Kind::String | Kind::True => {
            out.extend_from_slice(value.raw());
        }
    }
}

fn is_nested(value: Value<'_>) -> bool {
    matches!(value.kind(), Kind::Array | Kind::Object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_texts_are_quoted() {
        let object = Object::new().text("b", "a\"\n").plain("a", 7).raw("c", array([string("x")]));
        assert_eq!(object.finish(), r#"{"b":"a\"\n","a":7,"c":["x"]}"#);
        assert_eq!(Object::new().finish(), "{}");
    }

    #[test]
    fn indenting_changes_white_space_only() {
        let text = r#"{"a":[1,"x, y"],"b":{},"c":[{"d":null},[]],"e":[]}"#;
        let shown = indented(text);
        let lines = [
            "{",
            r#"  "a": [1, "x, y"],"#,
            r#"  "b": {},"#,
            r#"  "c": ["#,
            r"    {",
            r#"      "d": null"#,
            r"    },",
            r"    []",
            r"  ],",
            r#"  "e": []"#,
            "}\n",
        ];
        assert_eq!(shown, lines.join("\n"));
    }
}
