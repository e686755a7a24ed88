//! A small MCP client that talks to a child process, one message at a time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use toolgate_json::{Document, Reading};

/// Nothing that is played takes longer, unless something is stuck.
const ANSWER_MAX: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    id: u32,
}

impl Client {
    /// Starts the command as an MCP server.
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start the gate: {e}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("the gate has no standard output")?;
        let (sender, lines) = sync_channel(64);
        thread::spawn(move || {
            let mut lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, input, lines, id: 0 })
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: &str) -> Result<Document, String> {
        self.id += 1;
        let id = self.id;
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#
        ))?;
        self.next().map_err(|why| format!("{why} to `{method}`"))
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Document, String> {
        let line = self.lines.recv_timeout(ANSWER_MAX).map_err(|_| "no answer".to_owned())?;
        Document::parse(Bytes::from(line), Reading::Plain)
            .map_err(|e| format!("an answer that is not JSON ({e})"))
    }

    pub(crate) fn notify(&mut self, method: &str) -> Result<(), String> {
        self.send(&format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#))
    }

    /// Says goodbye as MCP has it over stdio: closes the server's standard input and waits.
    pub(crate) fn end(mut self) -> Result<ExitStatus, String> {
        self.input = None;
        self.child.wait().map_err(|e| format!("the gate did not end: {e}"))
    }

    pub(crate) fn send(&mut self, message: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("the gate's standard input is closed")?;
        let sent = input.write_all(format!("{message}\n").as_bytes()).and_then(|()| input.flush());
        sent.map_err(|e| format!("the gate does not read: {e}"))
    }
}

/// A client that gives up must not leave a gate behind.
impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
