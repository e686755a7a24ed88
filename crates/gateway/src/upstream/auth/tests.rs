//! Against a real authorization server: what is asked, of whom, and what never is.

mod attacks;
mod credentials;
mod logins;

use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use tempfile::TempDir;
use toolgate_store::{Options, Store};
use toolgate_testkit::{Authority, CONFIDENTIAL, PUBLIC, Rules};

use crate::options::SecretSource;
use crate::options::{AuthFlow, AuthSpec};

use super::*;

/// An authorization server, the MCP server behind it, and a state directory.
struct Rig {
    authority: Authority,
    folder: TempDir,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(&folder.path().join("state"), Options::default()).unwrap());
        std::fs::write(folder.path().join("secret"), format!("{}\n", CONFIDENTIAL.1)).unwrap();
        Self { authority: Authority::start().await, folder }
    }

    fn vault(&self) -> Vault {
        Vault::new(self.folder.path().join("state"), None)
    }

    fn machine(&self) -> AuthSpec {
        AuthSpec {
            flow: AuthFlow::ClientCredentials,
            client_id: Some(CONFIDENTIAL.0.to_owned()),
            client_secret: Some(SecretSource::File(self.folder.path().join("secret"))),
            ..person()
        }
    }

    fn authorizer(&self, spec: &AuthSpec) -> Arc<Authorizer> {
        Authorizer::new("web", &self.authority.url, spec, self.vault()).unwrap()
    }

    /// What the MCP server would say to somebody without a good token.
    fn challenge(&self) -> HeaderMap {
        let url = self.authority.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
        let value = format!("Bearer resource_metadata=\"{url}\"");
        HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::try_from(value).unwrap())])
    }

    async fn login(&self, spec: &AuthSpec) -> Result<(), AuthError> {
        let (server, url) = ("web", self.authority.url.as_str());
        let asked = Login { server, url, auth: spec, vault: self.vault() };
        login(asked, |url| {
            let url = url.to_owned();
            tokio::spawn(async move { Authority::browse(&url).await });
        })
        .await
    }

    /// Every byte under the state directory.
    fn state(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path().join("state")).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

/// What is changed about the servers, and what the line for the operator must say.
type Lie = (fn(&mut Rules), &'static str);

fn person() -> AuthSpec {
    AuthSpec {
        flow: AuthFlow::AuthorizationCode,
        client_id: None,
        client_secret: None,
        scope: None,
        issuer: None,
        token_url: None,
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The one field of that name.
fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = found.next();
    assert!(found.next().is_none(), "`{name}` stands there twice");
    first
}
