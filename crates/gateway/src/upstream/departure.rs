//! A message about to leave: only as long as its permit holds, asked right before the first byte.

use crate::relay::Outbound;
use crate::request::Request;

use super::Failure;

pub(super) struct Departure<'a> {
    request: &'a Request,
    outbound: Option<Outbound>,
}

impl<'a> Departure<'a> {
    pub(super) fn new(request: &'a Request, outbound: Outbound) -> Self {
        Self { request, outbound: Some(outbound) }
    }

    /// Nothing may wait between this and the first byte but a connection.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        if self.request.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        match self.outbound.take() {
            Some(outbound) if !outbound.is_fresh() => Err(outbound.into_failure()),
            outbound => {
                self.outbound = outbound;
                self.request.note_sent(true);
                Ok(())
            }
        }
    }

    /// It came back, and nothing was executed.
    pub(super) fn came_back(&self) {
        self.request.note_sent(false);
    }
}
