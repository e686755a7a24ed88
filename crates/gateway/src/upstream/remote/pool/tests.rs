//! Against a server that answers, closes, or does neither, as each test has it.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::coop;

use super::*;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// Less than it says.
const BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nok";

/// What became of the server's connections and requests.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

struct Rig {
    pool: Arc<Pool>,
    seen: Arc<Seen>,
}

impl Rig {
    /// Each connection of the server is served by `serve`.
    async fn new<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(Wire) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                told.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(Wire { stream, seen: Arc::clone(&told) }));
            }
        });
        let pool = Pool::new(dial(), format!("http://{address}").parse().unwrap());
        Self { pool, seen }
    }

    async fn send(&self) -> Result<Response<Body>, Failed> {
        let lease = self.pool.take().await.unwrap();
        lease.send(request()).await
    }

    /// Sends, and reads the answer to its end.
    async fn exchange(&self) -> Bytes {
        read(self.send().await.map_err(|(why, _)| why).unwrap()).await
    }

    fn seen(&self) -> (usize, usize) {
        let Seen { connections, requests } = &*self.seen;
        (connections.load(Ordering::SeqCst), requests.load(Ordering::SeqCst))
    }

    /// Waits until it is known here that the server has closed.
    async fn closed(&self) {
        while let Some(connection) = self.pool.kept() {
            self.pool.keep(connection);
            tokio::task::yield_now().await;
        }
    }
}

/// The server's end.
struct Wire {
    stream: TcpStream,
    seen: Arc<Seen>,
}

impl Wire {
    /// False once the client has closed.
    async fn request(&mut self) -> bool {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\nhello") {
            if !matches!(self.stream.read_buf(&mut text).await, Ok(length) if length > 0) {
                return false;
            }
        }
        self.seen.requests.fetch_add(1, Ordering::SeqCst);
        true
    }

    async fn say(&mut self, text: &[u8]) {
        self.stream.write_all(text).await.unwrap();
    }
}

fn dial() -> Dial {
    Dial::Plain(HttpConnector::new())
}

fn request() -> Request<Full<Bytes>> {
    let builder = Request::post("/mcp").header("host", "server");
    builder.body(Full::new(Bytes::from_static(b"hello"))).unwrap()
}

async fn read(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

async fn always_answer(mut wire: Wire) {
    while wire.request().await {
        wire.say(ANSWER).await;
    }
}

#[tokio::test]
async fn one_connection_serves_one_request_after_another() {
    let rig = Rig::new(always_answer).await;
    for _ in 0..10 {
        assert_eq!(rig.exchange().await, "ok");
    }
    assert_eq!(rig.seen(), (1, 10));
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_no_reason_for_a_new_connection() {
    let rig = Rig::new(|mut wire| async move {
        while wire.request().await {
            wire.say(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    let rig = rig.await;
    for _ in 0..10 {
        drop(rig.send().await.map_err(|(why, _)| why).unwrap());
    }
    assert_eq!(rig.seen(), (1, 10));
}

#[tokio::test]
async fn requests_at_the_same_time_have_a_connection_each() {
    let rig = Rig::new(always_answer).await;
    let both = tokio::join!(rig.send(), rig.send());
    for sent in [both.0, both.1] {
        assert_eq!(read(sent.map_err(|(why, _)| why).unwrap()).await, "ok");
    }
    assert_eq!(rig.exchange().await, "ok");
    assert_eq!(rig.seen(), (2, 3));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_used_again() {
    let rig = Rig::new(|mut wire| async move {
        assert!(wire.request().await);
        wire.say(ANSWER).await;
    });
    let rig = rig.await;
    for _ in 0..5 {
        assert_eq!(rig.exchange().await, "ok");
        rig.closed().await;
    }
    assert_eq!(rig.seen(), (5, 5));
}

#[tokio::test]
async fn a_request_that_never_left_may_go_another_way() {
    let (close, told) = oneshot::channel::<()>();
    let told = Arc::new(Mutex::new(Some(told)));
    let rig = Rig::new(move |mut wire| {
        let told = told.lock().unwrap().take();
        async move {
            assert!(wire.request().await);
            wire.say(ANSWER).await;
            told.unwrap().await.unwrap();
        }
    });
    let rig = rig.await;
    assert_eq!(rig.exchange().await, "ok");
    let mut lease = rig.pool.take().await.unwrap();
    close.send(()).unwrap();
    while lease.connection.is_idle() {
        tokio::task::yield_now().await;
    }
    let (why, request) = lease.send(request()).await.map(drop).unwrap_err();
    assert!(matches!(why, Unanswered::Unsent(_)), "{why}");
    assert!(request.is_some());
    assert_eq!(rig.seen(), (1, 1));
}

#[tokio::test]
async fn what_the_server_may_have_heard_is_not_sent_again() {
    let rig = Rig::new(|mut wire| async move {
        assert!(wire.request().await);
        wire.say(ANSWER).await;
        // It hears a second one, and closes without a word.
        wire.request().await;
    });
    let rig = rig.await;
    assert_eq!(rig.exchange().await, "ok");
    let (why, request) = rig.send().await.map(drop).unwrap_err();
    assert!(matches!(why, Unanswered::Lost(_)), "{why}");
    assert!(request.is_none());
    assert_eq!(rig.seen(), (1, 2));
}

#[tokio::test]
async fn an_answer_that_was_not_read_to_its_end_takes_its_connection_along() {
    let (closed, heard) = oneshot::channel();
    let closed = Arc::new(Mutex::new(Some(closed)));
    let rig = Rig::new(move |mut wire| {
        let closed = Arc::clone(&closed);
        async move {
            assert!(wire.request().await);
            let first = closed.lock().unwrap().take();
            wire.say(first.as_ref().map_or(ANSWER, |_| BEGUN)).await;
            assert!(!wire.request().await);
            first.map(|first| first.send(()));
        }
    });
    let rig = rig.await;
    let mut response = rig.send().await.map_err(|(why, _)| why).unwrap();
    assert!(response.body_mut().frame().await.unwrap().is_ok());
    drop(response);
    heard.await.unwrap();
    assert_eq!(rig.exchange().await, "ok");
    assert_eq!(rig.seen(), (2, 2));
}

#[tokio::test]
async fn a_request_that_is_given_up_takes_its_connection_along() {
    let (closed, heard) = oneshot::channel();
    let closed = Arc::new(Mutex::new(Some(closed)));
    let rig = Rig::new(move |mut wire| {
        let closed = Arc::clone(&closed);
        async move {
            assert!(wire.request().await);
            assert!(!wire.request().await);
            closed.lock().unwrap().take().unwrap().send(()).unwrap();
        }
    });
    let rig = rig.await;
    tokio::select! {
        _ = rig.send() => panic!("nobody answers"),
        () = async { while rig.seen().1 == 0 { tokio::task::yield_now().await } } => {}
    }
    heard.await.unwrap();
    assert!(rig.pool.kept().is_none());
}

#[tokio::test]
async fn connections_that_nobody_comes_for_are_closed() {
    let (closed, heard) = oneshot::channel();
    let closed = Arc::new(Mutex::new(Some(closed)));
    let rig = Rig::new(move |mut wire| {
        let closed = Arc::clone(&closed);
        async move {
            assert!(wire.request().await);
            wire.say(ANSWER).await;
            assert!(!wire.request().await);
            closed.lock().unwrap().take().unwrap().send(()).unwrap();
        }
    });
    let rig = rig.await;
    assert_eq!(rig.exchange().await, "ok");
    tokio::time::pause();
    heard.await.unwrap();
    assert!(rig.pool.idle().connections.is_empty());
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_has_heard_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let pool = Pool::new(dial(), format!("http://{address}").parse().unwrap());
    let why = pool.take().await.map(drop).unwrap_err();
    assert!(matches!(why, Unanswered::Unsent(_)), "{why}");
}

/// Whoever shares a task with many others is made to wait now and then; the answer must come
/// all the same.
#[tokio::test]
async fn a_task_that_has_used_up_its_turn_still_hears_the_answer() {
    let rig = Rig::new(always_answer).await;
    for _ in 0..300 {
        use_up_turn().await;
        assert_eq!(rig.exchange().await, "ok");
    }
    assert_eq!(rig.seen(), (1, 300));
}

async fn use_up_turn() {
    while coop::has_budget_remaining() {
        coop::consume_budget().await;
    }
}
