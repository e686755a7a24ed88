//! Sending one message and judging the answer, over either transport.

use serde_json::Value;
use toolgate_testkit::{Pipe, Web, WebReply};

use super::corpus::{Fate, Sent};

/// This side of the gate.
pub(super) enum Line {
    Http(Box<Web>),
    Stdio(Box<Pipe>),
}

impl Line {
    /// Whether the message can be sent this way: over stdio, LF ends it.
    pub(super) fn carries(&self, sent: &Sent) -> bool {
        match self {
            Self::Http(_) => true,
            Self::Stdio(_) => !sent.text.contains('\n'),
        }
    }

    /// Sends the message and waits for nothing.
    pub(super) async fn send(&self, sent: &Sent) {
        match self {
            Self::Http(web) => drop(web.post(sent.text.clone(), &[]).await),
            Self::Stdio(pipe) => drop(pipe.send_line(&sent.text).await),
        }
    }

    /// Sends the message, waits for the answer and says what is wrong with it.
    pub(super) async fn exchange(&self, sent: &Sent) -> Option<String> {
        match self {
            Self::Http(web) => over_http(web, sent).await,
            Self::Stdio(pipe) => over_stdio(pipe, sent).await,
        }
    }
}

async fn over_http(web: &Web, sent: &Sent) -> Option<String> {
    let headers: Vec<(&str, &str)> =
        sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reply = web.post(sent.text.clone(), &headers).await;
    let status = reply.status;
    match (&sent.fate, &sent.id) {
        (Fate::Refused, _) if status == 400 => None,
        (Fate::Refused, _) => Some(format!("expected the status 400, not {status}")),
        (Fate::Passes { .. }, None) if status == 202 => None,
        (Fate::Passes { .. }, None) => Some(format!("expected the status 202, not {status}")),
        (Fate::Passes { echo, .. }, Some(id)) => {
            answer_problem(echo.as_deref(), &response(reply, id).await)
        }
    }
}

/// The response with the id, as JSON or as the event that carries it.
async fn response(reply: WebReply, id: &Value) -> Value {
    if !reply.is_events() {
        return reply.json().await;
    }
    let mut events = reply.events();
    while let Some(event) = events.next().await {
        let message: Value = serde_json::from_str(&event.data).unwrap_or_default();
        if message["id"] == *id {
            return message;
        }
    }
    Value::Null
}

/// What is refused here may have no readable id, so nobody waits for its answer; that no server
/// saw it is judged at the end.
async fn over_stdio(pipe: &Pipe, sent: &Sent) -> Option<String> {
    if let (Fate::Passes { echo, .. }, Some(id)) = (&sent.fate, &sent.id) {
        let heard = pipe.exchange(id, &sent.text).await.map(|heard| heard.json);
        return answer_problem(echo.as_deref(), &heard.unwrap_or_default());
    }
    let gone = pipe.send_line(&sent.text).await.is_err();
    gone.then(|| "nobody reads any more".to_owned())
}

fn answer_problem(echo: Option<&str>, response: &Value) -> Option<String> {
    let problem = match echo {
        None => (response["result"].is_null() && response["error"].is_null())
            .then(|| "expected a response".to_owned()),
        Some(message) => (response["result"]["content"][0]["text"] != format!("Echo: {message}"))
            .then(|| format!("expected {message:?} to be said back")),
    };
    problem.map(|problem| format!("{problem}, not {}", shown(response)))
}

fn shown(response: &Value) -> String {
    response.to_string().chars().take(300).collect()
}
