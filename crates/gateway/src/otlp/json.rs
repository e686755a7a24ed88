//! The JSON of OTLP as far as it is needed: objects, attributes. 64-bit numbers are strings there
//! (protobuf's mapping), ids are hexadecimal.

use toolgate_json::quote;

/// Writes one JSON text; commas come by themselves.
#[derive(Debug, Default)]
pub(super) struct Json(Vec<u8>);

impl Json {
    pub(super) fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.begin(b'{');
        write(self);
        self.0.push(b'}');
    }

    pub(super) fn array(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        self.key(key);
        self.0.push(b'[');
        write(self);
        self.0.push(b']');
    }

    pub(super) fn member(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        self.key(key);
        self.object(write);
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(value, &mut self.0);
    }

    /// An enumeration, 32 bits, a double.
    pub(super) fn number(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        self.0.extend_from_slice(value.to_string().as_bytes());
    }

    /// 64 bits.
    pub(super) fn long(&mut self, key: &str, value: u64) {
        self.key(key);
        quote(&value.to_string(), &mut self.0);
    }

    /// An item of an array of 64-bit numbers.
    pub(super) fn long_item(&mut self, value: u64) {
        self.comma();
        quote(&value.to_string(), &mut self.0);
    }

    /// An item of an array of doubles.
    pub(super) fn number_item(&mut self, value: f64) {
        self.comma();
        self.0.extend_from_slice(value.to_string().as_bytes());
    }

    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.object(|json| {
            json.text("key", name);
            json.member("value", |json| json.text("stringValue", value));
        });
    }

    pub(super) fn attribute_long(&mut self, name: &str, value: u64) {
        self.object(|json| {
            json.text("key", name);
            json.member("value", |json| json.long("intValue", value));
        });
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn key(&mut self, key: &str) {
        self.comma();
        quote(key, &mut self.0);
        self.0.push(b':');
    }

    fn begin(&mut self, with: u8) {
        self.comma();
        self.0.push(with);
    }

    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':' | b',')) {
            self.0.push(b',');
        }
    }
}
