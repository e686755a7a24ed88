//! The naive gate on stdio: two pumps.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use super::judge::Judge;

pub(super) fn run(judge: &Judge, command: &[String]) -> io::Result<u8> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(io::Error::other("no command after `--`"));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let pump = thread::spawn(move || {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while let Ok(1..) = lines.read_until(b'\n', &mut line) {
            if say(&line).is_err() {
                return;
            }
            line.clear();
        }
    });
    forward(judge, &mut child)?;
    let status = child.wait()?;
    drop(pump.join());
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn forward(judge: &Judge, child: &mut Child) -> io::Result<()> {
    let mut upstream: ChildStdin =
        child.stdin.take().ok_or_else(|| io::Error::other("no input"))?;
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    while stdin.read_until(b'\n', &mut line)? > 0 {
        if let Some(denial) = judge.denial(&line) {
            say(format!("{denial}\n").as_bytes())?;
        } else {
            if upstream.write_all(&line).and_then(|()| upstream.flush()).is_err() {
                return Ok(());
            }
            judge.record(&line);
        }
        line.clear();
    }
    Ok(())
}

fn say(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
