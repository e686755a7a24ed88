//! Servers that say exactly what a test has written: what no honest server would say.

use std::path::PathBuf;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use toolgate_testkit::Scratch;

/// An HTTP server that answers its POSTs, and requests for a stream of 2024-11-05, from a list, in
/// order. It ends with the test.
pub(crate) struct Scripted {
    pub(crate) url: String,
    serving: JoinHandle<()>,
}

impl Scripted {
    /// Each answer is a whole HTTP response: see [`response`].
    pub(crate) async fn start(answers: Vec<Vec<u8>>) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let mut answers = answers.into_iter();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, &mut answers).await;
            }
        });
        Scripted { url, serving }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One request per connection.
async fn serve(stream: TcpStream, answers: &mut impl Iterator<Item = Vec<u8>>) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
    // A connection that is opened in advance and never used ends here.
    if stream.read_line(&mut first).await.unwrap_or(0) == 0 {
        return;
    }
    while stream.read_line(&mut line).await.unwrap() > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    let refusal = || response("405 Method Not Allowed", "text/plain", b"");
    let asked = first.starts_with("POST") || first.starts_with("GET /sse ");
    let answer = if asked { answers.next() } else { None };
    stream.write_all(&answer.unwrap_or_else(refusal)).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// One HTTP response, its connection closed behind it.
pub(crate) fn response(status: &str, media: &str, body: &[u8]) -> Vec<u8> {
    cut(status, media, body, body.len())
}

/// As [`response`], but it promises a body of this length.
pub(crate) fn cut(status: &str, media: &str, body: &[u8], promised: usize) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {promised}\r\n\
         Connection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

pub(crate) fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    response("200 OK", "application/json", body.as_ref())
}

/// One event: every line of the text becomes a `data` line.
pub(crate) fn event(text: &str) -> Vec<u8> {
    let lines: Vec<_> = text.lines().map(|line| ["data: ", line, "\n"].concat()).collect();
    response("200 OK", "text/event-stream", (lines.concat() + "\n").as_bytes())
}

/// A child that says one text for each line it hears, in order: a program and its arguments.
pub(crate) fn child(scratch: &Scratch, texts: &[&[u8]]) -> (PathBuf, Vec<String>) {
    const SCRIPT: &str = r#"i=0; while read -r line; do i=$((i+1)); cat "$0.$i"; done"#;
    for (i, text) in texts.iter().enumerate() {
        scratch.file(&format!("say.{}", i + 1), [text, &b"\n"[..]].concat());
    }
    let prefix = scratch.at("say").display().to_string();
    (PathBuf::from("/bin/sh"), vec!["-c".to_owned(), SCRIPT.to_owned(), prefix])
}
