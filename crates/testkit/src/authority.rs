//! An OAuth 2.1 authorization server and the MCP server it protects, each on a port of its own.
//!
//! It keeps to the standards where they protect somebody (PKCE, resource indicators, exact
//! redirects, rotated refresh tokens) and can be told to misbehave by [`Rules`].

mod book;
mod endpoints;
mod resource;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard};

use hyper::Method;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::guard::lock;
use crate::web::Web;
use book::Book;

pub use book::{Rules, Seen};

/// Ends with the test.
#[derive(Debug)]
pub struct Authority {
    /// Of the authorization server.
    pub issuer: String,
    /// Of the MCP server.
    pub url: String,
    book: Arc<Mutex<Book>>,
    tasks: [JoinHandle<()>; 2],
}

/// Clients that are known from the start, with id and secret.
pub const CONFIDENTIAL: (&str, &str) = ("gate", "s3cret-of+the/client%");
/// One without a secret. It may redirect to any port of this machine.
pub const PUBLIC: &str = "desk";

impl Authority {
    /// Its MCP server answers every message with an empty result.
    pub async fn start() -> Authority {
        Authority::before(None).await
    }

    /// Its MCP server is the one at this URL, once the token is right.
    #[expect(clippy::expect_used, reason = "a broken rig ends the test")]
    pub async fn before(upstream: Option<&str>) -> Authority {
        let [front, back] = [bind().await, bind().await];
        let at = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let issuer = format!("http://{}", at(&front));
        let url = format!("http://{}/mcp", at(&back));
        let book = Arc::new(Mutex::new(Book::new(&issuer, &url)));
        let protected = resource::Protected::new(Arc::clone(&book), upstream);
        let tasks = [
            tokio::spawn(wire::serve(front, endpoints::Endpoints::new(Arc::clone(&book)))),
            tokio::spawn(wire::serve(back, protected)),
        ];
        Authority { issuer, url, book, tasks }
    }

    /// How it behaves from now on.
    pub fn rules(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.book().rules);
    }

    /// Every request so far, to either server.
    pub fn seen(&self) -> Vec<Seen> {
        self.book().seen.clone()
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.book().seen.iter().filter(|seen| seen.path == path).count()
    }

    /// The forms that came to the token endpoint.
    pub fn forms(&self) -> Vec<Vec<(String, String)>> {
        let book = self.book();
        book.seen
            .iter()
            .filter(|seen| seen.path == "/token")
            .map(|seen| seen.form.clone())
            .collect()
    }

    /// Every access and refresh token so far.
    pub fn secrets(&self) -> Vec<String> {
        self.book().issued.clone()
    }

    /// No access token is good any more.
    pub fn expire(&self) {
        self.book().access.clear();
    }

    /// No refresh token either.
    pub fn revoke(&self) {
        let mut book = self.book();
        book.access.clear();
        book.refresh.clear();
    }

    /// Opens a URL as a browser does whose user agrees to everything: the last status.
    pub async fn browse(url: &str) -> u16 {
        let mut url = url.to_owned();
        for _ in 0..5 {
            let Some(reply) = Web::new(&url).send(Method::GET, &[], "").await else { return 0 };
            match reply.header("location") {
                Some(next) => next.clone_into(&mut url),
                None => return reply.status,
            }
        }
        0
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[expect(clippy::expect_used, reason = "a broken rig ends the test")]
async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}
