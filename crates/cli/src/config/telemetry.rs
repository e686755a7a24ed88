//! `telemetry`: what others may watch.

use toolgate_policy::document::outline::{Node, Shape, Table, may};

use super::form::{Reads, Written};
use super::url::Url;
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telemetry {
    /// Where traces and metrics are sent, as OTLP over HTTP.
    pub(crate) otlp: Option<String>,
    /// Whether `/metrics` is served.
    pub(crate) metrics: bool,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp: None, metrics: true }
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
        may("metrics", Shape::Bool, "Whether `/metrics` is served; `true` if absent."),
    ],
};

impl Telemetry {
    pub(crate) fn read(node: &Node) -> Self {
        let metrics = node.get("metrics").and_then(Node::bool).unwrap_or(true);
        Self { otlp: OTLP.take(node.get("otlp")), metrics }
    }

    pub(crate) fn json(&self) -> String {
        Object::new()
            .maybe_text("otlp", self.otlp.as_deref())
            .plain("metrics", self.metrics)
            .finish()
    }
}
