//! Clients over streamable HTTP, both eras.

mod behind;
mod body;
mod connection;
mod door;
mod edge;
mod ends;
mod entered;
mod gathered;
mod get;
mod link;
mod listener;
mod modern;
mod post;
mod presence;
mod respond;
mod room;
mod sessions;
mod stall;
mod streams;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use tokio::sync::watch;

use crate::gate::Gate;
use crate::options::RunError;
use crate::quota::Quota;
use crate::random;
use crate::report::report;
use crate::signal;
use crate::upstream::Connector;

use door::OneRoom;

pub(crate) use body::Body;
pub(crate) use connection::accept;
pub(crate) use door::{Admitted, Asked, Bounds, Door};
pub(crate) use edge::{Edge, bearer};
pub(crate) use entered::Entered;
pub(crate) use gathered::{Hall, Opening, Rooms};
pub(crate) use listener::Listener;
pub(crate) use presence::{Caps, Share};
pub(crate) use respond::{Rejection, page};
pub(crate) use room::Room;
pub(crate) use tls::Tls;

/// Connections of the one room's clients.
const CONNECTIONS_MAX: usize = 4096;
const HEADERS_BYTES_MAX: usize = 64 << 10;
/// How long a client may take to read some of what it is sent.
const WRITE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// How often idle sessions are looked for.
const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(10);
/// Legacy sessions of the one room.
const SESSIONS_MAX: usize = 256;

/// Serves one room until a signal comes. Gives the exit code.
pub(crate) async fn serve(
    gate: Arc<Gate>,
    connector: Connector,
    address: SocketAddr,
) -> Result<i32, RunError> {
    connector.probe()?;
    let listener = Listener::tcp(address, "--listen").await?;
    let token = random::hex::<32>()?;
    let edge = Edge::new(listener.bound(), false, &[], &[]);
    let room = Arc::new(Room::new(gate, connector, Caps::of_one(SESSIONS_MAX)));
    report(&format!("listening on {}/mcp", listener.address()));
    report(&format!("token: {token} (send it as `Authorization: Bearer …`; it is shown once)"));
    let connections = Quota::new(CONNECTIONS_MAX);
    let bounds =
        Bounds { connections, headers_bytes: HEADERS_BYTES_MAX, write_timeout: WRITE_TIMEOUT };
    let door = Arc::new(OneRoom { edge, bounds, token, room: Arc::clone(&room) });
    let (_never, stopping) = watch::channel(false);
    tokio::spawn(accept(listener, door, stopping));
    tokio::spawn(sweep(Arc::downgrade(&room)));
    let code = signal::stop().await;
    room.end().await;
    Ok(code)
}

async fn sweep(room: Weak<Room>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(room) = room.upgrade() else { return };
        room.presence.sweep();
    }
}
