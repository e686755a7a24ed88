//! One guarded request: a connection of its own, bounds on size and time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::rt::{Read, Write};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Destination, Egress, EgressError};

/// What is asked.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What came back, whatever its status. A redirect is an answer like any other.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

const BODY_BYTES_MAX: usize = 1 << 20;
const HEADERS_BYTES_MAX: usize = 64 << 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// From the name's resolution to the last byte.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(10);
const AGENT: &str = concat!("toolgate/", env!("CARGO_PKG_VERSION"));

impl Ask {
    pub(crate) fn get() -> Self {
        Self { method: Method::GET, headers: HeaderMap::new(), body: Bytes::new() }
    }
}

impl Egress {
    pub(crate) async fn fetch(&self, to: &Destination, ask: Ask) -> Result<Answer, EgressError> {
        let late = |_| {
            let why = format!("no whole answer within {} s", WHOLE_TIMEOUT.as_secs());
            failed(to, why)
        };
        tokio::time::timeout(WHOLE_TIMEOUT, self.exchange(to, ask)).await.map_err(late)?
    }

    async fn exchange(&self, to: &Destination, ask: Ask) -> Result<Answer, EgressError> {
        let stream = connect(to).await?;
        if !to.origin.https {
            return talk(to, ask, TokioIo::new(stream)).await;
        }
        let name = ServerName::try_from(to.origin.host.clone()).map_err(|e| failed(to, e))?;
        let tls = self.tls().map_err(|error| failed(to, error))?;
        let stream = tls.connect(name, stream).await.map_err(|error| failed(to, error))?;
        talk(to, ask, TokioIo::new(stream)).await
    }

    /// Certificates are read once, where they are needed.
    fn tls(&self) -> Result<&TlsConnector, tokio_rustls::rustls::Error> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .try_with_platform_verifier()?
            .with_no_client_auth();
        Ok(self.tls.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }
}

/// Resolves once, looks at every address, and connects to none but those.
async fn connect(to: &Destination) -> Result<TcpStream, EgressError> {
    let resolved = tokio::net::lookup_host((to.origin.host.as_str(), to.origin.port)).await;
    let addresses: Vec<SocketAddr> = resolved.map_err(|error| failed(to, error))?.collect();
    let plain: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
    to.check(&plain)?;
    let mut why = "its name has no address".to_owned();
    for address in addresses {
        match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(|error| failed(to, error))?;
                return Ok(stream);
            }
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => "no connection in time".clone_into(&mut why),
        }
    }
    Err(failed(to, why))
}

async fn talk<S>(to: &Destination, ask: Ask, stream: S) -> Result<Answer, EgressError>
where
    S: Read + Write + Unpin,
{
    let broken = |error: hyper::Error| failed(to, error);
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEADERS_BYTES_MAX);
    let (mut sender, connection) = builder.handshake(stream).await.map_err(broken)?;
    let exchange = async {
        let response = sender.send_request(request(to, ask)?).await.map_err(broken)?;
        let (head, body) = response.into_parts();
        let whole = Limited::new(body, BODY_BYTES_MAX).collect().await;
        let body = whole.map_err(|error| failed(to, error))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    };
    let driven = async {
        // How it ended shows in the exchange.
        let _ = connection.await;
        std::future::pending().await
    };
    tokio::select! {
        biased;
        answer = exchange => answer,
        never = driven => never,
    }
}

fn request(to: &Destination, ask: Ask) -> Result<Request<Full<Bytes>>, EgressError> {
    let mut request = Request::new(Full::new(ask.body));
    let path = to.uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(|error| failed(to, error))?;
    *request.method_mut() = ask.method;
    *request.headers_mut() = ask.headers;
    let authority = to.origin.to_string();
    let authority = authority.split_once("://").map_or("", |(_, authority)| authority);
    let host = HeaderValue::try_from(authority).map_err(|error| failed(to, error))?;
    request.headers_mut().insert(HOST, host);
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
    Ok(request)
}

fn failed(to: &Destination, why: impl std::fmt::Display) -> EgressError {
    EgressError::Failed { url: to.to_string(), why: why.to_string() }
}
