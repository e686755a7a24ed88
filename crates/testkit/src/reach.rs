//! A process that tries out what it can reach: `tcp:ADDR`, `udp:ADDR`, `unix:PATH`, `read:PATH`,
//! `write:PATH`, `run:PATH`, `signal:PID`, `trace:PID`, `listen:ADDR`, `fill:BYTES`, `open:N`.
//!
//! It prints a line for each: the attempt, and `ok` or the kernel's refusal.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};

pub fn main() -> ExitCode {
    for attempt in std::env::args().skip(1) {
        let outcome = match attempt.split_once(':') {
            Some((what, target)) => reach(what, target),
            None => Err(io::Error::other("no colon")),
        };
        let outcome = outcome.map_or_else(|error| format!("{:?}", error.kind()), |()| "ok".into());
        if writeln!(io::stdout().lock(), "{attempt} {outcome}").is_err() {
            return ExitCode::from(9);
        }
    }
    ExitCode::SUCCESS
}

fn reach(what: &str, target: &str) -> io::Result<()> {
    match what {
        "fill" => fill(number(target)?)?,
        "listen" => drop(TcpListener::bind(target)?),
        "open" => open(number(target)?)?,
        "read" => drop(io::copy(&mut File::open(target)?, &mut io::sink())?),
        "run" => status(Command::new(target))?,
        "signal" => {
            let mut kill = Command::new("sh");
            kill.args(["-c", &format!("kill -0 {target}")]);
            status(kill)?;
        }
        "tcp" => drop(TcpStream::connect(target)?),
        "trace" => drop(std::fs::read(format!("/proc/{target}/environ"))?),
        "udp" => drop(UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", target)?),
        "unix" => drop(UnixStream::connect(target)?),
        "write" => drop(OpenOptions::new().append(true).create(true).open(target)?),
        _ => return Err(io::Error::other("unknown attempt")),
    }
    Ok(())
}

fn status(mut command: Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

fn number(text: &str) -> io::Result<usize> {
    text.parse().map_err(io::Error::other)
}

/// Touches each page, so that none is only promised.
fn fill(bytes: usize) -> io::Result<()> {
    let mut memory: Vec<u8> = Vec::new();
    memory.try_reserve_exact(bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
    memory.resize(bytes, 1);
    if memory.iter().step_by(4096).any(|byte| *byte == 0) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(())
}

fn open(count: usize) -> io::Result<()> {
    let files: Result<Vec<File>, _> = (0..count).map(|_| File::open("/dev/null")).collect();
    files.map(drop)
}
