//! The floor for stdio: starts a server and copies bytes in both directions on two threads,
//! or, with `--parse`, reads each line as JSON before it goes on.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use clap::Parser;
use xtask::{Result, bench};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BUFFER_BYTES: usize = 64 * 1024;

#[derive(Parser)]
struct Options {
    /// Read every line from the client as a call with its arguments
    #[arg(long)]
    parse: bool,
    #[arg(last = true, required = true)]
    server: Vec<String>,
}

fn main() -> ExitCode {
    match pump(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench-pump: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn pump(options: &Options) -> Result {
    let mut server = Command::new(&options.server[0])
        .args(&options.server[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (Some(to_server), Some(from_server)) = (server.stdin.take(), server.stdout.take()) else {
        return Err("the server has no pipes".into());
    };
    // Without the buffers of the standard library: they would be copied through.
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let parse = options.parse;
    let answers = thread::spawn(move || copy(from_server, output));
    let calls = if parse { read_lines(input, to_server) } else { copy(input, to_server) };
    calls?;
    answers.join().map_err(|_| "the copying thread panicked")??;
    server.wait()?;
    Ok(())
}

fn copy(mut from: impl Read, mut to: impl Write) -> Result {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            count => to.write_all(&buffer[..count])?,
        }
    }
}

fn read_lines(from: impl Read, mut to: impl Write) -> Result {
    let mut from = BufReader::with_capacity(BUFFER_BYTES, from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        std::hint::black_box(bench::envelope::tool_call(&line)?);
        to.write_all(&line)?;
        line.clear();
    }
    Ok(())
}
