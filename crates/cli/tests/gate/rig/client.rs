//! A client in front of a gate, whatever the way to the server.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Pipe, Web};

use super::wire::{answer, call_text, modern_headers, text};
use super::{Door, Rig};

/// Where the client is, where the server is, and which era they speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) front: Front,
    pub(crate) back: Back,
    pub(crate) era: Era,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Http,
    Stdio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    Child,
    /// HTTP with SSE, of 2024-11-05.
    Sse,
    Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

pub(crate) const BACKS: [Back; 3] = [Back::Child, Back::Sse, Back::Url];

/// All twelve.
pub(crate) fn ways() -> impl Iterator<Item = Way> {
    let fronts = [Front::Http, Front::Stdio].into_iter();
    let pairs = fronts.flat_map(|front| BACKS.map(|back| (front, back)));
    pairs.flat_map(|(front, back)| [Era::Legacy, Era::Modern].map(|era| Way { front, back, era }))
}

/// A client behind a gate, whatever the way.
pub(crate) struct Client {
    way: Way,
    end: End,
    /// Held: it ends with the test.
    _upstream: Option<Daemon>,
}

enum End {
    Http { web: Box<Web>, _door: Box<Door> },
    Stdio(Box<Pipe>),
}

impl Client {
    /// Starts everything, and shakes hands where the era has that.
    pub(crate) async fn start(rig: &Rig, way: Way) -> Client {
        Self::start_with(rig, way, json!({"elicitation": {}, "roots": {}, "sampling": {}})).await
    }

    /// One that declares these capabilities.
    pub(crate) async fn start_with(rig: &Rig, way: Way, capabilities: Value) -> Client {
        let client = Self::connect(rig, way, capabilities).await;
        if way.era == Era::Legacy {
            match &client.end {
                End::Http { web, .. } => web.open().await,
                End::Stdio(pipe) => pipe.open().await,
            };
        }
        client
    }

    /// Before any handshake.
    async fn connect(rig: &Rig, way: Way, capabilities: Value) -> Client {
        let (command, upstream) = rig.before_back(way.back).await;
        let end = match way.front {
            Front::Http => {
                let door = Door::open(command).await;
                let web = Box::new(door.web().with_capabilities(capabilities));
                End::Http { web, _door: Box::new(door) }
            }
            Front::Stdio => End::Stdio(Box::new(Pipe::spawn_with(command, capabilities))),
        };
        Client { way, end, _upstream: upstream }
    }

    /// The whole answer to a request.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Value {
        match (&self.end, self.way.era) {
            (End::Http { web, .. }, Era::Legacy) => web.request(method, params).await,
            (End::Http { web, .. }, Era::Modern) => web.modern_request(method, params).await,
            (End::Stdio(pipe), Era::Legacy) => pipe.request(method, params).await,
            (End::Stdio(pipe), Era::Modern) => pipe.modern_request(method, params).await,
        }
    }

    /// The whole answer to a call.
    pub(crate) async fn call(&self, name: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": name, "arguments": arguments})).await
    }

    /// The names that `tools/list` shows, on all its pages.
    pub(crate) async fn list(&self) -> Vec<String> {
        let (mut names, mut params) = (Vec::new(), json!({}));
        loop {
            let answer = self.request("tools/list", params).await;
            let tools = answer["result"]["tools"].as_array();
            let tools = tools.unwrap_or_else(|| panic!("{answer}"));
            names.extend(tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()));
            let Some(cursor) = answer["result"]["nextCursor"].as_str() else { return names };
            params = json!({"cursor": cursor});
        }
    }

    /// What the server says next beside answers.
    pub(crate) async fn next_message(&self) -> Value {
        match &self.end {
            End::Http { web, .. } => web.next_message().await,
            End::Stdio(pipe) => pipe.next_message().await.unwrap().json,
        }
    }

    /// Sends what has no answer.
    pub(crate) async fn tell(&self, message: &str) {
        match &self.end {
            End::Http { web, .. } => {
                let reply = web.post(message.to_owned(), &[]).await;
                assert_eq!(reply.status, 202, "{message}");
            }
            End::Stdio(pipe) => pipe.send_line(message).await.unwrap(),
        }
    }

    /// The whole answer to a call whose arguments are any text; nothing stands there where empty.
    pub(crate) async fn call_text(&self, id: &str, name: &str, arguments: &str) -> Value {
        let text = call_text(self.way.era, id, name, arguments);
        self.exchange(id, name, &text).await
    }

    /// The answer to any text that calls this tool under this id.
    pub(crate) async fn exchange(&self, id: &str, name: &str, text: &str) -> Value {
        let id = serde_json::from_str(id).unwrap();
        match &self.end {
            End::Http { web, .. } => {
                let modern = modern_headers("tools/call", name);
                let extra: &[_] = if self.way.era == Era::Modern { &modern } else { &[] };
                answer(web.post(text.to_owned(), extra).await, &id).await
            }
            End::Stdio(pipe) => pipe.exchange(&id, text).await.unwrap().json,
        }
    }
}

/// Everything sent before has been decided, and written if it was to be.
pub(crate) async fn settle(pipe: &Pipe) {
    let answer = pipe.call("nonce", json!({"nonce": "settled"})).await;
    assert_eq!(text(&answer), "settled");
}

/// A session whose handshake has reached the server to its last word.
pub(crate) async fn shake(web: &Web) {
    web.open().await;
    assert_eq!(web.request("ping", Value::Null).await["result"], json!({}));
}
