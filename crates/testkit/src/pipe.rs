//! A scripted stdio client: raw bytes out, every line kept, answers matched by id.

use std::collections::HashMap;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader,
};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{Mutex as AsyncMutex, Notify, oneshot, watch};

use crate::guard::{guard, lock};
use crate::inbox::Inbox;
use crate::wire::{self, LEGACY_VERSION};

/// One line of the server.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Without the line end.
    pub raw: Vec<u8>,
    /// Null where the line is not JSON.
    pub json: Value,
}

/// A running server, or a gate before one, and this side of its pipes.
///
/// All methods take `&self`: 64 callers may share one pipe, their requests are in flight together.
/// A method that waits longer than [`crate::GUARD`] panics; a server that ends is not waited for.
#[derive(Debug)]
pub struct Pipe {
    pid: Option<u32>,
    child: AsyncMutex<Child>,
    stdin: AsyncMutex<Option<ChildStdin>>,
    shared: Arc<Shared>,
    reading: watch::Sender<bool>,
    next_id: AtomicU64,
    capabilities: Value,
}

#[derive(Debug)]
struct Shared {
    /// Who waits for which id, by the text of the id; none once the output has ended.
    waiting: Mutex<Option<HashMap<String, oneshot::Sender<Heard>>>>,
    inbox: Inbox<Heard>,
    stderr: Mutex<Vec<u8>>,
    stderr_grew: Notify,
}

#[expect(clippy::panic, clippy::expect_used, reason = "a broken rig ends the test")]
impl Pipe {
    /// Starts a command with its three streams connected to this client.
    pub fn spawn(command: Command) -> Pipe {
        Pipe::spawn_with(command, json!({"elicitation": {}, "roots": {}, "sampling": {}}))
    }

    /// As [`Pipe::spawn`], for a client that declares these capabilities in either era.
    pub fn spawn_with(command: Command, capabilities: Value) -> Pipe {
        let mut child = tokio::process::Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("the command does not start: {error}"));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Some(HashMap::new())),
            inbox: Inbox::new(),
            stderr: Mutex::new(Vec::new()),
            stderr_grew: Notify::new(),
        });
        let (reading, paused) = watch::channel(true);
        tokio::spawn(read_lines(stdout, shared.clone(), paused));
        tokio::spawn(read_stderr(stderr, shared.clone()));
        Pipe {
            pid: child.id(),
            child: AsyncMutex::new(child),
            stdin: AsyncMutex::new(stdin),
            shared,
            reading,
            next_id: AtomicU64::new(1),
            capabilities,
        }
    }

    /// A sentinel with these flags.
    pub fn sentinel(arguments: &[&str]) -> Pipe {
        let mut command = Command::new(crate::bin("sentinel"));
        command.args(arguments);
        Pipe::spawn(command)
    }

    /// Writes exactly these bytes; an error means that the server no longer reads.
    pub async fn send_raw(&self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let mut stdin = self.stdin.lock().await;
        let stdin = stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let write = async {
            stdin.write_all(bytes.as_ref()).await?;
            stdin.flush().await
        };
        guard(write, "the server to read").await
    }

    /// Writes one line; the line end is added.
    pub async fn send_line(&self, line: impl AsRef<[u8]>) -> io::Result<()> {
        let mut bytes = line.as_ref().to_vec();
        bytes.push(b'\n');
        self.send_raw(bytes).await
    }

    /// Sends one raw line whose request has this id and waits for the answer as it came;
    /// none when the server ends first.
    pub async fn exchange(&self, id: &Value, line: impl AsRef<[u8]>) -> Option<Heard> {
        let answer = self.expect(id)?;
        self.send_line(line).await.ok()?;
        guard(answer, "an answer").await.ok()
    }

    /// Registers interest in an id before its request is sent; none once the server has ended.
    pub fn expect(&self, id: &Value) -> Option<oneshot::Receiver<Heard>> {
        let (sender, answer) = oneshot::channel();
        lock(&self.shared.waiting).as_mut()?.insert(id.to_string(), sender);
        Some(answer)
    }

    /// The whole response to one request; none when the server ends first.
    pub async fn try_request(&self, method: &str, params: Value) -> Option<Value> {
        let id = json!(self.next_id.fetch_add(1, Ordering::Relaxed));
        let line = wire::request(&id, method, &params);
        self.exchange(&id, line).await.map(|heard| heard.json)
    }

    /// The whole response to one request.
    pub async fn request(&self, method: &str, params: Value) -> Value {
        match self.try_request(method, params).await {
            Some(response) => response,
            None => panic!("the server ended before `{method}` was answered: {}", self.stderr()),
        }
    }

    pub async fn notify(&self, method: &str, params: Value) {
        let sent = self.send_line(wire::notification(method, &params)).await;
        sent.unwrap_or_else(|error| panic!("`{method}` cannot be sent: {error}"));
    }

    /// Asks for the newest legacy version; the whole response.
    pub async fn initialize(&self) -> Value {
        self.initialize_as(LEGACY_VERSION).await
    }

    pub async fn initialize_as(&self, version: &str) -> Value {
        self.request("initialize", wire::initialize_params(version, &self.capabilities)).await
    }

    pub async fn initialized(&self) {
        self.notify("notifications/initialized", Value::Null).await;
    }

    /// The whole legacy handshake.
    pub async fn open(&self) -> Value {
        let response = self.initialize().await;
        self.initialized().await;
        response
    }

    /// The tools of all pages.
    pub async fn list_tools(&self) -> Vec<Value> {
        let mut tools = Vec::new();
        let mut params = Value::Null;
        loop {
            let response = self.request("tools/list", params).await;
            let result = &response["result"];
            tools.extend(result["tools"].as_array().into_iter().flatten().cloned());
            if result["nextCursor"].is_null() {
                return tools;
            }
            params = json!({"cursor": result["nextCursor"]});
        }
    }

    /// The whole response to a legacy call; `arguments` is left out where null.
    pub async fn call(&self, name: &str, arguments: Value) -> Value {
        self.request("tools/call", wire::call_params(name, &arguments)).await
    }

    /// The whole response to a request with the envelope of 2026-07-28.
    pub async fn modern_request(&self, method: &str, params: Value) -> Value {
        self.request(method, wire::modern_params(&params, &self.capabilities)).await
    }

    pub async fn modern_call(&self, name: &str, arguments: Value) -> Value {
        self.modern_request("tools/call", wire::call_params(name, &arguments)).await
    }

    /// Answers a request of the server.
    pub async fn reply(&self, request: &Heard, result: Value) {
        let response = json!({"jsonrpc": "2.0", "id": request.json["id"], "result": result});
        let sent = self.send_line(response.to_string()).await;
        sent.unwrap_or_else(|error| panic!("the reply cannot be sent: {error}"));
    }

    /// The next line that answers no waiting request; none when the output has ended.
    pub async fn next_message(&self) -> Option<Heard> {
        self.shared.inbox.next().await
    }

    /// The lines that answered no waiting request, without waiting for more.
    pub fn unread(&self) -> Vec<Heard> {
        self.shared.inbox.drain()
    }

    /// Stops reading the server's output, as a client that hangs.
    pub fn stop_reading(&self) {
        self.reading.send_replace(false);
    }

    pub fn resume_reading(&self) {
        self.reading.send_replace(true);
    }

    /// What the server has written to standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&lock(&self.shared.stderr)).into_owned()
    }

    /// Waits until standard error holds this text, and returns all of it.
    pub async fn stderr_with(&self, needle: &str) -> String {
        loop {
            let grew = self.shared.stderr_grew.notified();
            tokio::pin!(grew);
            grew.as_mut().enable();
            let text = self.stderr();
            if text.contains(needle) {
                return text;
            }
            guard(grew, "standard error").await;
        }
    }

    /// The process id; none once it has been waited for.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Kills the server without warning.
    pub async fn kill(&self) {
        self.child.lock().await.kill().await.expect("a child can be killed");
    }

    /// Closes the server's input without waiting for its end.
    pub async fn close_stdin(&self) {
        drop(self.stdin.lock().await.take());
    }

    /// Waits for the server to end by itself.
    pub async fn wait(&self) -> ExitStatus {
        let mut child = self.child.lock().await;
        guard(child.wait(), "the end of the server").await.expect("a child can be waited for")
    }

    /// Closes the server's input and waits for its end.
    pub async fn close(&self) -> ExitStatus {
        self.close_stdin().await;
        self.wait().await
    }
}

async fn read_lines(stdout: ChildStdout, shared: Arc<Shared>, mut reading: watch::Receiver<bool>) {
    let mut stdout = BufReader::with_capacity(64 * 1024, stdout);
    let mut line = Vec::new();
    // The sender lives as long as the pipe.
    while reading.wait_for(|reading| *reading).await.is_ok() {
        let read = tokio::select! {
            biased;
            // What has been read of a line stays in it.
            _ = reading.changed() => continue,
            read = stdout.read_until(b'\n', &mut line) => read,
        };
        if read.unwrap_or(0) == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let raw = std::mem::take(&mut line);
        let json = serde_json::from_slice(&raw).unwrap_or_default();
        shared.deliver(Heard { raw, json });
    }
    // Dropping the senders tells who still waits.
    lock(&shared.waiting).take();
    shared.inbox.close();
}

async fn read_stderr(mut stderr: impl AsyncRead + Unpin, shared: Arc<Shared>) {
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
        lock(&shared.stderr).extend_from_slice(&chunk[..read]);
        shared.stderr_grew.notify_waiters();
    }
}

impl Shared {
    fn deliver(&self, heard: Heard) {
        let answers = heard.json.get("method").is_none();
        let waiting = answers
            .then(|| lock(&self.waiting).as_mut()?.remove(&heard.json.get("id")?.to_string()))
            .flatten();
        let unclaimed = match waiting {
            Some(sender) => sender.send(heard).err(),
            None => Some(heard),
        };
        if let Some(heard) = unclaimed {
            self.inbox.push(heard);
        }
    }
}
