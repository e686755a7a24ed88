//! Where a remote server is, and what every request to it carries.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Method, Request, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;

use crate::options::UrlSpec;
use crate::options::{Header, RunError, RunErrorKind, SecretSource};
use crate::upstream::auth::{Authorizer, Vault};
use crate::upstream::departure::Departure;

use super::authorized::{SendError, Sent};
use super::pool::{Dial, Pool};

/// One URL with the operator's headers, and connections to it that are kept open.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    uri: Uri,
    /// As it stands in a request.
    path: Uri,
    host: HeaderValue,
    headers: HeaderMap,
    pool: Arc<Pool>,
    /// Shared by all connections.
    pub(super) authorizer: Option<Arc<Authorizer>>,
}

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

impl Target {
    pub(crate) fn new(server: &str, spec: &UrlSpec, vault: &Vault) -> Result<Self, RunError> {
        let UrlSpec { url, headers, auth, transport: _ } = spec;
        let uri: Uri = url.parse().map_err(|error| {
            usage(format!("`--url {url}` is not a URL: {error}; write https://host/path"))
        })?;
        if uri.host().is_none() || !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(usage(format!("`--url {url}` must begin with http:// or https://")));
        }
        let mut map = HeaderMap::new();
        for header in headers {
            let (name, value) = resolve("--header", header)?;
            map.append(name, value);
        }
        let host = host(&uri)
            .ok_or_else(|| usage(format!("`--url {url}` has a host that no header can name")))?;
        let pool = Pool::new(dial(&uri)?, uri.clone());
        if auth.is_some() && map.contains_key(AUTHORIZATION) {
            let text = format!("`{url}` has both `auth` and a header `Authorization`");
            return Err(usage(format!("{text}; keep one of them")));
        }
        let authorizer = auth.as_ref();
        let authorizer =
            authorizer.map(|auth| Authorizer::new(server, url, auth, vault.clone())).transpose();
        let authorizer = authorizer.map_err(|error| usage(error.to_string()))?;
        Ok(Self { path: path(&uri), uri, host, headers: map, pool, authorizer })
    }

    pub(in crate::upstream) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The same server at another path.
    pub(in crate::upstream) fn at(&self, uri: Uri) -> Self {
        Self { path: path(&uri), uri, ..self.clone() }
    }

    /// Sends one request, at the last moment asking whether it may go; redirects are not
    /// followed, since they could carry secrets elsewhere.
    pub(super) async fn once(
        &self,
        method: Method,
        extra: HeaderMap,
        body: Bytes,
        mut leaving: Option<&mut Departure<'_>>,
    ) -> Sent {
        let mut request = self.request(method, extra, body);
        loop {
            let lease = self.pool.take().await.map_err(SendError::Http)?;
            if let Some(leaving) = &mut leaving {
                leaving.start().map_err(SendError::Kept)?;
            }
            match lease.send(request).await {
                Ok(response) => return Ok(response),
                Err((_, Some(unsent))) => request = unsent,
                Err((why, None)) => return Err(SendError::Http(why)),
            }
            if let Some(leaving) = &leaving {
                leaving.came_back();
            }
        }
    }

    fn request(&self, method: Method, extra: HeaderMap, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = self.path.clone();
        let accept = match method {
            Method::POST => "application/json, text/event-stream",
            _ => "text/event-stream",
        };
        let headers = request.headers_mut();
        *headers = extra;
        headers.insert(HOST, self.host.clone());
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        *request.method_mut() = method;
        request
    }
}

fn dial(uri: &Uri) -> Result<Dial, RunError> {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT_TIMEOUT));
    if uri.scheme() == Some(&Scheme::HTTP) {
        return Ok(Dial::Plain(http));
    }
    http.enforce_http(false);
    let https = HttpsConnectorBuilder::new()
        .try_with_platform_verifier()
        .map_err(|error| RunError::new(RunErrorKind::Unexpected, format!("TLS: {error}")))?
        .https_only()
        .enable_http1()
        .wrap_connector(http);
    Ok(Dial::Tls(https))
}

/// RFC 9112, section 3.2: without the port that goes without saying.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let usual = if uri.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    let (host, port) = (uri.host()?, uri.port_u16().filter(|port| *port != usual));
    let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::try_from(host).ok()
}

fn path(uri: &Uri) -> Uri {
    uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")).into()
}

/// `place` is what messages call where it was written. No message repeats the value.
pub(crate) fn resolve(place: &str, header: &Header) -> Result<(HeaderName, HeaderValue), RunError> {
    let name = &header.name;
    let text = match &header.source {
        SecretSource::Env(variable) => std::env::var(variable).map_err(|_| {
            usage(format!("`{place} {name}=env:{variable}`: no such environment variable; set it"))
        })?,
        SecretSource::File(path) => std::fs::read_to_string(path)
            .map_err(|error| usage(format!("`{place} {name}=file:{}`: {error}", path.display())))?,
        SecretSource::Plain(text) => text.clone(),
    };
    let parsed = HeaderName::try_from(name.as_str())
        .map_err(|_| usage(format!("`{place} {name}`: not a header name")))?;
    let mut value = HeaderValue::try_from(text.trim())
        .map_err(|_| usage(format!("`{place} {name}`: the value cannot stand in a header")))?;
    value.set_sensitive(parsed == AUTHORIZATION || matches!(header.source, SecretSource::File(_)));
    Ok((parsed, value))
}

fn usage(text: String) -> RunError {
    RunError::new(RunErrorKind::Usage, text)
}
