//! A server in the background that says where it listens.

use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin};
use tokio::sync::oneshot;

use crate::guard::{guard, lock};

/// Killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    /// Where it listens.
    pub url: String,
    child: Child,
    /// Held open: some servers end with it.
    stdin: Option<ChildStdin>,
    stderr: Arc<Mutex<String>>,
}

#[expect(clippy::panic, clippy::expect_used, reason = "a broken rig ends the test")]
impl Daemon {
    /// Starts a command and waits for its line `listening on URL`.
    pub async fn start(command: Command) -> Daemon {
        let mut child = tokio::process::Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("the command does not start: {error}"));
        let stderr = Arc::new(Mutex::new(String::new()));
        let (sender, url) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let lines = child.stderr.take().expect("stderr is piped");
        tokio::spawn(watch(lines, Some(stderr.clone()), sender.clone()));
        let lines = child.stdout.take().expect("stdout is piped");
        tokio::spawn(watch(lines, None, sender));
        let stdin = child.stdin.take();
        let Ok(url) = guard(url, "a server to listen").await else {
            panic!("the server does not listen: {}", lock(&stderr));
        };
        Daemon { url, child, stdin, stderr }
    }

    /// A sentinel over HTTP on a free port, which ends with the test.
    pub async fn sentinel(arguments: &[&str]) -> Daemon {
        let mut command = Command::new(crate::bin("sentinel"));
        command.args(["--http", "127.0.0.1:0", "--tied"]).args(arguments);
        Daemon::start(command).await
    }

    pub fn stderr(&self) -> String {
        lock(&self.stderr).clone()
    }

    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the server without warning.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Closes the server's input and waits for its end.
    pub async fn close(&mut self) -> ExitStatus {
        drop(self.stdin.take());
        let status = guard(self.child.wait(), "the end of the server").await;
        status.expect("a child can be waited for")
    }
}

/// Keeps what the server says, and picks out where it listens.
async fn watch(
    output: impl AsyncRead + Unpin,
    kept: Option<Arc<Mutex<String>>>,
    sender: Arc<Mutex<Option<oneshot::Sender<String>>>>,
) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(kept) = &kept {
            *lock(kept) += &(line.clone() + "\n");
        }
        let Some((_, url)) = line.split_once("listening on ") else {
            continue;
        };
        if let Some(sender) = lock(&sender).take() {
            // Nobody waits any more where the test has already failed.
            drop(sender.send(url.trim().to_owned()));
        }
    }
}
