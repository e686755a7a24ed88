//! `console`: where people look and answer.

use std::net::{Ipv4Addr, SocketAddr};

use toolgate_policy::document::outline::{Node, Shape, Table, may};

use super::form::{Fault, Reads, Written};
use super::host::Origin;
use super::listen::{Address, Listen};
use super::reading::Reading;
use super::url::is_plain_and_far;
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Console {
    pub(crate) listen: SocketAddr,
    /// How browsers reach it, where that is not its own address.
    pub(crate) url: Option<String>,
}

pub(crate) const PORT: u16 = 8481;

/// An address with a port: browsers do not connect to sockets in files.
#[derive(Clone, Copy, Debug)]
struct Place;

pub(crate) static TABLE: Table = Table {
    name: "console",
    place: "in `console`",
    keys: &[
        may(
            "listen",
            Shape::Form(&Written(Place)),
            "Where browsers connect: `127.0.0.1:8481` if absent; port 0 is a free one.",
        ),
        may(
            "url",
            Shape::Form(&Written(Origin)),
            "How people reach it, `https://toolgate.example.com`, where a proxy stands in front.",
        ),
    ],
};

impl Console {
    pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Self {
        let listen = Place.take(node.get("listen"));
        let listen = listen.unwrap_or((Ipv4Addr::LOCALHOST, PORT).into());
        let console = Self { listen, url: Origin.take(node.get("url")) };
        console.warn(node, reading);
        console
    }

    fn warn(&self, node: &Node, reading: &mut Reading<'_>) {
        let span = |key| node.get(key).map_or(node.span, |there| there.span);
        match &self.url {
            None if self.listen.ip().is_unspecified() => {
                let message = "requests must name the console's host, and none is known";
                let help = "say how people reach it: `url: https://toolgate.example.com`";
                reading.findings.error(span("listen"), message).help(help);
            }
            None if !self.listen.ip().is_loopback() => {
                let message = "other machines can connect, and tokens travel in plain text";
                let help = "listen on `127.0.0.1` behind a proxy that speaks TLS, and name its \
                            `url`";
                reading.findings.warning(span("listen"), message).help(help);
            }
            Some(url) if is_plain_and_far(url) => {
                let message = "tokens and sessions travel in plain text";
                reading.findings.warning(span("url"), message).help("write `https://`");
            }
            Some(_) | None => {}
        }
    }

    pub(crate) fn json(&self) -> String {
        Object::new()
            .text("listen", &self.listen.to_string())
            .maybe_text("url", self.url.as_deref())
            .finish()
    }
}

impl Reads for Place {
    type Value = SocketAddr;

    fn due(&self) -> String {
        format!("an address such as `127.0.0.1:{PORT}`")
    }

    fn fits(&self, node: &Node) -> bool {
        Address.fits(node)
    }

    fn read(&self, node: &Node) -> Result<SocketAddr, Fault> {
        match Address.read(node)? {
            Listen::Tcp(address) => Ok(address),
            Listen::Unix(_) => {
                let help = format!("write `127.0.0.1:{PORT}`");
                Err(Fault::new("browsers do not connect to sockets in files", help))
            }
        }
    }

    fn schema(&self) -> String {
        r#"{"type":"string","pattern":"^.+:[0-9]+$","default":"127.0.0.1:8481"}"#.to_owned()
    }
}
