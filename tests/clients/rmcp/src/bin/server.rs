//! A server on the official Rust SDK, both eras, over stdio or HTTP (`--http`).
//!
//! With `--log FILE` it writes down every message its own parser made and every tool it ran.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::schemars::JsonSchema;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{
    IntoTransport, StreamableHttpServerConfig, StreamableHttpService, Transport, stdio,
};
use rmcp::{Json, RoleServer, ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Default)]
struct Log(Option<Arc<Mutex<File>>>);

impl Log {
    fn from_arguments() -> std::io::Result<Self> {
        let Some(path) = env::args().skip_while(|word| word != "--log").nth(1) else {
            return Ok(Self(None));
        };
        let file = fs::OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Some(Arc::new(Mutex::new(file)))))
    }

    fn write(&self, facts: &Value) {
        if let Some(file) = &self.0 {
            let mut file = file.lock().expect("nobody panics while writing");
            writeln!(file, "{facts}").expect("the log can be written");
        }
    }
}

/// Notes what the SDK's reader makes of the bytes, before the SDK handles it.
struct Seen<T> {
    inner: T,
    log: Log,
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Seen<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let message = self.inner.receive().await?;
        self.log.write(&json!({"seen": message}));
        Some(message)
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Echo {
    message: String,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Terms {
    a: f64,
    b: f64,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Sum {
    sum: f64,
}

#[derive(Clone)]
struct Tools {
    log: Log,
}

#[tool_router]
impl Tools {
    #[tool(name = "echo", description = "Says the message back")]
    fn echo(&self, Parameters(given): Parameters<Echo>) -> String {
        self.log.write(&json!({"ran": "echo", "arguments": given}));
        format!("Echo: {}", given.message)
    }

    #[tool(name = "get-sum", description = "Adds two numbers")]
    fn sum(&self, Parameters(given): Parameters<Terms>) -> Json<Sum> {
        self.log.write(&json!({"ran": "get-sum", "arguments": given}));
        Json(Sum { sum: given.a + given.b })
    }

    #[tool(name = "danger", description = "Does what no policy of the suite allows")]
    fn danger(&self) -> String {
        self.log.write(&json!({"ran": "danger", "arguments": {}}));
        "done".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("rmcp", "0.1.0"))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let log = Log::from_arguments()?;
    let tools = Tools { log: log.clone() };
    if env::args().any(|word| word == "--http") {
        return serve_http(tools).await;
    }
    let inner = IntoTransport::<RoleServer, _, _>::into_transport(stdio());
    tools.serve(Seen { inner, log }).await?.waiting().await?;
    Ok(())
}

async fn serve_http(tools: Tools) -> Result<(), Box<dyn std::error::Error>> {
    let service: StreamableHttpService<Tools, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::default(),
        StreamableHttpServerConfig::default(),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}/mcp", listener.local_addr()?);
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
