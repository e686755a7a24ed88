//! One client, one server, one era, and the whole corpus.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::timeout;
use toolgate_testkit::{Pipe, Web};

use super::attack;
use super::corpus::{self, Era, Sent};
use super::exchange::Line;
use super::verdict::{self, Verdict};
use crate::Result;
use crate::clients::gate::{Gate, Listening, Upstream};
use crate::clients::place::Place;
use crate::clients::server::{self, Eras, Server};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    /// No gate: the server itself.
    Direct,
    Http,
    Stdio,
}

pub(super) struct Session {
    server: &'static Server,
    era: Era,
    front: Front,
}

/// Much longer than any answer takes. A server that read half a message gives none.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Needs no definitions: the gate asks the server for nothing by itself.
const POLICY: &str = r#"{"version":"1","default":"deny","tools":{"echo":{},"get-sum":{}}}"#;

const SERVERS: [&Server; 5] = [
    &server::PYTHON_1,
    &server::PYTHON_2,
    &server::TYPESCRIPT_1,
    &server::TYPESCRIPT_2,
    &server::RMCP,
];

pub(super) fn all(direct: bool) -> Vec<Session> {
    let fronts: &[Front] = if direct { &[Front::Direct] } else { &[Front::Http, Front::Stdio] };
    let mut sessions = Vec::new();
    for server in SERVERS {
        for &front in fronts {
            sessions.push(Session { server, era: Era::Legacy, front });
            if server.eras == Eras::Both {
                sessions.push(Session { server, era: Era::Modern, front });
            }
        }
    }
    sessions
}

impl Session {
    pub(super) fn name(&self) -> String {
        format!("framing {:?} to {}, {:?}", self.front, self.server.name, self.era).to_lowercase()
    }
}

/// Sends the corpus, one message after the other, and compares.
pub(super) async fn run(place: &Place, session: &Session) -> Result<Verdict> {
    let folder = place.work(&session.name())?;
    let log = folder.join("log.jsonl");
    fs::write(&log, "")?;
    let (line, listening) = open(place, session, &folder, &log).await?;
    let mut corpus = corpus::all(session.era);
    // Its answer says that all before it has been read.
    corpus.push(corpus::echo(session.era, "the last one", corpus.len()));
    let sent: Vec<&Sent> = corpus.iter().filter(|sent| line.carries(sent)).collect();
    let (answered, mut problems) = exchange_all(&line, &sent).await;
    drop((line, listening));
    let notes = verdict::judge(&log, &sent[..answered])?;
    problems.splice(..0, notes.problems);
    if !problems.is_empty() {
        problems.push(format!("all of it is in {}", folder.display()));
    }
    Ok(Verdict { problems, ..notes })
}

/// The control: whether a call behind a bare CR runs on a server without a gate. If it does not,
/// this suite shows nothing.
pub(super) async fn hidden_call_runs(place: &Place) -> Result<bool> {
    let era = Era::Legacy;
    let session = Session { server: &server::PYTHON_2, era, front: Front::Direct };
    let folder = place.work("framing control")?;
    let log = folder.join("log.jsonl");
    fs::write(&log, "")?;
    let (line, _) = open(place, &session, &folder, &log).await?;
    let (attack, last) = (attack::behind_cr(era), corpus::echo(era, "the last one", 1));
    line.send(&attack).await;
    exchange_all(&line, &[&last]).await;
    Ok(verdict::judge(&log, &[&attack, &last])?.forbidden > 0)
}

/// How many messages went out, and what was wrong with the answers.
async fn exchange_all(line: &Line, sent: &[&Sent]) -> (usize, Vec<String>) {
    let mut problems = Vec::new();
    for (number, message) in sent.iter().enumerate() {
        match timeout(ANSWER_LIMIT, line.exchange(message)).await {
            Ok(None) => {}
            Ok(Some(problem)) => problems.push(format!("{}: {problem}", message.label)),
            Err(_) => {
                problems.push(format!("{}: no answer, so nothing more was sent", message.label));
                return (number + 1, problems);
            }
        }
    }
    (sent.len(), problems)
}

async fn open(
    place: &Place,
    session: &Session,
    folder: &Path,
    log: &Path,
) -> Result<(Line, Option<Listening>)> {
    let upstream = server::command(place, session.server, Some(log));
    let policy = folder.join("policy.json");
    fs::write(&policy, POLICY)?;
    let state = folder.join("state");
    let gate =
        Gate { place, policy: &policy, state: &state, upstream: Upstream::Command(&upstream) };
    if session.front == Front::Http {
        let listening = gate.listen(&folder.join("gate.stderr"))?;
        let token = format!("Bearer {}", listening.token);
        let web = Web::new(&listening.url).with_header("authorization", &token);
        if session.era == Era::Legacy {
            web.open().await;
        }
        return Ok((Line::Http(Box::new(web)), Some(listening)));
    }
    let words = gate.words(false);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    let command = if session.front == Front::Direct { upstream } else { command };
    let pipe = Pipe::spawn(command);
    if session.era == Era::Legacy {
        pipe.open().await;
    }
    Ok((Line::Stdio(Box::new(pipe)), None))
}
