//! What is left to be done for a request: by whoever waits for its answer, or else in a task of
//! its own.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;

use crate::outbox::Answer;
use crate::request::Request;

/// Resolves to the answer; never, if there is nothing to do. Dropped before its end it goes on by
/// itself, so that a record is closed though the client leaves; its answer comes by mail then.
#[derive(Default)]
pub(crate) struct Work(Option<Doing>);

struct Doing {
    request: Arc<Request>,
    rest: Pin<Box<dyn Future<Output = Option<Answer>> + Send>>,
}

impl Work {
    pub(crate) fn new(
        request: Arc<Request>,
        rest: impl Future<Output = Option<Answer>> + Send + 'static,
    ) -> Self {
        Self(Some(Doing { request, rest: Box::pin(rest) }))
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl Future for Work {
    type Output = Option<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        let Some(doing) = &mut self.0 else { return Poll::Pending };
        let answer = ready!(doing.rest.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(answer)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(Doing { request, rest }) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { request.end(rest.await).await });
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use toolgate_protocol::{Message, Side};

    use super::*;
    use crate::outbox::{Inward, Mail, Outbox};

    fn request() -> (Arc<Request>, Inward) {
        let ping = Bytes::from_static(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
        let (outbox, mail) = Outbox::new();
        let request = Request::of(&Message::read(ping, Side::Client).unwrap(), outbox).unwrap();
        (Arc::new(request), mail)
    }

    async fn answer() -> Option<Answer> {
        tokio::task::yield_now().await;
        Some(Answer::plain(Bytes::from_static(b"{}")))
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_answer_and_no_mail() {
        let (request, mut mail) = request();
        let mut work = Work::new(request, answer());
        assert_eq!((&mut work).await.unwrap().bytes, "{}");
        assert!(work.is_none());
        drop(work);
        assert!(mail.recv().await.is_none());
    }

    #[tokio::test]
    async fn what_nobody_waits_for_goes_on_to_its_end() {
        let (request, mut mail) = request();
        let mut work = Work::new(request, answer());
        let begun = std::future::poll_fn(|context| {
            Poll::Ready(Pin::new(&mut work).poll(context).is_ready())
        });
        assert!(!begun.await);
        drop(work);
        assert!(matches!(mail.recv().await, Some(Mail::Answer(_))));
        assert!(mail.recv().await.is_none());
    }
}
