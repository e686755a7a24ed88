//! A gateway with a console, an agent that asks, and browsers in front.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use toolgate_testkit::{Daemon, GUARD, Ledger, Web, WebReply};

use crate::rig::{Rig, Serving, decision, text};

/// Every call of `echo` needs a person, and is answered at once.
pub(crate) const ASKED: &str = "\
version: \"1\"
default: deny
approvals: {hold: 0s, timeout: 10m}
tools: {echo: {require_approval: true}, add: {}}
";

pub(crate) struct Desk {
    pub(crate) serving: Serving,
    /// `http://127.0.0.1:1234`
    pub(crate) url: String,
    token: String,
    /// The token of an account that only looks.
    looker: String,
}

impl Desk {
    pub(crate) async fn open(policy: &str) -> Desk {
        Self::open_with(Rig::new(policy)).await
    }

    pub(crate) async fn open_with(rig: Rig) -> Desk {
        let servers = json!({"a": Serving::child(&rig, "a", &[])});
        Self::open_over(rig, servers).await
    }

    /// With other servers; the agent uses the one called `a`.
    pub(crate) async fn open_over(rig: Rig, servers: Value) -> Desk {
        let settings = json!({"servers": servers, "console": {"listen": "127.0.0.1:0"}});
        let serving = Serving::start_with(rig, settings).await;
        let url = console_of(&serving.gateway).await;
        let token = serving.grant("agent", &["a"]);
        serving.web("a", &token).open().await;
        let added = serving.json(&["account", "add", "looker", "--role", "viewer"]);
        let looker = added["token"].as_str().unwrap().to_owned();
        Desk { serving, url, token, looker }
    }

    /// A new session of the agent.
    pub(crate) async fn agent(&self) -> Web {
        let web = self.serving.web("a", &self.token);
        web.open().await;
        web
    }

    pub(crate) fn agents_token(&self) -> &str {
        &self.token
    }

    /// What the sentinel was really asked.
    pub(crate) fn ledger(&self) -> Ledger {
        self.serving.ledger("a")
    }

    /// Calls `echo`; gives the id of the question about it.
    pub(crate) async fn ask(&self, message: &str) -> String {
        self.ask_with(json!({"message": message})).await
    }

    pub(crate) async fn ask_with(&self, arguments: Value) -> String {
        let answer = self.agent().await.call("echo", arguments).await;
        let id = decision(&answer)["approval_id"].as_str();
        id.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The text that the same call gets now.
    pub(crate) async fn again(&self, message: &str) -> String {
        let answer = self.agent().await.call("echo", json!({"message": message})).await;
        text(&answer).to_owned()
    }

    /// A new account; gives its token.
    pub(crate) fn account(&self, name: &str, role: &str) -> String {
        let added = self.serving.json(&["account", "add", name, "--role", role]);
        added["token"].as_str().unwrap().to_owned()
    }

    /// A program with this token.
    pub(crate) fn program(&self, token: &str) -> Program {
        Program { url: self.url.clone(), token: token.to_owned() }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.url)
    }

    /// A browser in which somebody with this role has signed in.
    pub(crate) async fn signed_in(&self, name: &str, role: &str) -> Browser {
        let (browser, token) = (self.browser(), self.account(name, role));
        assert_eq!(browser.sign_in(&token).await.status, 303);
        browser
    }

    /// How the question stands, as the API says.
    pub(crate) async fn state(&self, id: &str) -> String {
        let (status, shown) =
            self.program(&self.looker).get(&format!("/api/v1/approvals/{id}")).await;
        assert_eq!(status, 200, "{shown}");
        shown["state"].as_str().unwrap().to_owned()
    }
}

/// Where the console of this process is: it says so.
pub(crate) async fn console_of(daemon: &Daemon) -> String {
    let said = async {
        loop {
            let said = daemon.stderr();
            if let Some((_, rest)) = said.split_once("the console is at ") {
                return rest.lines().next().unwrap().trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(GUARD, said).await.unwrap()
}

pub(crate) async fn body(reply: WebReply) -> (u16, String) {
    let status = reply.status;
    (status, String::from_utf8(reply.bytes().await).unwrap())
}

pub(crate) struct Program {
    url: String,
    token: String,
}

impl Program {
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, json: &str) -> (u16, Value) {
        self.send(Method::POST, path, &[("content-type", "application/json")], json).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        json: &str,
    ) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        let web = Web::new(format!("{}{path}", self.url)).with_header("authorization", &bearer);
        let reply = web.send(method, headers, json.to_owned()).await.unwrap();
        (reply.status, reply.json().await)
    }
}

/// Keeps cookies, as a browser does; no script runs in it.
pub(crate) struct Browser {
    pub(crate) url: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn at(url: &str) -> Browser {
        Browser { url: url.to_owned(), cookies: Mutex::default() }
    }

    pub(crate) async fn get(&self, path: &str) -> WebReply {
        self.send(Method::GET, path, &[], String::new()).await
    }

    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        body(self.get(path).await).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> WebReply {
        let escaped = |text: &str| {
            text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
        };
        let pairs = fields.iter().map(|(key, value)| format!("{key}={}", escaped(value)));
        let form = pairs.collect::<Vec<_>>().join("&");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", self.url.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.send(Method::POST, path, &headers, form).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        form: String,
    ) -> WebReply {
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(k, v)| format!("{k}={v}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = headers.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let web = Web::new(format!("{}{path}", self.url));
        let reply = web.send(method, &headers, form).await.unwrap();
        for set in reply.headers.get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut kept = self.cookies.lock().unwrap();
            if value.is_empty() {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    pub(crate) async fn sign_in(&self, token: &str) -> WebReply {
        let (_, page) = self.page("/sign-in").await;
        self.post("/sign-in", &[("nonce", &nonce(&page, "/sign-in")), ("token", token)]).await
    }

    /// Opens the page of a question and posts one of its forms.
    pub(crate) async fn answer(&self, id: &str, act: &str, more: &[(&str, &str)]) -> WebReply {
        let (_, page) = self.page(&format!("/approvals/{id}")).await;
        let path = format!("/approvals/{id}/{act}");
        let nonce = nonce(&page, &path);
        let own = [("nonce", nonce.as_str()), ("reason", "looked at it")];
        self.post(&path, &[&own, more].concat()).await
    }

    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    /// The cookies of another, as if somebody had copied them.
    pub(crate) fn with_cookies_of(&self, other: &Browser) {
        *self.cookies.lock().unwrap() = other.cookies();
    }
}

/// The nonce in the form that is posted to `action`.
pub(crate) fn nonce(page: &str, action: &str) -> String {
    let form = page.split_once(&format!("action=\"{action}\""));
    let (_, form) = form.unwrap_or_else(|| panic!("no form for {action}: {page}"));
    let (_, value) = form.split_once("name=\"nonce\" value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}
