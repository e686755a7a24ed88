//! Processes that end with their owner, and that are not waited for without end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;

const POLL: Duration = Duration::from_millis(10);

/// Something that listens; it ends when this is dropped.
pub(crate) struct Running {
    child: Child,
    /// Where it says that it listens, and all else.
    said: PathBuf,
}

impl Running {
    /// Starts the command; what it says on stderr goes into the file.
    pub(crate) fn start(command: &mut Command, stderr: PathBuf) -> Result<Self> {
        command.stdout(Stdio::null()).stderr(File::create(&stderr)?);
        Self::spawn(command, stderr)
    }

    /// As [`Running::start`], but it says where it listens on stdout.
    pub(crate) fn announced(command: &mut Command, folder: &Path) -> Result<Self> {
        let stdout = folder.join("stdout");
        command.stdout(File::create(&stdout)?).stderr(File::create(folder.join("stderr"))?);
        Self::spawn(command, stdout)
    }

    fn spawn(command: &mut Command, said: PathBuf) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self { child, said })
    }

    /// The word behind the mark, in the first line that holds it.
    pub(crate) fn said(&mut self, mark: &str, wait: Duration) -> Result<String> {
        let file = self.said.clone();
        self.said_in(&file, mark, wait)
    }

    /// The same, in another file that it writes.
    pub(crate) fn said_in(&mut self, file: &Path, mark: &str, wait: Duration) -> Result<String> {
        let deadline = Instant::now() + wait;
        loop {
            // Read after the look at the clock and the child: nothing said before is missed.
            let over = Instant::now() > deadline || self.child.try_wait()?.is_some();
            let said = fs::read(file)?;
            let said = String::from_utf8_lossy(&said);
            let whole = said.rfind('\n').map_or("", |end| &said[..end]);
            if let Some((_, rest)) = whole.lines().find_map(|line| line.split_once(mark)) {
                return Ok(rest.split_whitespace().next().unwrap_or_default().to_owned());
            }
            if over {
                return Err(format!("`{mark}` was never said: {}", tail(file)).into());
            }
            thread::sleep(POLL);
        }
    }

    /// The URL of its MCP endpoint.
    pub(crate) fn url(&mut self) -> Result<String> {
        self.said("listening on ", Duration::from_secs(30))
    }
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn end(mut self, limit: Duration) -> Result {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        wait(&mut self.child, limit).map(|_status| ())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Waits for the child; kills it when the time is over.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Err(format!("it was not done after {} s", limit.as_secs()).into());
        }
        thread::sleep(POLL);
    }
}

/// The end of a file, on one line, for a report.
pub(crate) fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let text = text.trim().replace('\n', " | ");
    let skipped = text.chars().count().saturating_sub(600);
    text.chars().skip(skipped).collect()
}
