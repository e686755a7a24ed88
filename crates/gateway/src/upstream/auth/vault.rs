//! Where tokens outlive the process: sealed, in the state directory, opened at first use.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use toolgate_store::{SecretError, Secrets};

use super::AuthError;

/// The kept secrets of one state directory. Clones share one.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: PathBuf,
    key_file: Option<PathBuf>,
    secrets: Mutex<Option<Arc<Secrets>>>,
}

impl Vault {
    /// Nothing is opened yet, nor made: who keeps no secrets needs no key.
    pub fn new(state: impl Into<PathBuf>, key_file: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { state: state.into(), key_file, secrets: Mutex::default() }))
    }

    pub(super) async fn read(&self, name: String) -> Result<Option<Vec<u8>>, AuthError> {
        self.with(move |secrets| secrets.get(&name)).await
    }

    pub(super) async fn write(&self, name: String, secret: Vec<u8>) -> Result<(), AuthError> {
        self.with(move |secrets| secrets.put(&name, &secret)).await
    }

    /// Forgets the tokens of a server; whether there were any.
    pub async fn forget(&self, server: &str) -> Result<bool, AuthError> {
        let name = name(server);
        self.with(move |secrets| secrets.forget(&name)).await
    }

    /// Disks and locks may take their time; no thread that serves clients waits for them.
    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Secrets) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || act(&*inner.open()?)).await;
        let done = done.map_err(|_| AuthError::Store("a bug stopped the reader".to_owned()))?;
        done.map_err(|error| AuthError::Store(error.to_string()))
    }
}

impl Inner {
    fn open(&self) -> Result<Arc<Secrets>, SecretError> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secrets) = &*secrets {
            return Ok(Arc::clone(secrets));
        }
        let opened = Arc::new(Secrets::open(&self.state, self.key_file.as_deref())?);
        *secrets = Some(Arc::clone(&opened));
        Ok(opened)
    }
}

/// Under which the tokens of a server are kept.
pub(super) fn name(server: &str) -> String {
    format!("oauth/{server}")
}
