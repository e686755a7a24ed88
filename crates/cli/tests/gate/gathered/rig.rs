//! A gateway with several sentinels, and a client of all of them.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Web};

use crate::rig::{Rig, Serving};

/// Two sentinels as children, called `a` and `b`, and a grant for both.
pub(crate) struct Two {
    pub(crate) serving: Serving,
    pub(crate) token: String,
}

impl Two {
    pub(crate) async fn start(policy: &str, a: &[&str], b: &[&str]) -> Two {
        let rig = Rig::new(policy);
        let servers = json!({"a": Serving::child(&rig, "a", a), "b": Serving::child(&rig, "b", b)});
        let serving = Serving::start(rig, servers).await;
        let token = serving.grant("ann", &["a", "b"]);
        Two { serving, token }
    }

    /// A client of `/mcp`.
    pub(crate) fn all(&self) -> Web {
        all(&self.serving, &self.token)
    }

    /// The same after the handshake.
    pub(crate) async fn opened(&self) -> Web {
        let web = self.all();
        let hello = web.open().await;
        assert!(hello["result"].is_object(), "{hello}");
        web
    }
}

/// A client of all servers of a grant.
pub(crate) fn all(serving: &Serving, token: &str) -> Web {
    let url = format!("{}/mcp", serving.gateway.url);
    Web::new(url).with_header("authorization", &format!("Bearer {token}"))
}

/// A server that is elsewhere.
pub(crate) fn remote(sentinel: &Daemon) -> Value {
    json!({"url": sentinel.url})
}

/// The names of what a list shows.
pub(crate) fn names(listed: &Value, member: &str) -> Vec<String> {
    let entries = listed["result"][member].as_array();
    let entries = entries.unwrap_or_else(|| panic!("{listed}"));
    let name =
        |entry: &Value| entry["name"].as_str().or_else(|| entry["uri"].as_str()).map(str::to_owned);
    entries.iter().filter_map(name).collect()
}

/// The same names with a server's in front.
pub(crate) fn of(server: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{server}__{name}")).collect()
}
