//! `ExportMetricsServiceRequest`: histograms of durations, cumulative since the gateway started.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::attributes::{ERROR_TYPE, METHOD, OPERATION, SERVER, TRANSPORT};
use super::batch::Resource;
use super::durations::{BOUNDS_S, Key, Series, Side};
use super::json::Json;

const CUMULATIVE: u8 = 2;
const METRICS: [(Side, &str, &str); 2] = [
    (Side::Client, "mcp.client.operation.duration", "How long servers took for what was asked."),
    (Side::Server, "mcp.server.operation.duration", "How long clients' requests took here."),
];

/// From when to when, in nanoseconds since the Unix epoch.
pub(super) type Span = (u64, u64);

pub(super) fn metrics(resource: &Resource, span: Span, all: &BTreeMap<Key, Series>) -> Bytes {
    resource.around(["resourceMetrics", "scopeMetrics", "metrics"], |json| {
        for (side, name, help) in METRICS {
            let points = all.iter().filter(|(key, _)| key.side == side);
            json.object(|json| metric(json, (name, help), span, points));
        }
    })
}

fn metric<'a>(
    json: &mut Json,
    (name, help): (&str, &str),
    span: Span,
    points: impl Iterator<Item = (&'a Key, &'a Series)>,
) {
    json.text("name", name);
    json.text("description", help);
    json.text("unit", "s");
    json.member("histogram", |json| {
        json.number("aggregationTemporality", CUMULATIVE);
        json.array("dataPoints", |json| {
            for (key, series) in points {
                json.object(|json| point(json, key, series, span));
            }
        });
    });
}

fn point(json: &mut Json, key: &Key, series: &Series, (since_ns, now_ns): Span) {
    json.array("attributes", |json| {
        json.attribute(METHOD, &key.method);
        if key.tool {
            json.attribute(OPERATION, "execute_tool");
        }
        json.attribute(SERVER, &key.server);
        json.attribute(TRANSPORT, key.transport);
        if let Some(failure) = &key.failure {
            json.attribute(ERROR_TYPE, failure);
        }
    });
    json.long("startTimeUnixNano", since_ns);
    json.long("timeUnixNano", now_ns);
    json.long("count", series.counts.iter().sum());
    json.number("sum", series.sum.as_secs_f64());
    json.array("bucketCounts", |json| series.counts.iter().for_each(|n| json.long_item(*n)));
    json.array("explicitBounds", |json| BOUNDS_S.iter().for_each(|s| json.number_item(*s)));
}
