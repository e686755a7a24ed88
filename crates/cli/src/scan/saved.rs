//! A saved list of tools, in any of the forms in which people keep them.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

/// All of them are judged in some seconds.
const TOOLS_MAX: usize = 50_000;

/// What a file says that a server lists.
#[derive(Debug)]
pub(crate) struct Saved {
    document: Document,
}

impl Saved {
    pub(crate) fn read(text: Vec<u8>) -> Result<Self, String> {
        let text = match text.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => text,
        };
        let document = Document::parse(Bytes::from(text), Reading::Plain)
            .map_err(|error| format!("not JSON: {error}"))?;
        let saved = Self { document };
        if saved.list().is_none() {
            let error = "no list of tools: write an array of tools, or an object that has one as \
                         `tools`";
            return Err(error.to_owned());
        }
        let count = saved.tools().count();
        if count > TOOLS_MAX {
            return Err(format!(
                "it lists {count} tools, more than the {TOOLS_MAX} that are judged at once: \
                 split it"
            ));
        }
        Ok(saved)
    }

    /// The definitions.
    pub(crate) fn tools(&self) -> impl Iterator<Item = Value<'_>> {
        self.list().into_iter().flat_map(Value::items)
    }

    /// What the server calls itself, where the file says so.
    pub(crate) fn server(&self) -> Option<String> {
        let info = self.info().and_then(|info| info.get("name")?.as_str());
        let name = self.root().get("server").and_then(Value::as_str);
        Some(name.or(info)?.into_owned())
    }

    pub(crate) fn version(&self) -> Option<String> {
        Some(self.info()?.get("version")?.as_str()?.into_owned())
    }

    pub(crate) fn protocol(&self) -> Option<String> {
        Some(self.handshake().get("protocolVersion")?.as_str()?.into_owned())
    }

    pub(crate) fn instructions(&self) -> Option<String> {
        Some(self.handshake().get("instructions")?.as_str()?.into_owned())
    }

    pub(crate) fn others(&self, key: &str) -> impl Iterator<Item = Value<'_>> {
        self.root().get(key).into_iter().flat_map(Value::items)
    }

    /// The lines of the file, from 1, on which values of it begin. They are in its order.
    pub(crate) fn lines<'a>(&self, values: impl Iterator<Item = Value<'a>>) -> Vec<usize> {
        let (mut line, mut at) = (1, 0);
        let lines = values.map(|value| {
            let start = value.span().start;
            let between = self.document.bytes().get(at..start).unwrap_or_default();
            line += between.split(|byte| *byte == b'\n').count().saturating_sub(1);
            at = start.max(at);
            line
        });
        lines.collect()
    }

    fn list(&self) -> Option<Value<'_>> {
        let root = self.document.root();
        let array = |value: Value<'_>| value.kind() == Kind::Array;
        if array(root) {
            return Some(root);
        }
        [Some(root), root.get("result")]
            .into_iter()
            .flatten()
            .find_map(|place| place.get("tools").filter(|tools| array(*tools)))
    }

    fn root(&self) -> Value<'_> {
        let root = self.document.root();
        root.get("result").filter(|result| result.get("tools").is_some()).unwrap_or(root)
    }

    /// The answer to `initialize`, or what of it stands beside the tools.
    fn handshake(&self) -> Value<'_> {
        let root = self.root();
        let answer = root.get("initialize").map(|answer| answer.get("result").unwrap_or(answer));
        answer.unwrap_or(root)
    }

    fn info(&self) -> Option<Value<'_>> {
        self.handshake().get("serverInfo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let saved = Saved::read(text.as_bytes().to_vec()).unwrap();
        let name = |tool: Value<'_>| tool.get("name").unwrap().as_str().unwrap().into_owned();
        saved.tools().map(name).collect()
    }

    #[test]
    fn every_form_is_the_same_list() {
        let tools = r#"[{"name":"a"},{"name":"b"}]"#;
        for text in [
            tools.to_owned(),
            format!(r#"{{"tools":{tools}}}"#),
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":{tools}}}}}"#),
            format!("\u{feff}{{\"server\":\"x\",\"more\":[1],\"tools\":{tools}}}"),
        ] {
            assert_eq!(names(&text), ["a", "b"], "{text}");
        }
    }

    #[test]
    fn what_the_server_said_of_itself_is_taken_along() {
        let text = r#"{"initialize":{"protocolVersion":"2025-11-25","instructions":"Do.",
            "serverInfo":{"name":"shop","version":"2"}},"tools":[]}"#;
        let saved = Saved::read(text.as_bytes().to_vec()).unwrap();
        assert_eq!(saved.server().as_deref(), Some("shop"));
        assert_eq!(saved.version().as_deref(), Some("2"));
        assert_eq!(saved.protocol().as_deref(), Some("2025-11-25"));
        assert_eq!(saved.instructions().as_deref(), Some("Do."));
    }

    #[test]
    fn what_is_no_list_says_what_would_be_one() {
        for text in ["{}", "7", r#"{"tools":{}}"#, r#"{"result":{"prompts":[]}}"#] {
            let error = Saved::read(text.as_bytes().to_vec()).unwrap_err();
            assert!(error.contains("`tools`"), "{error}");
        }
        assert!(Saved::read(b"{".to_vec()).unwrap_err().starts_with("not JSON"));
    }
}
