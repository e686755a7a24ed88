//! What is frozen, as the gates of a process know it.
//!
//! A call is held against this in the transaction that admits it. What no transaction admits, and
//! what waits to be sent, goes by what is known here, a moment old.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use toolgate_store::{DirectoryReader, Extent, Freeze, Freezes, ReadError};

use crate::gate::Gate;
use crate::report::report;

pub(crate) type Known = watch::Receiver<Arc<Freezes>>;

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The directory is looked at many times in this time.
const THAW_WAIT: Duration = Duration::from_secs(1);

impl Gate {
    /// Whether nothing passes here.
    pub(crate) fn is_frozen(&self) -> bool {
        self.freezes.borrow().of(&self.caller).is_some()
    }

    /// Resolves once nothing passes here any more. Whoever waits was let in a moment ago: a freeze
    /// that is known here still has ended.
    pub(crate) async fn freezes(&self) {
        let mut freezes = self.freezes.clone();
        for frozen in [false, true] {
            let turned = |all: &Arc<Freezes>| all.of(&self.caller).is_some() == frozen;
            let known = freezes.wait_for(turned).await.is_ok();
            if !known {
                return std::future::pending().await;
            }
        }
    }

    /// A call was admitted: if a freeze is known here still, its end is on its way.
    pub(crate) async fn thawed(&self) {
        if !self.is_frozen() {
            return;
        }
        let mut freezes = self.freezes.clone();
        let thawed = freezes.wait_for(|freezes| freezes.of(&self.caller).is_none());
        let _ = tokio::time::timeout(THAW_WAIT, thawed).await;
    }
}

/// Who froze it is no agent's business.
pub(crate) fn text(freeze: &Freeze) -> String {
    let what = match &freeze.extent {
        Extent::All => "everything is frozen by the operator".to_owned(),
        Extent::Grant(_) => "this grant is frozen by the operator".to_owned(),
        Extent::Server(name) => format!("the server `{name}` is frozen by the operator"),
    };
    match &freeze.reason {
        Some(reason) => format!("{what}: {reason}"),
        None => what,
    }
}

/// For a gate that has nothing else from the directory: follows it until nobody listens.
pub(crate) async fn follow(reader: DirectoryReader, publish: watch::Sender<Arc<Freezes>>) {
    let (mut seen, mut failing) = (None, false);
    while !publish.is_closed() {
        let looked = look(&reader, &mut seen, &publish);
        if let Err(error) = &looked
            && !failing
        {
            report(&format!("what is frozen stays as it was: {error}"));
        }
        failing = looked.is_err();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn look(
    reader: &DirectoryReader,
    seen: &mut Option<u64>,
    publish: &watch::Sender<Arc<Freezes>>,
) -> Result<(), ReadError> {
    let seq = Some(reader.seq()?);
    if seq != *seen {
        tell(publish, reader.freezes()?);
        *seen = seq;
    }
    Ok(())
}

/// Puts it in force here, and tells the operator what is new.
pub(crate) fn tell(publish: &watch::Sender<Arc<Freezes>>, freezes: Freezes) {
    let before = Arc::clone(&publish.borrow());
    if *before == freezes {
        return;
    }
    let freezes = Arc::new(freezes);
    publish.send_replace(Arc::clone(&freezes));
    report_news(&before, &freezes);
}

/// At the start of a gate.
pub(crate) fn report_all(freezes: &Freezes) {
    report_news(&Freezes::default(), freezes);
}

fn report_news(before: &Freezes, now: &Freezes) {
    for freeze in now.iter().filter(|freeze| before.get(&freeze.extent) != Some(freeze)) {
        report(&format!("{} (by {})", said(freeze), freeze.by));
    }
    for freeze in before.iter().filter(|freeze| now.get(&freeze.extent).is_none()) {
        report(&format!("{} is no longer frozen", what(&freeze.extent)));
    }
}

fn said(freeze: &Freeze) -> String {
    let reason = freeze.reason.as_ref().map(|reason| format!(": {reason}"));
    format!("{} is frozen{}", what(&freeze.extent), reason.unwrap_or_default())
}

fn what(extent: &Extent) -> String {
    match extent {
        Extent::All => "everything".to_owned(),
        Extent::Grant(name) => format!("grant `{name}`"),
        Extent::Server(name) => format!("server `{name}`"),
    }
}
