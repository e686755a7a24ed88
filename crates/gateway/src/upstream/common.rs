//! One server connection for many clients' requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use crate::definitions::Definitions;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::RunError;
use crate::outbox::Outbox;

use super::{Connector, Process, Sharing, Upstream};

/// A place for one connection: opened when somebody needs it, opened anew when it has ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common(Arc<Mutex<Option<Open>>>);

#[derive(Debug)]
struct Open {
    shared: Shared,
    process: Option<Process>,
    ended: watch::Receiver<bool>,
}

/// What every request over the connection has in common.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) definitions: Arc<Definitions>,
    pub(crate) inbox: Arc<Inbox>,
}

impl Common {
    pub(crate) async fn open(
        &self,
        connector: &Connector,
        gate: &Arc<Gate>,
    ) -> Result<Shared, RunError> {
        let mut slot = self.0.lock().await;
        let running = slot.take().filter(|open| !*open.ended.borrow());
        let open = match running {
            Some(open) => slot.insert(open),
            None => slot.insert(Open::connect(connector, gate).await?),
        };
        Ok(open.shared.clone())
    }

    pub(crate) async fn end(&self) {
        let Some(open) = self.0.lock().await.take() else { return };
        open.shared.upstream.close(Duration::ZERO).await;
        if let Some(process) = open.process {
            process.finish().await;
        }
    }
}

impl Open {
    async fn connect(connector: &Connector, gate: &Arc<Gate>) -> Result<Self, RunError> {
        let (outbox, mut mail) = Outbox::new();
        // A modern server says nothing that belongs to no request; one that does is not heard.
        tokio::spawn(async move { while mail.recv().await.is_some() {} });
        let inbox = Arc::new(Inbox::new(Arc::clone(gate), outbox));
        let (upstream, process) =
            connector.connect(gate, Arc::clone(&inbox), Sharing::Shared).await?;
        let ended = upstream.ended();
        let shared = Shared { upstream: Arc::new(upstream), definitions: Arc::default(), inbox };
        Ok(Self { shared, process, ended })
    }
}
