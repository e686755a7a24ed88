//! TLS towards clients, by rustls; with client certificates where the operator wants them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::options::{RunError, RunErrorKind};
use crate::serve::TlsFiles;

use super::listener::Stream;

/// The certificate in force.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

/// How long a client may take to agree on keys.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

impl Tls {
    pub(crate) fn new(files: &TlsFiles) -> Result<Self, RunError> {
        let current = RwLock::new(Arc::new(read(files).map_err(Unusable::told)?));
        Ok(Self { files: files.clone(), current })
    }

    pub(crate) fn fault(files: &TlsFiles) -> Option<(PathBuf, String)> {
        read(files).err().map(|Unusable { path, why }| (path, why))
    }

    /// Reads the files again; what is in force stays if they cannot be used.
    pub(crate) fn renew(&self) -> Result<(), RunError> {
        let renewed = Arc::new(read(&self.files).map_err(Unusable::told)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    pub(super) async fn accept(&self, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let shaken = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(current).accept(stream)).await;
        Ok(Box::new(shaken.map_err(|_| io::ErrorKind::TimedOut)??))
    }
}

/// A file that cannot be used, and why.
struct Unusable {
    path: PathBuf,
    why: String,
}

fn read(files: &TlsFiles) -> Result<ServerConfig, Unusable> {
    let chain = certificates(&files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| unusable(&files.key, &why))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| unusable(&files.cert, &why))?;
    let builder = match &files.client_ca {
        Some(path) => builder.with_client_cert_verifier(verifier(path)?),
        None => builder.with_no_client_auth(),
    };
    let mut config =
        builder.with_single_cert(chain, key).map_err(|why| unusable(&files.cert, &why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let chain: Vec<_> = read.map_err(|why| unusable(path, &why))?;
    if chain.is_empty() {
        return Err(unusable(path, &"there is no certificate in it"));
    }
    Ok(chain)
}

/// Certificates of clients are needed in addition to tokens: they do not stand for a grant.
fn verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, Unusable> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|why| unusable(path, &why))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|why| unusable(path, &why))
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> Unusable {
    Unusable { path: path.to_owned(), why: why.to_string() }
}

impl Unusable {
    fn told(self) -> RunError {
        let Self { path, why } = self;
        let text = format!("cannot use `{}` for TLS: {why}; check `tls`", path.display());
        RunError::new(RunErrorKind::Usage, text)
    }
}
