//! Spans for a collector, and the trace that a client says its calls are part of.

use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::{Value, json};
use toolgate_testkit::{Collector, Daemon, Entry, Web};

use crate::rig::{GUARDED, Rig, Serving, assert_denied, text};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const META: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn telling(url: &str) -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    Serving::start_with(rig, json!({"servers": servers, "telemetry": {"otlp": url}})).await
}

/// Hosted collectors want to know whose spans these are.
#[tokio::test]
async fn a_collector_gets_the_operators_headers_and_nobody_else_does() {
    const KEY: &str = "canary-of-the-collector";
    let collector = Collector::start().await;
    let rig = Rig::new(GUARDED);
    rig.scratch.file("key", format!("{KEY}\n"));
    let key = format!("file:{}", rig.scratch.at("key").display());
    let telemetry = json!({"otlp": collector.url, "headers": {"X-Api-Key": key, "X-Team": "a"}});
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let settings = json!({"servers": servers, "telemetry": telemetry});
    let serving = Serving::start_with(rig, settings).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": "on"})).await), "on");
    collector.until(2).await;
    let keys = collector.headers("x-api-key");
    assert!(keys.iter().all(|key| key.as_deref() == Some(KEY)), "{keys:?}");
    assert_eq!(collector.headers("x-team")[0].as_deref(), Some("a"));
    assert_eq!(collector.headers("content-type")[0].as_deref(), Some("application/json"));
    let told = serving.ledger("a").raw_bytes();
    assert!(!told.windows(KEY.len()).any(|part| part == KEY.as_bytes()));
    assert!(!serving.gateway.stderr().contains(KEY));
}

fn attribute<'a>(span: &'a Value, name: &str) -> Option<&'a str> {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == name)?;
    let value = &found["value"];
    value["stringValue"].as_str().or_else(|| value["intValue"].as_str())
}

#[track_caller]
fn assert_says(span: &Value, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(attribute(span, name), Some(*value), "{name} of {span:#}");
    }
}

/// The span of that kind and decision: 2 is what we were asked, 3 what we asked.
fn span<'a>(spans: &'a [Value], kind: u8, name: &str) -> &'a Value {
    let fits = |span: &&Value| span["kind"] == kind && span["name"] == name;
    spans.iter().find(fits).unwrap_or_else(|| panic!("{kind} {name} in {spans:#?}"))
}

#[tokio::test]
async fn a_call_leaves_a_span_of_what_was_asked_and_one_of_what_was_passed_on() {
    const SECRET: &str = "v4lue-of-an-argument";
    let collector = Collector::start().await;
    let serving = telling(&collector.url).await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token).with_header("traceparent", HEADER);
    let web = web.with_header("tracestate", "rojo=1");
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": SECRET})).await), SECRET);
    assert_denied(&web.call("wipe_disk", json!({"why": SECRET})).await, "default_deny");
    web.call("fail", json!({})).await;
    let spans = collector.until(5).await;
    assert_eq!(spans.len(), 5, "two calls went on, one did not");

    let asked = span(&spans, 2, "tools/call echo");
    assert_says(
        asked,
        &[
            ("mcp.method.name", "tools/call"),
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "echo"),
            ("network.transport", "tcp"),
            ("toolgate.server", "a"),
            ("toolgate.grant", "ann"),
            ("toolgate.principal.subject", "ann"),
            ("toolgate.decision", "allow"),
            ("toolgate.outcome", "answered"),
        ],
    );
    assert_eq!(asked["traceId"], TRACE);
    assert_eq!(asked["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(asked["traceState"], "rojo=1");
    assert_eq!(asked["status"], json!({}));
    let passed_on = span(&spans, 3, "tools/call echo");
    assert_eq!(passed_on["parentSpanId"], asked["spanId"]);
    assert_eq!(attribute(passed_on, "network.transport"), Some("pipe"));
    let time = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    for span in &spans {
        assert!(time(span, "startTimeUnixNano") <= time(span, "endTimeUnixNano"), "{span}");
    }

    let denied = span(&spans, 2, "tools/call wipe_disk");
    assert_says(
        denied,
        &[
            ("toolgate.decision", "deny"),
            ("toolgate.reason", "default_deny"),
            ("error.type", "tool_error"),
        ],
    );
    assert_eq!(denied["status"]["code"], 2);
    assert_says(span(&spans, 3, "tools/call fail"), &[("error.type", "tool_error")]);

    let told = format!("{:?}", collector.taken());
    assert!(!told.contains(SECRET) && !told.contains(&token), "{told}");
}

/// The id in a record, a collector's trace and the client's are the same.
#[tokio::test]
async fn records_are_found_by_their_trace() {
    let collector = Collector::start().await;
    let serving = telling(&collector.url).await;
    let token = serving.grant("ann", &["a"]);
    let traced = serving.web("a", &token).with_header("traceparent", HEADER);
    traced.open().await;
    traced.call("echo", json!({"message": "mine"})).await;
    traced.call("wipe_disk", json!({})).await;
    let untraced = serving.web("a", &token).with_header("traceparent", "00-nonsense-01");
    untraced.open().await;
    assert_eq!(text(&untraced.call("echo", json!({"message": "x"})).await), "x");
    for id in [TRACE, HEADER, &TRACE.to_uppercase()] {
        let output = serving.toolgate(&["audit", "export", "--jsonl", "--trace", id]);
        let lines = String::from_utf8(output.stdout).unwrap();
        let entries: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["opened", "closed", "denied"], "{id}: {lines}");
        assert!(entries.iter().all(|e| e["kind"] == "closed" || e["trace"] == TRACE), "{lines}");
    }
    // Whoever has no trace is given one: the collector's and the record's are the same.
    let log = serving.rig.log();
    let last = log.iter().rfind(|entry| entry["kind"] == "opened").unwrap();
    let spans = collector.until(5).await;
    let same = |span: &&Value| span["traceId"] == last["trace"];
    assert_eq!(spans.iter().filter(same).count(), 2, "{last} {spans:#?}");
    let wrong = serving.toolgate(&["audit", "tail", "--trace", "4bf9"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("`--trace 4bf9` is no id of a trace"), "{said}");
}

/// MCP, SEP-414: what the message says is the parent. Its bytes stay as they are; the server hears
/// of our span in its request's headers.
#[tokio::test]
async fn an_http_server_hears_of_the_gateways_span() {
    let collector = Collector::start().await;
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let settings = json!({"servers": {"a": {"url": upstream.url}},
                          "telemetry": {"otlp": collector.url}});
    let serving = Serving::start_with(rig, settings).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let web = web.with_header("traceparent", HEADER);
    let params = json!({"name": "echo", "arguments": {"message": "x"},
                        "_meta": {"traceparent": META, "tracestate": "a=1"}});
    assert_eq!(text(&web.modern_request("tools/call", params).await), "x");
    let spans = collector.until(2).await;
    let asked = span(&spans, 2, "tools/call echo");
    assert_eq!(asked["traceId"], META[3..35]);
    assert_eq!(asked["parentSpanId"], META[36..52]);
    assert_eq!(asked["links"][0]["traceId"], TRACE);
    assert_says(asked, &[("mcp.protocol.version", "2026-07-28")]);
    let passed_on = span(&spans, 3, "tools/call echo");
    assert_says(passed_on, &[("network.transport", "tcp")]);
    let called = |entry: &Entry| entry.json.as_ref().is_some_and(|m| m["method"] == "tools/call");
    let entries = serving.rig.ledger().until(|entries| entries.iter().any(called)).await;
    let entry = entries.iter().find(|entry| called(entry)).unwrap();
    let ours = passed_on["spanId"].as_str().unwrap();
    let head = entry.http.as_ref().unwrap();
    let expected = format!("00-{}-{ours}-01", &META[3..35]);
    assert_eq!(head.header("traceparent"), Some(&*expected));
    assert_eq!(head.header("tracestate"), Some("a=1"));
    let meta = &entry.json.as_ref().unwrap()["params"]["_meta"];
    assert_eq!(meta["traceparent"], META, "the body is as it came");
}

/// Whoever begins a trace decides whether it is kept.
#[tokio::test]
async fn a_trace_that_is_not_sampled_leaves_no_span() {
    let collector = Collector::start().await;
    let serving = telling(&collector.url).await;
    let token = serving.grant("ann", &["a"]);
    let unsampled = HEADER.replace("-01", "-00");
    let quiet = serving.web("a", &token).with_header("traceparent", &unsampled);
    quiet.open().await;
    quiet.call("echo", json!({"message": "quiet"})).await;
    let loud = serving.web("a", &token);
    loud.open().await;
    loud.call("echo", json!({"message": "loud"})).await;
    let spans = collector.until(2).await;
    assert!(spans.iter().all(|span| span["traceId"] != TRACE), "{spans:#?}");
    assert!(serving.rig.log().iter().any(|entry| entry["trace"] == TRACE));
}

/// What was still to be sent is sent before the gateway ends; metrics too.
#[tokio::test]
async fn a_stopping_gateway_sends_its_last_spans() {
    let collector = Collector::start().await;
    let mut serving = telling(&collector.url).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    for _ in 0..3 {
        web.call("echo", json!({"message": "x"})).await;
    }
    drop(web);
    stop(&mut serving).await;
    assert_eq!(collector.spans().len(), 6);
    let bodies = collector.taken();
    let (_, body) = bodies.iter().find(|(path, _)| path == "/v1/metrics").unwrap();
    let metrics = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    for name in ["mcp.client.operation.duration", "mcp.server.operation.duration"] {
        let metric = metrics.iter().find(|metric| metric["name"] == name).unwrap();
        let point = &metric["histogram"]["dataPoints"][0];
        assert_eq!(point["count"], "3", "{metric:#}");
        assert_says(point, &[("mcp.method.name", "tools/call"), ("toolgate.server", "a")]);
        let buckets = point["bucketCounts"].as_array().unwrap();
        let sum: u64 = buckets.iter().map(|n| n.as_str().unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!((buckets.len(), sum), (15, 3));
    }
}

async fn stop(serving: &mut Serving) {
    serving.signal(Signal::TERM);
    assert_eq!(serving.gateway.close().await.code(), Some(0));
}

#[tokio::test]
async fn a_collector_that_is_away_disturbs_nobody_and_is_told_once() {
    // A port that was free a moment ago: nobody listens there.
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let mut serving = telling(&url).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    let mut told = 0;
    while told == 0 {
        assert_eq!(text(&web.call("echo", json!({"message": "x"})).await), "x");
        told = serving.gateway.stderr().matches("do not reach the collector").count();
    }
    for _ in 0..20 {
        assert_eq!(text(&web.call("echo", json!({"message": "x"})).await), "x");
    }
    drop(web);
    stop(&mut serving).await;
    let said = serving.gateway.stderr();
    assert_eq!(said.matches("spans do not reach the collector").count(), 1, "{said}");
    assert!(said.contains(&url), "{said}");
}

/// A batch is sent again; one that will never be taken is dropped and counted.
#[tokio::test]
async fn a_collector_that_is_busy_gets_its_spans_later() {
    let collector = Collector::start().await;
    collector.refuse([503, 429]);
    let serving = telling(&collector.url).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    web.call("echo", json!({"message": "x"})).await;
    assert_eq!(collector.until(2).await.len(), 2);
    assert_eq!(collector.refused(), 2);
    let sent = r#"toolgate_otlp_spans_total{result="sent"}"#;
    reaches(&serving, sent, "2").await;
    collector.refuse([400]);
    web.call("echo", json!({"message": "x"})).await;
    reaches(&serving, r#"toolgate_otlp_spans_total{result="failed"}"#, "2").await;
    let said = serving.gateway.stderr();
    assert!(said.contains("the collector takes spans again"), "{said}");
    assert_eq!(said.matches("/v1/traces` answered 400 Bad Request").count(), 1, "{said}");
}

async fn reaches(serving: &Serving, sample: &str, value: &str) {
    while serving.metric(sample).await.as_deref() != Some(value) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// At `/mcp` too.
#[tokio::test]
async fn a_gathered_call_is_part_of_its_clients_trace() {
    let collector = Collector::start().await;
    let serving = telling(&collector.url).await;
    let token = serving.grant("ann", &["a"]);
    let web = Web::new(format!("{}/mcp", serving.gateway.url));
    let web = web.with_header("authorization", &format!("Bearer {token}"));
    let web = web.with_header("traceparent", HEADER);
    web.open().await;
    web.call("a__echo", json!({"message": "x"})).await;
    let spans = collector.until(2).await;
    assert!(spans.iter().all(|span| span["traceId"] == TRACE), "{spans:#?}");
    assert_eq!(span(&spans, 2, "tools/call echo")["parentSpanId"], "00f067aa0ba902b7");
}

/// A server of a gate that exports nothing hears of no trace, wherever it stands.
#[tokio::test]
async fn without_a_collector_traces_are_recorded_and_go_no_further() {
    let rig = Rig::new(GUARDED);
    let upstream: Daemon = rig.upstream().await;
    let serving = Serving::start(rig, json!({"a": {"url": upstream.url}})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let web = web.with_header("traceparent", HEADER);
    web.open().await;
    web.call("echo", json!({"message": "x"})).await;
    assert!(serving.rig.log().iter().any(|entry| entry["trace"] == TRACE));
    let entries = serving.rig.ledger().entries();
    let heads = entries.iter().filter_map(|entry| entry.http.as_ref());
    assert!(heads.into_iter().all(|head| head.header("traceparent").is_none()));
}
