//! The stdio transport: read a chunk, record all its messages, answer them, flush once.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::answer::{Answer, Fault, Outlet, PARSE_ERROR};
use super::core::Core;
use super::flags::Flags;
use super::recorder::Parsed;
use super::session::Session;
use crate::guard::lock;

const CHUNK: usize = 64 * 1024;
/// How long a server that hears nothing stays: longer than any test, and not for ever.
const PATIENCE: Duration = Duration::from_mins(3);

/// Standard output behind one lock. What cannot be written has nobody left to read it.
struct Stdout {
    waiting: Mutex<Vec<u8>>,
    split_writes: bool,
}

impl Stdout {
    fn queue(&self, text: &str) {
        let mut waiting = lock(&self.waiting);
        waiting.extend_from_slice(text.as_bytes());
        waiting.push(b'\n');
    }

    fn flush(&self) -> bool {
        let mut waiting = lock(&self.waiting);
        let written = if self.split_writes { dribble(&waiting) } else { whole(&waiting) };
        waiting.clear();
        written.is_ok()
    }
}

fn whole(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn dribble(bytes: &[u8]) -> io::Result<()> {
    let mut sizes = [1, 2, 3, 5, 7].into_iter().cycle();
    let mut rest = bytes;
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(1).min(rest.len());
        whole(&rest[..size])?;
        rest = &rest[size..];
    }
    Ok(())
}

impl Outlet for Stdout {
    fn send(&self, text: String) -> bool {
        self.queue(&text);
        self.flush()
    }

    fn finish(&self, answer: Answer) {
        self.send(answer.text);
    }
}

pub(crate) fn run(core: &Arc<Core>) -> io::Result<u8> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
    let _entered = runtime.enter();
    let stdout =
        Arc::new(Stdout { waiting: Mutex::new(Vec::new()), split_writes: core.flags.split_writes });
    let outlet: Arc<dyn Outlet> = stdout.clone();
    let session = Session::new(outlet.clone());
    let mut connection = Connection {
        core: Arc::clone(core),
        session: Arc::new(session),
        outlet,
        stdout,
        handled: 0,
    };
    let exit = connection.read_all()?;
    if core.flags.linger && exit.is_none() {
        thread::sleep(PATIENCE);
    }
    runtime.shutdown_background();
    Ok(exit.unwrap_or(0))
}

struct Connection {
    core: Arc<Core>,
    session: Arc<Session>,
    outlet: Arc<dyn Outlet>,
    stdout: Arc<Stdout>,
    handled: u64,
}

impl Connection {
    /// Reads until the end of input, or until it is time to exit with a code.
    fn read_all(&mut self) -> io::Result<Option<u8>> {
        // A reader that will stop must not read ahead of where it stops.
        let counted = self.core.flags.stop_reading_after.is_some();
        let mut chunk = vec![0; if counted { 1 } else { CHUNK }];
        let mut pending = Vec::new();
        let mut stdin = io::stdin().lock();
        loop {
            self.pause();
            let read = stdin.read(&mut chunk)?;
            self.core.recorder.raw(&chunk[..read])?;
            pending.extend_from_slice(&chunk[..read]);
            let lines = take_lines(&mut pending, read == 0, self.core.flags.universal_newlines);
            if let Some(code) = self.handle(lines)? {
                return Ok(Some(code));
            }
            if read == 0 {
                return Ok(None);
            }
        }
    }

    fn pause(&self) {
        let Flags { stop_reading_after, resume_file, .. } = &self.core.flags;
        if stop_reading_after.is_none_or(|after| self.handled != after) {
            return;
        }
        let resumed = || resume_file.as_ref().is_some_and(|file| fs::exists(file).unwrap_or(false));
        let stopped = Instant::now();
        while !resumed() && stopped.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn handle(&mut self, lines: Vec<Vec<u8>>) -> io::Result<Option<u8>> {
        let messages: Vec<_> = lines.into_iter().map(Parsed::new).collect();
        self.core.recorder.messages(&messages)?;
        for message in &messages {
            self.noise(message);
            if let Some(answer) = self.answer(message) {
                self.stdout.queue(&answer.text);
            }
            self.handled += 1;
            if self.core.flags.exit_after == Some(self.handled) {
                self.stdout.flush();
                return Ok(Some(self.core.flags.exit_code));
            }
        }
        if !messages.is_empty() {
            self.stdout.flush();
        }
        Ok(None)
    }

    fn answer(&self, message: &Parsed) -> Option<Answer> {
        match &message.json {
            Ok(json) => self.core.receive(&self.session, &self.outlet, json),
            Err(error) => Some(Answer::new(&Value::Null, Err(Fault::new(PARSE_ERROR, error)))),
        }
    }

    fn noise(&self, message: &Parsed) {
        if !self.core.flags.stderr_noise {
            return;
        }
        let noise = json!({"jsonrpc": "2.0", "id": 1, "result": {"noise": message.raw.len(),
                           "pad": "n".repeat(512)}});
        // Nobody has to read it.
        drop(io::stderr().write_all(format!("{noise}\n").as_bytes()));
    }
}

/// Takes the complete lines, at the end of input the last one too; empty lines are no messages.
fn take_lines(pending: &mut Vec<u8>, at_end: bool, universal: bool) -> Vec<Vec<u8>> {
    let is_break = |byte: &u8| *byte == b'\n' || (universal && *byte == b'\r');
    let complete = match pending.iter().rposition(is_break) {
        _ if at_end => pending.len(),
        Some(last) => last + 1,
        None => return Vec::new(),
    };
    let rest = pending.split_off(complete);
    let text = std::mem::replace(pending, rest);
    text.split(is_break)
        .filter(|line| line.iter().any(|byte| !byte.is_ascii_whitespace()))
        .map(<[u8]>::to_vec)
        .collect()
}
