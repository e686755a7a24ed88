//! `listen`: where clients connect.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use toolgate_policy::document::outline::{Node, Value, quoted};

use super::form::{Fault, Reads};
use crate::json;

/// An address or a socket on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp((Ipv4Addr::LOCALHOST, PORT).into())
    }
}

impl Listen {
    /// Whether other machines can connect.
    pub(crate) fn is_reachable_from_afar(&self) -> bool {
        matches!(self, Self::Tcp(address) if !address.ip().is_loopback())
    }

    /// How clients on this machine reach it; nothing where that is not known before it listens.
    pub(crate) fn address(&self, is_tls: bool) -> Option<String> {
        let Self::Tcp(address) = self else { return None };
        let scheme = if is_tls { "https" } else { "http" };
        let (ip, port) = (address.ip(), address.port());
        let near = if ip.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { ip };
        (port != 0).then(|| format!("{scheme}://{}", SocketAddr::new(near, port)))
    }

    pub(crate) fn json(&self) -> String {
        match self {
            Self::Tcp(address) => json::string(&address.to_string()),
            Self::Unix(path) => json::string(&format!("{UNIX}{}", path.display())),
        }
    }
}

const PORT: u16 = 8480;
const UNIX: &str = "unix:";

/// `127.0.0.1:8480`, `[::1]:8480`, `unix:/run/toolgate.sock`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address;

impl Reads for Address {
    type Value = Listen;

    fn due(&self) -> String {
        format!("an address such as `127.0.0.1:{PORT}`")
    }

    fn fits(&self, node: &Node) -> bool {
        matches!(node.value, Value::Number(_) | Value::Text(_))
    }

    fn read(&self, node: &Node) -> Result<Listen, Fault> {
        let text = node.number().or_else(|| node.text()).unwrap_or_default();
        match text.strip_prefix(UNIX) {
            Some("") => {
                let message = "the path of the socket is missing";
                Err(Fault::new(message, "write `unix:/run/toolgate/toolgate.sock`"))
            }
            Some(path) => Ok(Listen::Unix(PathBuf::from(path))),
            None => text.parse().map(Listen::Tcp).map_err(|_| {
                Fault::new(format!("{} is no address to listen on", quoted(text)), help(text))
            }),
        }
    }

    fn schema(&self) -> String {
        r#"{"type":"string","pattern":"^(unix:.+|.+:[0-9]+)$","default":"127.0.0.1:8480"}"#
            .to_owned()
    }
}

/// What was meant, where that can be told.
fn help(text: &str) -> String {
    let both = |port: u16| {
        format!("write `127.0.0.1:{port}` for this machine alone, `0.0.0.0:{port}` for all")
    };
    if text.contains("://") {
        return format!("an address has no scheme: write `127.0.0.1:{PORT}`");
    }
    if text.starts_with('/') {
        return format!("did you mean `{UNIX}{text}`?");
    }
    if let Ok(ip) = text.trim_matches(['[', ']']).parse() {
        return format!("add a port: `{}`", SocketAddr::new(ip, PORT));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    match (host, port.parse::<u16>()) {
        ("localhost", Ok(port)) => format!("did you mean `127.0.0.1:{port}`?"),
        ("" | "*", Ok(port)) => both(port),
        (_, Ok(_)) => "names are not looked up: write the address itself".to_owned(),
        (_, Err(_)) => both(PORT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_says_what_was_meant() {
        for (text, meant) in [
            ("localhost:80", "`127.0.0.1:80`"),
            (":80", "`127.0.0.1:80`"),
            ("80", "`0.0.0.0:80`"),
            ("*:80", "`0.0.0.0:80`"),
            ("::1", "`[::1]:8480`"),
            ("10.0.0.1", "`10.0.0.1:8480`"),
            ("http://127.0.0.1:80", "no scheme"),
            ("/run/t.sock", "`unix:/run/t.sock`"),
            ("my-host:80", "not looked up"),
            ("127.0.0.1:99999", "`127.0.0.1:8480`"),
        ] {
            assert!(help(text).contains(meant), "{text}: {}", help(text));
        }
    }

    #[test]
    fn only_loopback_and_sockets_are_near() {
        let tcp = |text: &str| Listen::Tcp(text.parse().unwrap());
        assert!(tcp("0.0.0.0:1").is_reachable_from_afar());
        assert!(tcp("[::]:1").is_reachable_from_afar());
        assert!(!tcp("127.0.0.2:1").is_reachable_from_afar());
        assert!(!Listen::Unix("/run/t.sock".into()).is_reachable_from_afar());
    }
}
