//! A client on the official Rust SDK: one line of JSON per step of its plan.

mod ears;

use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient, ServiceError};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use ears::Ears;

type Client = RunningService<RoleClient, Ears>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args().nth(1).ok_or("the path of a plan is missing")?;
    let plan: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    if let Some(url) = plan["url"].as_str() {
        let mut config = StreamableHttpClientTransportConfig::with_uri(url);
        if let Some(token) = plan["token"].as_str() {
            config = config.auth_header(token);
        }
        walk(&plan, StreamableHttpClientTransport::from_config(config)).await;
    } else {
        let words = plan["command"].as_array().ok_or("neither `url` nor `command` in the plan")?;
        let mut words = words.iter().filter_map(Value::as_str);
        let mut command = tokio::process::Command::new(words.next().ok_or("an empty command")?);
        command.args(words);
        walk(&plan, TokioChildProcess::new(command)?).await;
    }
    Ok(())
}

async fn walk<T, E, A>(plan: &Value, transport: T)
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let ears = Ears::new(plan["answers"] == json!(true), plan["elicitation"] == "decline");
    let client = match ears.clone().serve_with_lifecycle(transport, lifecycle(plan)).await {
        Ok(client) => Arc::new(client),
        Err(error) => return say("session", Err(json!({"message": error.to_string()}))),
    };
    let version = client.peer_info().map(|info| info.protocol_version.to_string());
    say("connect", Ok(json!({"version": version})));
    for step in plan["steps"].as_array().into_iter().flatten() {
        act_together(&client, &ears, step).await;
    }
    if let Ok(client) = Arc::try_unwrap(client) {
        let _ended = client.cancel().await;
    }
}

fn lifecycle(plan: &Value) -> ClientLifecycleMode {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    match plan["era"].as_str() {
        Some("auto") => ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
        Some("2026-07-28") => ClientLifecycleMode::Discover { preferred_versions },
        _ => ClientLifecycleMode::Initialize,
    }
}

async fn act_together(client: &Arc<Client>, ears: &Ears, step: &Value) {
    let mut running = JoinSet::new();
    for one in step["together"].as_array().map_or(std::slice::from_ref(step), Vec::as_slice) {
        let (client, ears, one) = (Arc::clone(client), ears.clone(), one.clone());
        running.spawn(async move {
            let answer = act(&client, &ears, &one).await;
            say(one["step"].as_str().unwrap_or_default(), answer);
        });
    }
    running.join_all().await;
}

async fn act(client: &Client, ears: &Ears, step: &Value) -> Result<Value, Value> {
    match step["do"].as_str() {
        Some("call") => call(client, ears, step).await.map_err(failure),
        Some("list") => list(client).await.map_err(failure),
        Some("ping") => ping(client).await.map_err(failure),
        Some("wait") => wait(step["file"].as_str().unwrap_or_default()).await,
        other => Err(json!({"message": format!("no such step: {other:?}")})),
    }
}

async fn call(client: &Client, ears: &Ears, step: &Value) -> Result<Value, ServiceError> {
    let mut params =
        CallToolRequestParams::new(step["tool"].as_str().unwrap_or_default().to_owned());
    params.arguments = step["arguments"].as_object().cloned();
    let result = client.call_tool(params).await?;
    let told = serde_json::to_value(&result).unwrap_or_default();
    let blocks = told["content"].as_array().into_iter().flatten();
    let text: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
    Ok(json!({
        "is_error": told["isError"] == json!(true),
        "content": told["content"],
        "text": text.join("\n"),
        "meta": told["_meta"],
        "structured": told["structuredContent"],
        "progress": ears.progress(),
    }))
}

async fn list(client: &Client) -> Result<Value, ServiceError> {
    let tools = client.list_all_tools().await?;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    Ok(json!({"tools": names, "definitions": tools}))
}

async fn ping(client: &Client) -> Result<Value, ServiceError> {
    use rmcp::model::{ClientRequest, PingRequest};
    client.send_request(ClientRequest::PingRequest(PingRequest::default())).await?;
    Ok(json!({}))
}

/// Whoever runs the plan does something meanwhile, and says so by a file.
async fn wait(file: &str) -> Result<Value, Value> {
    while !std::path::Path::new(file).exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(json!({}))
}

fn failure(error: ServiceError) -> Value {
    match error {
        ServiceError::McpError(told) => {
            json!({"type": "McpError", "code": told.code.0, "message": told.message})
        }
        other => json!({"type": "ServiceError", "code": null, "message": other.to_string()}),
    }
}

pub(crate) fn say(step: &str, answer: Result<Value, Value>) {
    let mut line = match answer {
        Ok(Value::Object(facts)) => facts,
        Ok(_) => serde_json::Map::new(),
        Err(error) => serde_json::Map::from_iter([("error".to_owned(), error)]),
    };
    line.insert("ok".to_owned(), json!(!line.contains_key("error")));
    line.insert("step".to_owned(), json!(step));
    println!("{}", Value::Object(line));
}
