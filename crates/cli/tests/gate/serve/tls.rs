//! TLS, with certificates of clients and without.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::rig::{GUARDED, Rig, Serving};

/// Made for tests, by an authority that nobody knows.
fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/certs")).join(name)
}

async fn secure(client_ca: bool) -> Serving {
    let mut tls = json!({"cert": file("server.pem"), "key": file("server.key")});
    if client_ca {
        tls["client_ca"] = json!(file("ca.pem"));
    }
    let rig = Rig::new(GUARDED);
    Serving::start_with(rig, json!({"servers": {}, "tls": tls})).await
}

/// What a client hears at an endpoint; nothing where the two do not agree.
async fn ask(serving: &Serving, certified: bool) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = if certified {
        let chain = vec![CertificateDer::from_pem_file(file("client.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(file("client.key")).unwrap();
        config.with_client_auth_cert(chain, key).unwrap()
    } else {
        config.with_no_client_auth()
    };
    let address = serving.gateway.url.strip_prefix("https://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    let request = format!(
        "GET /mcp/a HTTP/1.1\r\nHost: {address}\r\nOrigin: https://{address}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut told = Vec::new();
    let read = stream.read_to_end(&mut told).await;
    read.is_ok().then(|| String::from_utf8(told).unwrap())
}

#[tokio::test]
async fn clients_are_spoken_to_in_tls() {
    let serving = secure(false).await;
    assert!(ask(&serving, false).await.unwrap().starts_with("HTTP/1.1 401"));
    // Somebody who does not speak it disturbs nobody.
    let address = serving.gateway.url.strip_prefix("https://").unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    drop(plain.read_to_end(&mut told).await);
    assert!(!told.starts_with(b"HTTP/"));
    assert!(ask(&serving, false).await.is_some());
}

/// In addition to tokens, not instead of them.
#[tokio::test]
async fn with_a_client_ca_a_certificate_is_needed_too() {
    let serving = secure(true).await;
    assert_eq!(ask(&serving, false).await, None);
    assert!(ask(&serving, true).await.unwrap().starts_with("HTTP/1.1 401"));
}
