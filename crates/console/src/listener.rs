//! Where browsers connect.

use std::net::{SocketAddr, TcpListener};

use crate::options::ConsoleError;

/// A console's own address. It is bound before anything else is begun.
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) bound: SocketAddr,
}

impl Listener {
    pub fn bind(address: SocketAddr) -> Result<Self, ConsoleError> {
        let unusable = |error: std::io::Error| ConsoleError::Listen {
            address: address.to_string(),
            what: error.to_string(),
        };
        let socket = TcpListener::bind(address).map_err(unusable)?;
        socket.set_nonblocking(true).map_err(unusable)?;
        let bound = socket.local_addr().map_err(unusable)?;
        Ok(Self { socket, bound })
    }

    /// As a person would write it.
    pub fn address(&self) -> String {
        format!("http://{}", self.bound)
    }
}
