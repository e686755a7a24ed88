//! The floor for HTTP: a reverse proxy of nothing but hyper that streams bodies, or, with
//! `--parse`, reads each request as JSON before it goes on.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use xtask::{Result, bench};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Parser)]
struct Options {
    /// Read every body as a call with its arguments
    #[arg(long)]
    parse: bool,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    url: Uri,
}

type Body = Either<Incoming, Full<Bytes>>;

struct Proxy {
    client: Client<HttpConnector, Body>,
    url: Uri,
    parse: bool,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|r| r.block_on(serve(Options::parse())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench-http-proxy: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result {
    let listener = TcpListener::bind(options.listen).await?;
    eprintln!("listening on http://{}{}", listener.local_addr()?, options.url.path());
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let proxy = Arc::new(Proxy { client, url: options.url, parse: options.parse });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream, Arc::clone(&proxy)));
    }
}

async fn connection(stream: TcpStream, proxy: Arc<Proxy>) {
    let service = service_fn(|request| async { Ok::<_, Infallible>(proxy.answer(request).await) });
    // A client that goes away is no concern of a floor.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

impl Proxy {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.forward(request).await.unwrap_or_else(|failure| {
            let mut response = Response::new(Either::Right(failure.to_string().into()));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        })
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let (mut head, body) = request.into_parts();
        head.uri = self.url.clone();
        head.headers.remove(header::HOST);
        let body = if self.parse { Either::Right(read(body).await?) } else { Either::Left(body) };
        let response = self.client.request(Request::from_parts(head, body)).await?;
        Ok(response.map(Either::Left))
    }
}

async fn read(body: Incoming) -> Result<Full<Bytes>> {
    let bytes = Limited::new(body, BODY_BYTES_MAX).collect().await?.to_bytes();
    std::hint::black_box(bench::envelope::tool_call(&bytes)?);
    Ok(Full::new(bytes))
}
