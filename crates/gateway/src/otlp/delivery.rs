//! One request to the collector, and what its answer means.

use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use toolgate_json::{Document, Reading, Value};

use crate::upstream::egress::{Answer, Ask, Destination, Egress, EgressError};

/// Where signals go to.
#[derive(Debug)]
pub(super) struct Collector {
    egress: Egress,
    traces: Destination,
    metrics: Destination,
    /// The operator's, as who is served.
    headers: HeaderMap,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    Metrics,
    Traces,
}

/// Why something was not taken.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// Another time may be better.
    Later(String),
    /// Never in this form.
    Never(String),
    /// As many items were not taken.
    Partly(u64, String),
}

impl Collector {
    pub(super) fn new(url: &str, headers: HeaderMap) -> Result<Self, EgressError> {
        let egress = Egress::new(&[url])?;
        let base = url.trim_end_matches('/');
        let traces = egress.learned(&format!("{base}/v1/traces"))?;
        let metrics = egress.learned(&format!("{base}/v1/metrics"))?;
        Ok(Self { egress, traces, metrics, headers })
    }

    pub(super) async fn send(&self, signal: Signal, body: Bytes) -> Result<(), Undelivered> {
        let to = match signal {
            Signal::Metrics => &self.metrics,
            Signal::Traces => &self.traces,
        };
        let mut headers = self.headers.clone();
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json.clone());
        headers.insert(ACCEPT, json);
        let ask = Ask { method: Method::POST, headers, body };
        match self.egress.fetch(to, ask).await {
            Ok(answer) => judge(to, &answer),
            Err(error) => Err(Undelivered::Later(error.to_string())),
        }
    }
}

/// OTLP/HTTP, "Failures": what may be tried again, and what may not.
fn judge(to: &Destination, answer: &Answer) -> Result<(), Undelivered> {
    let status = answer.status;
    if status.is_success() {
        return partly(&answer.body).map_or(Ok(()), Err);
    }
    let why = format!("`{to}` answered {status}");
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Undelivered::Later(why),
        _ => Undelivered::Never(why),
    })
}

/// `partialSuccess`: taken, but for some.
fn partly(body: &Bytes) -> Option<Undelivered> {
    let document = Document::parse(body.clone(), Reading::Plain).ok()?;
    let partial = document.root().get("partialSuccess")?;
    let count = partial.get("rejectedSpans").or_else(|| partial.get("rejectedDataPoints"))?;
    let text =
        count.as_str().map_or_else(|| count.as_number().map(str::to_owned), |s| Some(s.into()));
    let count = text?.parse().ok().filter(|count| *count > 0)?;
    let why = partial.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
    let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
    Some(Undelivered::Partly(count, format!("it did not take all: {why}")))
}
