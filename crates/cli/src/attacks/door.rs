//! The gateway over HTTP and one client of it, for what `toolgate run` does not do: pins.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};
use toolgate_json::{Document, Reading};

/// Nothing that is played takes longer, unless something is stuck.
const ANSWER_MAX: Duration = Duration::from_secs(20);

pub(super) struct Door {
    gateway: Child,
    /// `127.0.0.1:46565`
    address: String,
    token: String,
    session: Option<String>,
    heard: VecDeque<Document>,
}

impl Door {
    /// Starts `toolgate serve`; the token opens `/mcp/target`.
    pub(super) fn open(mut serve: Command, token: String) -> Result<Self, String> {
        let mut gateway = serve
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start the gateway: {e}"))?;
        let output = gateway.stdout.take().map(BufReader::new);
        let mut door =
            Self { gateway, address: String::new(), token, session: None, heard: VecDeque::new() };
        let first = output.and_then(|output| output.lines().next()?.ok()).unwrap_or_default();
        let address = first.split_once("listening on http://").map(|(_, address)| address.trim());
        address.ok_or("the gateway does not listen")?.clone_into(&mut door.address);
        Ok(door)
    }

    /// One message, and whatever comes back on the same connection.
    pub(super) fn send(&mut self, message: &str) -> Result<(), String> {
        let answer = self.exchange(message).map_err(|e| format!("the gateway is gone: {e}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.lines().next().unwrap_or_default();
        if !status.contains(" 20") {
            return Err(format!("the gateway says `{status}`"));
        }
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let session = headers.find(|(name, _)| name.eq_ignore_ascii_case("mcp-session-id"));
        if let Some((_, session)) = session {
            self.session = Some(session.to_owned());
        }
        // As JSON or as events, and in chunks or not: a message is a line that begins so.
        let lines = body.lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
        for line in lines.filter(|line| line.starts_with('{')) {
            let line = Bytes::copy_from_slice(line.as_bytes());
            self.heard.extend(Document::parse(line, Reading::Plain));
        }
        Ok(())
    }

    pub(super) fn next(&mut self) -> Result<Document, String> {
        self.heard.pop_front().ok_or_else(|| "no answer".to_owned())
    }

    /// Asks the gateway to end, and waits.
    pub(super) fn close(mut self) -> Result<ExitStatus, String> {
        let asked = Pid::from_raw(self.gateway.id().cast_signed());
        if let Some(pid) = asked {
            let _ = kill_process(pid, Signal::TERM);
        }
        self.gateway.wait().map_err(|e| format!("the gateway did not end: {e}"))
    }

    fn exchange(&self, message: &str) -> std::io::Result<String> {
        let Self { address, token, session, .. } = self;
        let session = session.as_ref().map_or(String::new(), |session| {
            format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n")
        });
        let length = message.len();
        let head = format!(
            "POST /mcp/target HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             {session}Connection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.write_all((head + message).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// A client that gives up must not leave a gateway behind.
impl Drop for Door {
    fn drop(&mut self) {
        if matches!(self.gateway.try_wait(), Ok(None)) {
            let _ = self.gateway.kill();
            let _ = self.gateway.wait();
        }
    }
}
