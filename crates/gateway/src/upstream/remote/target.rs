//! Where a remote server is, and what every request to it carries.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Scheme;
use hyper::{Method, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use crate::options::{Header, RunError, RunErrorKind, SecretSource};
use crate::upstream::auth::{Authorizer, Vault};
use crate::url_spec::UrlSpec;

/// One URL with the operator's headers, and connections to it that are kept open.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    uri: Uri,
    headers: HeaderMap,
    client: Connections,
    /// Shared by all connections.
    pub(super) authorizer: Option<Arc<Authorizer>>,
}

/// Connections that are kept open. Certificates are read only where they are needed.
#[derive(Clone, Debug)]
enum Connections {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
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
            let (name, value) = resolve(header)?;
            map.append(name, value);
        }
        let client = Connections::to(&uri)?;
        if auth.is_some() && map.contains_key(AUTHORIZATION) {
            let text = format!("`{url}` has both `auth` and a header `Authorization`");
            return Err(usage(format!("{text}; keep one of them")));
        }
        let authorizer = auth.as_ref();
        let authorizer =
            authorizer.map(|auth| Authorizer::new(server, url, auth, vault.clone())).transpose();
        let authorizer = authorizer.map_err(|error| usage(error.to_string()))?;
        Ok(Self { uri, headers: map, client, authorizer })
    }

    pub(in crate::upstream) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The same server at another path.
    pub(in crate::upstream) fn at(&self, uri: Uri) -> Self {
        Self { uri, ..self.clone() }
    }

    /// Sends one request; redirects are not followed, since they could carry secrets elsewhere.
    pub(super) async fn once(
        &self,
        method: Method,
        extra: HeaderMap,
        body: Bytes,
    ) -> Result<Response<hyper::body::Incoming>, Error> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = self.uri.clone();
        let accept = match method {
            Method::POST => "application/json, text/event-stream",
            _ => "text/event-stream",
        };
        let headers = request.headers_mut();
        *headers = extra;
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        *request.method_mut() = method;
        match &self.client {
            Connections::Plain(client) => client.request(request).await,
            Connections::Tls(client) => client.request(request).await,
        }
    }
}

impl Connections {
    fn to(uri: &Uri) -> Result<Self, RunError> {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        if uri.scheme() == Some(&Scheme::HTTP) {
            return Ok(Self::Plain(Client::builder(TokioExecutor::new()).build(http)));
        }
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .try_with_platform_verifier()
            .map_err(|error| RunError::new(RunErrorKind::Unexpected, format!("TLS: {error}")))?
            .https_only()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self::Tls(Client::builder(TokioExecutor::new()).build(https)))
    }
}

fn resolve(header: &Header) -> Result<(HeaderName, HeaderValue), RunError> {
    let name = &header.name;
    let text = match &header.source {
        SecretSource::Env(variable) => std::env::var(variable).map_err(|_| {
            usage(format!("`--header {name}=env:{variable}`: no such environment variable; set it"))
        })?,
        SecretSource::File(path) => std::fs::read_to_string(path).map_err(|error| {
            usage(format!("`--header {name}=file:{}`: {error}", path.display()))
        })?,
        SecretSource::Plain(text) => text.clone(),
    };
    let parsed = HeaderName::try_from(name.as_str())
        .map_err(|_| usage(format!("`--header {name}`: not a header name")))?;
    let mut value = HeaderValue::try_from(text.trim())
        .map_err(|_| usage(format!("`--header {name}`: the value cannot stand in a header")))?;
    value.set_sensitive(parsed == AUTHORIZATION || matches!(header.source, SecretSource::File(_)));
    Ok((parsed, value))
}

fn usage(text: String) -> RunError {
    RunError::new(RunErrorKind::Usage, text)
}
