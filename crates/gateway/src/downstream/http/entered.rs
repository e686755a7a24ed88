//! Where a request has come in.

use std::sync::Arc;

use crate::options::RunError;
use crate::quota::Places;

use super::behind::Behind;
use super::gathered::{Gathered, Hall};
use super::presence::Presence;
use super::room::Room;
use super::sessions::{Client, Sessions};

#[derive(Clone, Debug)]
pub(crate) enum Entered {
    /// All servers of a grant.
    Hall(Arc<Hall>),
    /// One of them.
    Room(Arc<Room>),
}

impl Entered {
    pub(super) fn message_bytes_max(&self) -> usize {
        match self {
            Self::Hall(hall) => hall.message_bytes_max,
            Self::Room(room) => room.gate.message_bytes_max,
        }
    }

    pub(super) fn presence(&self) -> &Presence {
        match self {
            Self::Hall(hall) => &hall.presence,
            Self::Room(room) => &room.presence,
        }
    }

    /// A new legacy session; it can be found once it is kept.
    pub(super) async fn connect(&self, places: Places) -> Result<Arc<Client>, RunError> {
        match self {
            Self::Hall(hall) => Sessions::gather(hall, places),
            Self::Room(room) => Sessions::connect(room, places).await,
        }
    }

    /// What one modern request goes to, with headers that its client wrote from its arguments.
    pub(super) async fn behind(
        &self,
        mirrored: Vec<(String, Vec<u8>)>,
    ) -> Result<Behind, RunError> {
        match self {
            Self::Hall(hall) => {
                Ok(Behind::All(Arc::new(Gathered::modern(Arc::clone(hall), mirrored))))
            }
            Self::Room(room) => {
                let session = room.modern.session(room).await?.with_mirrored(mirrored);
                Ok(Behind::One(Arc::new(session)))
            }
        }
    }
}
