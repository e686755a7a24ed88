//! `telemetry`: what others may watch.

use toolgate_policy::document::outline::{Node, Shape, Table, may};

use super::form::{Reads, Written};
use super::reading::Reading;
use super::secret::Show;
use super::server::remote::{HEADERS, Header, read_headers};
use super::url::{Url, is_plain_and_far};
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telemetry {
    /// Where traces and metrics are sent, as OTLP over HTTP.
    pub(crate) otlp: Option<String>,
    /// Of each request to the collector.
    pub(crate) headers: Vec<Header>,
    /// Whether `/metrics` is served.
    pub(crate) metrics: bool,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp: None, headers: Vec::new(), metrics: true }
    }
}

const OTLP: Url = Url { secure: false };

pub(crate) static TABLE: Table = Table {
    name: "telemetry",
    place: "in `telemetry`",
    keys: &[
        may(
            "otlp",
            Shape::Form(&Written(OTLP)),
            "Where traces and metrics are sent, as OTLP over HTTP; nowhere if absent.",
        ),
        HEADERS,
        may("metrics", Shape::Bool, "Whether `/metrics` is served; `true` if absent."),
    ],
};

impl Telemetry {
    pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Self {
        let metrics = node.get("metrics").and_then(Node::bool).unwrap_or(true);
        let headers = node.get("headers").map(|node| read_headers(node, reading));
        let headers = headers.unwrap_or_default();
        let telemetry = Self { otlp: OTLP.take(node.get("otlp")), headers, metrics };
        telemetry.warn(node, reading);
        telemetry
    }

    fn warn(&self, node: &Node, reading: &mut Reading<'_>) {
        let Some(headers) = node.member("headers").filter(|_| !self.headers.is_empty()) else {
            return;
        };
        match (&self.otlp, node.get("otlp")) {
            (Some(url), Some(node)) if is_plain_and_far(url) => {
                reading
                    .findings
                    .warning(node.span, "headers travel to this collector in plain text")
                    .help("write `https://` if the collector speaks it");
            }
            (_, None) => {
                reading
                    .findings
                    .warning(headers.key_span, "there is no collector that these headers are for")
                    .help("name it as `otlp`");
            }
            (_, Some(_)) => {}
        }
    }

    pub(crate) fn json(&self) -> String {
        let headers = self.headers.iter().fold(Object::new(), |headers, header| {
            headers.raw(&header.name, header.value.json(Show::NoSecrets))
        });
        Object::new()
            .maybe_text("otlp", self.otlp.as_deref())
            .raw("headers", headers.finish())
            .plain("metrics", self.metrics)
            .finish()
    }
}
