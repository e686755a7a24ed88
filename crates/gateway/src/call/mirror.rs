//! `Mcp-Param-*` of one call: compared with its arguments in front, written from them behind.
//!
//! MCP 2026-07-28, streamable HTTP, custom headers from tool parameters. Nothing is decided on
//! them, and what a client wrote under a name that the tool mirrors never goes further.

use std::sync::Arc;

use toolgate_policy::{Call, Subject};
use toolgate_protocol::headers::{Mirrors, Mismatch};
use toolgate_protocol::{Era, Message, answer};

use crate::definitions::Unlisted;
use crate::outbox::Answer;
use crate::request::Request;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// As an HTTP client sent them.
type Sent = [(String, Vec<u8>)];

/// Before anything is decided: refuses a call whose headers are not its arguments, whatever the
/// server is, and notes what a server over HTTP is to read.
///
/// Where the server does not tell its tools, the headers are its own to check; a child has
/// nobody but us for that, so that a call which brings some goes nowhere.
pub(crate) async fn mirror(
    session: &Arc<Session>,
    request: &Request,
    snapshot: &Snapshot,
    call: &Call,
) -> Result<(), Answer> {
    let sent = request.mirrored.as_deref();
    if !concerns(session, request, call) || snapshot.policy.hides(&call.name) {
        return Ok(());
    }
    let mut mirrors = session.definitions.mirrors(session, call).await;
    if compare(&mirrors, sent, call).is_err() {
        mirrors = session.definitions.mirrors_now(session, call).await;
        compare(&mirrors, sent, call).map_err(|mismatch| refused(request, &mismatch))?;
    }
    let remote = session.upstream.is_remote();
    match mirrors {
        Ok(Some(mirrors)) if remote => request.write_headers(mirrors.of(call.arguments())),
        Err(Unlisted) if !remote && sent.is_some_and(|sent| !sent.is_empty()) => {
            return Err(unchecked(request));
        }
        Ok(_) | Err(Unlisted) => {}
    }
    Ok(())
}

/// A server that refuses headers mirrors other arguments than it told us. It has not run the
/// call, says the specification; that it did not, nobody can prove, so the call is not repeated.
pub(crate) fn heed(session: &Session, reply: &Message) {
    let code = reply.error().and_then(|error| error.get("code")?.as_number());
    if code.and_then(|code| code.parse().ok()) == Some(answer::HEADER_MISMATCH) {
        session.definitions.forget();
    }
}

/// Whether there is a header on either side, or should be one.
fn concerns(session: &Session, request: &Request, call: &Call) -> bool {
    let given = || call.arguments().is_some_and(|arguments| arguments.entries().next().is_some());
    call.subject == Subject::Tool
        && request.era == Era::Modern
        && match &request.mirrored {
            Some(sent) => !sent.is_empty() || given(),
            None => session.upstream.is_remote() && given(),
        }
}

/// A client that has no headers, and a tool that wants none, cannot be wrong.
fn compare(
    mirrors: &Result<Option<Arc<Mirrors>>, Unlisted>,
    sent: Option<&Sent>,
    call: &Call,
) -> Result<(), Mismatch> {
    let (Ok(Some(mirrors)), Some(sent)) = (mirrors, sent) else { return Ok(()) };
    let sent = sent.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    mirrors.check(call.arguments(), sent)
}

fn refused(request: &Request, mismatch: &Mismatch) -> Answer {
    Answer { bytes: mismatch.to_bytes(Some(&request.id_raw)), status: Some(400) }
}

fn unchecked(request: &Request) -> Answer {
    let text = "the server does not tell its tools, so that `Mcp-Param-*` cannot be checked";
    Answer::plain(answer::error(Some(&request.id_raw), answer::UPSTREAM_FAILED, text, None))
}
