//! `hosts` and `origins`: further names that requests may carry.

use toolgate_policy::document::outline::{Node, quoted};

use super::form::{Fault, Reads};
use super::url::{Parts, host_of};

/// A name as it stands in `Host`: `gateway.example.com`, `gateway.example.com:8443`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host;

/// `https://app.example.com`: a scheme and a host, no path (RFC 6454).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin;

impl Reads for Host {
    type Value = String;

    fn due(&self) -> String {
        "a name such as `gateway.example.com`".to_owned()
    }

    fn read(&self, node: &Node) -> Result<String, Fault> {
        let text = node.text().unwrap_or_default();
        if text.contains("://") || text.contains('/') {
            let help =
                "the name alone: `gateway.example.com`; other pages' addresses are `origins`";
            return Err(Fault::new(format!("{} is no host", quoted(text)), help));
        }
        if text.contains('*') {
            return Err(Fault::new("a host has no `*`", "write out every name"));
        }
        host_of(text)?;
        Ok(text.to_ascii_lowercase())
    }

    fn schema(&self) -> String {
        r#"{"type":"string","pattern":"^[^/*@\\s]+$"}"#.to_owned()
    }
}

impl Reads for Origin {
    type Value = String;

    fn due(&self) -> String {
        "an origin such as `https://app.example.com`".to_owned()
    }

    fn read(&self, node: &Node) -> Result<String, Fault> {
        let text = node.text().unwrap_or_default();
        if text == "null" || text.contains('*') {
            let help = "write out every origin: any page can be the one that sends `null`";
            return Err(Fault::new(format!("{} would let any web page in", quoted(text)), help));
        }
        let parts = Parts::of(text)?;
        if !parts.rest.is_empty() {
            let end = text.len() - parts.rest.len();
            let help = format!("did you mean `{}`?", &text[..end]);
            return Err(Fault::new("an origin has no path", help));
        }
        Ok(text.to_ascii_lowercase())
    }

    fn schema(&self) -> String {
        r#"{"type":"string","pattern":"^https?://[^/*@?#\\s]+$"}"#.to_owned()
    }
}
