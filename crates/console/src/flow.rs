//! A body that comes bit by bit, as fast as its reader takes it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::reply::Body;

/// Written by whoever has the other end; it waits while the reader does not read.
struct Flow(mpsc::Receiver<io::Result<Bytes>>);

/// Pieces that wait to be read.
const PIECES: usize = 2;

pub(crate) type Pen = mpsc::Sender<io::Result<Bytes>>;

pub(crate) fn flow() -> (Pen, Body) {
    let (pen, pieces) = mpsc::channel(PIECES);
    (pen, Flow(pieces).boxed_unsync())
}

impl hyper::body::Body for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
