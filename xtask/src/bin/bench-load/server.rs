//! A process that listens: started, asked for its address, stopped when it is no longer needed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use xtask::Result;

use crate::connection::Place;

pub(crate) struct Server {
    child: Child,
    pub(crate) place: Place,
}

impl Server {
    /// The server behind the arm.
    pub(crate) fn upstream(program: &str) -> Result<Self> {
        Self::start(&[program.to_owned(), "--http".to_owned(), "127.0.0.1:0".to_owned()], false)
    }

    /// Starts the command and waits until it has said where it listens, and with which token.
    pub(crate) fn start(command: &[String], token: bool) -> Result<Self> {
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", command[0]))?;
        let stderr = child.stderr.take().ok_or("the command has no stderr")?;
        let mut server = Self { child, place: Place::default() };
        server.place = announced(stderr, token)?;
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has: it may still write what it owes.
    pub(crate) fn end(mut self) -> Result {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; there is nothing else to do about it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn announced(stderr: ChildStderr, wants_token: bool) -> Result<Place> {
    let mut lines = BufReader::new(stderr).lines();
    let (mut url, mut token) = (None, None);
    while url.is_none() || wants_token && token.is_none() {
        let line = lines.next().ok_or("it ended before it listened")??;
        eprintln!("{line}");
        url = url.or_else(|| word_behind(&line, "listening on "));
        token = token.or_else(|| word_behind(&line, "token: "));
    }
    // What it says later must not block it.
    thread::spawn(move || lines.map_while(std::result::Result::ok).for_each(|l| eprintln!("{l}")));
    Place::new(&url.unwrap_or_default(), token)
}

fn word_behind(line: &str, label: &str) -> Option<String> {
    let (_, rest) = line.split_once(label)?;
    rest.split_whitespace().next().map(str::to_owned)
}
