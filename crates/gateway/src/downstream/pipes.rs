//! Our own standard input and output, without a thread in between where that can be had.

use std::os::fd::AsFd;
use std::path::Path;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

pub(crate) type Input = Pin<Box<dyn AsyncRead + Send>>;
pub(crate) type Output = Pin<Box<dyn AsyncWrite + Send>>;

/// A pipe is opened anew, so that making it non-blocking concerns nobody who shares it; a socket
/// is taken as it is; for anything else a thread reads.
pub(crate) fn input() -> Input {
    if let Ok(pipe) = pipe::OpenOptions::new().open_receiver(Path::new("/proc/self/fd/0")) {
        return Box::pin(pipe);
    }
    match socket(std::io::stdin().as_fd()) {
        Some(socket) => Box::pin(socket),
        None => Box::pin(tokio::io::stdin()),
    }
}

/// As [`input`].
pub(crate) fn output() -> Output {
    if let Ok(pipe) = pipe::OpenOptions::new().open_sender(Path::new("/proc/self/fd/1")) {
        return Box::pin(pipe);
    }
    match socket(std::io::stdout().as_fd()) {
        Some(socket) => Box::pin(socket),
        None => Box::pin(tokio::io::stdout()),
    }
}

fn socket(fd: std::os::fd::BorrowedFd<'_>) -> Option<UnixStream> {
    let socket = std::os::unix::net::UnixStream::from(fd.try_clone_to_owned().ok()?);
    // Only a socket knows its own address.
    socket.local_addr().ok()?;
    socket.set_nonblocking(true).ok()?;
    UnixStream::from_std(socket).ok()
}
