//! `cargo xtask otlp`: what the gateway sends a collector, read by OpenTelemetry's own definitions.
//!
//! The collector (`tests/otlp`) parses every body into the protobuf messages that the OpenTelemetry
//! project publishes, refuses what they do not know, and says what it understood.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use toolgate_testkit::Web;

use crate::Result;
use crate::clients::house::House;
use crate::clients::install;
use crate::clients::place::{Place, tests};
use crate::clients::process::Running;

const POLICY: &str = "version: \"1\"\ndefault: deny\ntools: {echo: {}, fail: {}}\n";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const WAIT: Duration = Duration::from_secs(30);

/// Installs what is missing, makes a few calls through the gateway and looks at what was told.
pub fn run() -> Result {
    let place = Place::find()?;
    install::otlp(&place)?;
    install::gate(&place)?;
    let folder = place.work("otlp")?;
    let collector_folder = folder.join("collector");
    fs::create_dir_all(&collector_folder)?;
    let mut python = Command::new(place.path("python-otlp/bin/python"));
    python.arg(tests().join("otlp/collector.py"));
    let mut collector = Running::announced(&mut python, &collector_folder)?;
    let url = collector.said("listening on ", WAIT)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(call(&place, &folder, &url))?;
    let said = fs::read_to_string(collector_folder.join("stdout"))?;
    let problems = problems(&said)?;
    for problem in &problems {
        println!("FAILED {problem}");
    }
    if problems.is_empty() {
        println!("otlp: 5 spans and 2 metrics, read by OpenTelemetry's own definitions");
        Ok(())
    } else {
        Err(format!("otlp: {} failures; the collector said: {said}", problems.len()).into())
    }
}

/// Three calls: answered, failed, denied. The gateway ends with its spans sent.
async fn call(place: &Place, folder: &Path, collector: &str) -> Result {
    let policy = folder.join("policy.yaml");
    fs::write(&policy, POLICY)?;
    let command = [place.binary("sentinel").display().to_string()];
    let servers = json!({"shop": {"command": command}});
    let servers = servers.as_object().cloned().unwrap_or_default();
    let telemetry = json!({"otlp": collector});
    let house = House::telling(place, folder, (&servers, telemetry), &policy)?;
    let web = Web::new(house.url_of("shop"));
    let web = web.with_header("authorization", &format!("Bearer {}", house.token));
    let web = web.with_header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    web.open().await;
    for (tool, arguments) in [
        ("echo", json!({"message": "\u{e9}\u{1f600}\"\\"})),
        ("fail", json!({})),
        ("wipe", json!({})),
    ] {
        web.call(tool, arguments).await;
    }
    drop(web);
    house.close()
}

/// What is not as it should be in what the collector understood.
fn problems(said: &str) -> Result<Vec<String>> {
    let lines = said.lines().filter(|line| line.starts_with('{'));
    let told: Vec<Value> =
        lines.map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    let of = |kind: &str| -> Vec<Value> {
        told.iter().filter_map(|item| item.get(kind).cloned()).collect()
    };
    let (spans, metrics, refused) = (of("span"), of("metric"), of("refused"));
    let mut problems: Vec<String> = refused.iter().map(ToString::to_string).collect();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            problems.push(what.to_owned());
        }
    };
    let find = |kind: &str, name: &str| {
        spans.iter().find(|span| span["kind"] == kind && span["name"] == name)
    };
    let asked = find("SPAN_KIND_SERVER", "tools/call echo");
    let passed = find("SPAN_KIND_CLIENT", "tools/call echo");
    let denied = find("SPAN_KIND_SERVER", "tools/call wipe");
    let failed = find("SPAN_KIND_CLIENT", "tools/call fail");
    check(spans.len() == 5, "there are not five spans");
    check(spans.iter().all(|span| span["traceId"] == TRACE), "a span is of another trace");
    let is_child = asked.zip(passed).is_some_and(|(a, p)| a["spanId"] == p["parentSpanId"]);
    check(is_child, "what was passed on is not below what was asked");
    let below = asked.is_some_and(|span| span["parentSpanId"] == "00f067aa0ba902b7");
    check(below, "what was asked is not below the client's span");
    let service = asked.is_some_and(|span| span["resource"]["service.name"] == "toolgate");
    check(service, "the service has another name");
    let says = |span: Option<&Value>, key: &str, value: &str| {
        span.is_some_and(|span| span["attributes"][key] == value)
    };
    check(says(denied, "toolgate.decision", "deny"), "the denial is not told");
    check(says(failed, "error.type", "tool_error"), "the failure is not told");
    let error = |span: Option<&Value>| {
        span.is_some_and(|span| span["status"]["code"] == "STATUS_CODE_ERROR")
    };
    check(error(denied) && error(failed) && !error(asked), "a status is wrong");
    let counts = |name: &str| -> u64 {
        let points = metrics.iter().filter(|metric| metric["name"] == name);
        let points = points.filter_map(|metric| metric["histogram"]["dataPoints"].as_array());
        let counts =
            points.flatten().filter_map(|point| point["count"].as_str()?.parse::<u64>().ok());
        counts.sum()
    };
    check(counts("mcp.server.operation.duration") == 3, "not all requests are measured");
    check(counts("mcp.client.operation.duration") == 2, "not all calls are measured");
    Ok(problems)
}
