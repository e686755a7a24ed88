//! A client on our own standard input and output. Standard output carries MCP and nothing else.

use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use toolgate_protocol::frame::{Line, Lines};
use toolgate_protocol::{Message, Side, answer};

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::RunError;
use crate::outbox::{Inward, Mail, Outbox};
use crate::request::Sending;
use crate::session::Session;
use crate::signal;
use crate::upstream::{Connector, Sharing};

/// One client, one server, until either is gone. Gives the exit code.
pub(crate) async fn serve(gate: &Arc<Gate>, connector: &Connector) -> Result<i32, RunError> {
    let (outbox, mail) = Outbox::new();
    let inbox = Arc::new(Inbox::new(Arc::clone(gate), outbox.clone()));
    let (upstream, process) = connector.connect(gate, Arc::clone(&inbox), Sharing::Own).await?;
    let mut ended = upstream.ended();
    let session = Arc::new(Session::new(Arc::clone(gate), Arc::new(upstream), inbox));
    let writer = tokio::spawn(write(super::output(), mail));
    let stopped = tokio::select! {
        () = read(super::input(), Arc::clone(&session), outbox) => None,
        _ = ended.wait_for(|ended| *ended) => None,
        code = signal::stop() => Some(code),
    };
    let closed = session.upstream.close(if stopped.is_some() { Duration::ZERO } else { ANSWERS });
    let stopped = tokio::select! {
        () = closed => stopped,
        code = signal::stop() => stopped.or(Some(code)),
    };
    let code = match (process, stopped) {
        (Some(process), None) => process.finish().await,
        (Some(process), Some(code)) => {
            process.terminate().await;
            code
        }
        (None, stopped) => stopped.unwrap_or(0),
    };
    // What the server said last is still on its way.
    let _ = tokio::time::timeout(DRAIN, ended.wait_for(|ended| *ended)).await;
    drop(session);
    let _ = tokio::time::timeout(DRAIN, writer).await;
    Ok(code)
}

const READ_BYTES: usize = 64 << 10;
/// How long what the client said may take to be passed on after it closed its side.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the server may take for the answers it still owes by then.
const ANSWERS: Duration = Duration::from_mins(1);

/// Takes messages until the client closes its side, and everything is passed on or refused.
pub(crate) async fn read(mut input: impl AsyncRead + Unpin, session: Arc<Session>, outbox: Outbox) {
    let mut lines = Lines::new(session.gate.message_bytes_max);
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    let (sending, mut sent) = mpsc::channel(1);
    while input.read_buf(&mut buffer).await.is_ok_and(|count| count > 0) {
        lines.push(&buffer);
        buffer.clear();
        while let Some(line) = lines.next_line() {
            take(line, &session, &outbox, Some(sending.clone())).await;
        }
    }
    session.leave();
    drop(sending);
    let _ = tokio::time::timeout(DRAIN, sent.recv()).await;
}

async fn take(line: Line, session: &Arc<Session>, outbox: &Outbox, sending: Sending) {
    let text = match line {
        Line::Text(text) => text,
        Line::TooLong => {
            let max = session.gate.message_bytes_max;
            let why = format!("the message is longer than {max} bytes");
            outbox.aside(answer::error(None, answer::INVALID_REQUEST, &why, None)).await;
            return;
        }
    };
    match session.split(&text) {
        Ok(messages) => {
            for message in messages {
                one(message, session, outbox, sending.clone()).await;
            }
        }
        Err(refusal) => outbox.aside(refusal.to_bytes()).await,
    }
}

async fn one(text: Bytes, session: &Arc<Session>, outbox: &Outbox, sending: Sending) {
    match Message::read(text, Side::Client) {
        Ok(message) => {
            session.take(message, outbox.clone(), sending).await;
        }
        Err(refusal) => outbox.aside(refusal.to_bytes()).await,
    }
}

/// Messages written with one system call, at most.
const BATCH_MAX: usize = 32;

/// Writes what goes to the client until nobody has more to say, or the client is gone.
pub(crate) async fn write(mut output: impl AsyncWrite + Unpin, mut outbox: Inward) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while outbox.recv_many(&mut batch, BATCH_MAX).await > 0 {
        if write_all(&mut output, &batch).await.is_err() {
            return;
        }
        batch.clear();
    }
}

async fn write_all(output: &mut (impl AsyncWrite + Unpin), batch: &[Mail]) -> std::io::Result<()> {
    let lines: Vec<Bytes> = batch.iter().map(|mail| one_line(mail.bytes())).collect();
    let mut slices: Vec<IoSlice<'_>> =
        lines.iter().flat_map(|line| [IoSlice::new(line), IoSlice::new(b"\n")]).collect();
    let mut rest = slices.as_mut_slice();
    while !rest.is_empty() {
        let count = output.write_vectored(rest).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut rest, count);
    }
    output.flush().await
}

/// A server over HTTP may write its JSON in many lines. They end between tokens, never inside of
/// strings, so that a space says the same.
fn one_line(message: &Bytes) -> Bytes {
    if !message.contains(&b'\n') && !message.contains(&b'\r') {
        return message.clone();
    }
    message.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect()
}
