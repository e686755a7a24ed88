//! The barest server for benchmarks: it reads as little of a message as an answer needs.

mod scan;

use std::convert::Infallible;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use scan::{Scanned, scan};

/// Answers every call with the same text, on stdio or HTTP, in one thread.
#[derive(Debug, Parser)]
#[command(name = "echo-server")]
struct Flags {
    /// Serve HTTP here (port 0: any) instead of stdio.
    #[arg(long)]
    http: Option<SocketAddr>,
}

const CALL: &str = concat!(
    r#"{"content":[{"type":"text","text":"The quick brown fox jumps over the lazy dog. "#,
    "The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. ",
    r#"The quick brown fox jumps over the lazy dog. Done."}],"resultType":"complete"}"#,
);
const INITIALIZE: &str = concat!(
    r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"#,
    r#""serverInfo":{"name":"echo-server","version":"1"}}"#,
);
const DISCOVER: &str = concat!(
    r#"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"resultType":"complete","#,
    r#""ttlMs":60000,"cacheScope":"public"}"#,
);
const LIST: &str = concat!(
    r#"{"tools":[{"name":"echo","description":"Says the same each time.","inputSchema":{"type":"object","#,
    r#""properties":{"message":{"type":"string"}}}}],"resultType":"complete","ttlMs":60000,"#,
    r#""cacheScope":"public"}"#,
);

pub fn main() -> ExitCode {
    let served = match Flags::parse().http {
        Some(address) => http(address),
        None => stdio(),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Appends the answer to one message; nothing where none is owed.
fn answer(message: &[u8], out: &mut Vec<u8>) {
    let Scanned { id: Some(id), method: Some(method) } = scan(message) else {
        return;
    };
    let result = match method {
        b"tools/call" => CALL,
        b"initialize" => INITIALIZE,
        b"server/discover" => DISCOVER,
        b"tools/list" => LIST,
        _ => "{}",
    };
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id);
    out.extend_from_slice(br#","result":"#);
    out.extend_from_slice(result.as_bytes());
    out.push(b'}');
}

fn stdio() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut stdout = io::stdout().lock();
    let mut chunk = vec![0; 256 * 1024];
    let mut pending = Vec::new();
    let mut out = Vec::new();
    loop {
        let read = stdin.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&chunk[..read]);
        let Some(end) = pending.iter().rposition(|byte| *byte == b'\n') else {
            continue;
        };
        for line in pending[..end].split(|byte| *byte == b'\n') {
            let before = out.len();
            answer(line, &mut out);
            if out.len() > before {
                out.push(b'\n');
            }
        }
        pending.drain(..=end);
        stdout.write_all(&out)?;
        stdout.flush()?;
        out.clear();
    }
}

fn http(address: SocketAddr) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        let line = format!("listening on http://{}/mcp\n", listener.local_addr()?);
        io::stderr().write_all(line.as_bytes())?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let connection = http1::Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service_fn(exchange));
            tokio::spawn(connection);
        }
    })
}

async fn exchange(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::POST {
        return Ok(status(StatusCode::METHOD_NOT_ALLOWED));
    }
    let Ok(body) = request.into_body().collect().await else {
        return Ok(status(StatusCode::BAD_REQUEST));
    };
    let mut out = Vec::new();
    answer(&body.to_bytes(), &mut out);
    if out.is_empty() {
        return Ok(status(StatusCode::ACCEPTED));
    }
    let mut response = Response::new(Full::new(Bytes::from(out)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
