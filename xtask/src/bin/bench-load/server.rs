//! A process that listens: started, asked for its address, stopped when it is no longer needed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use xtask::Result;

use crate::connection::Place;
use crate::grant::SERVER;

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
        let mut server = Self::spawn(command, Stdio::null(), Stdio::piped())?;
        let stderr = server.child.stderr.take().ok_or("the command has no stderr")?;
        let (url, token) = announced(stderr, token)?;
        server.place = Place::new(&url, token)?;
        Ok(server)
    }

    /// Starts `toolgate serve`, whose first line on stdout is its address.
    pub(crate) fn serving(command: &[String], token: String) -> Result<Self> {
        let mut server = Self::spawn(command, Stdio::piped(), Stdio::inherit())?;
        let stdout = server.child.stdout.take().ok_or("the command has no stdout")?;
        let (url, _) = announced(stdout, false)?;
        server.place = Place::new(&format!("{url}/mcp/{SERVER}"), Some(token))?;
        Ok(server)
    }

    fn spawn(command: &[String], stdout: Stdio, stderr: Stdio) -> Result<Self> {
        let mut program = Command::new(&command[0]);
        program.args(&command[1..]).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let child = program.spawn().map_err(|error| format!("{}: {error}", command[0]))?;
        Ok(Self { child, place: Place::default() })
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

fn announced(
    told: impl Read + Send + 'static,
    wants_token: bool,
) -> Result<(String, Option<String>)> {
    let mut lines = BufReader::new(told).lines();
    let (mut url, mut token) = (None, None);
    while url.is_none() || wants_token && token.is_none() {
        let line = lines.next().ok_or("it ended before it listened")??;
        eprintln!("{line}");
        url = url.or_else(|| word_behind(&line, "listening on "));
        token = token.or_else(|| word_behind(&line, "token: "));
    }
    // What it says later must not block it.
    thread::spawn(move || lines.map_while(std::result::Result::ok).for_each(|l| eprintln!("{l}")));
    Ok((url.unwrap_or_default(), token))
}

fn word_behind(line: &str, label: &str) -> Option<String> {
    let (_, rest) = line.split_once(label)?;
    rest.split_whitespace().next().map(str::to_owned)
}
